/* What stands at a gate of `explain`, and where that comes from. */
#ifndef AGENT_STATUS_EXPLAIN_ANSWER_H
#define AGENT_STATUS_EXPLAIN_ANSWER_H

#include "agent/server/last_contact.h"
#include "agent/status/status.h"
#include "manifests/catalog/catalog.h"
#include "scheduler/schedule.h"
#include "scheduler/slot.h"

#define EXPLAIN_VALUE_SIZE 320

/* One gate. VALUE is neutral: numbers, versions, names, moments on the terminal's wall; or else CODE, an error's
 * name, says what was met, and DETAIL tells support. */
struct explain_answer {
	bool open;
	char value[EXPLAIN_VALUE_SIZE];
	char source[EXPLAIN_VALUE_SIZE]; /* "FILE:LINE", "default", "catalog N", "history N", "disk", "clock", "" */
	char code[16];
	char detail[STORE_TEXT_SIZE];
};

/* What is known of the whole terminal. All borrowed. */
struct explain_facts {
	struct terminal *terminal;
	const struct status *status;
	const struct catalog *catalog; /* NULL before the first contact */
	struct schedule_rules rules;
	struct last_contact contact;
	uint8_t secret[SLOT_SECRET_SIZE];
	int64_t time_floor_s;
	int64_t turn_s; /* the terminal's next turn; 0: none is known */
};

#define EXPLAIN_WALL_SIZE 32

void explain_set_value(struct explain_answer *answer, const char *fmt, ...) PRINTF_LIKE(2, 3);
void explain_set_source(struct explain_answer *answer, const char *fmt, ...) PRINTF_LIKE(2, 3);
void explain_source_is_catalog(const struct explain_facts *facts, struct explain_answer *answer);
void explain_source_is_setting(
	const struct explain_facts *facts, struct explain_answer *answer, const char *section, const char *key);
/* The newest row of the history about OPERATION. */
WARN_UNUSED int explain_source_is_history(const struct explain_facts *facts, struct explain_answer *answer,
	const char *operation, const char *package, struct error *err);

/* "2026-01-10 20:00", as the wall shows it. */
const char *explain_wall(const struct explain_facts *facts, int64_t time_s, char ret_text[static EXPLAIN_WALL_SIZE]);
/* CODE is the name of an error, or "". */
void explain_shut(struct explain_answer *answer, const char *code, const char *detail);

#endif
