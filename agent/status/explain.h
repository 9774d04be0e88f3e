/* Why a package is, or is not, delivered now: every gate between it and its newest release, what stands there, and
 * where that comes from. The gates are those of agent/status/wanted.c and of the agenda, asked again from what the terminal
 * keeps, without the network. */
#ifndef AGENT_STATUS_EXPLAIN_H
#define AGENT_STATUS_EXPLAIN_H

#include "agent/status/explain_gates.h"
#include "agent/status/findings.h"
#include "agent/status/status.h"
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

struct explanation {
	struct explain_answer gates[EXPLAIN_GATES];
	enum explain_gate decides; /* the first that is shut; EXPLAIN_GATES: none, it may come now */
};

/* What is known of the whole terminal. All borrowed. */
struct explain_facts {
	struct terminal *terminal;
	const struct status *status;
	const struct catalog *catalog; /* NULL before the first contact */
	struct schedule_rules rules;
	struct findings findings;
	uint8_t secret[SLOT_SECRET_SIZE];
	int64_t time_floor_s;
	int64_t turn_s; /* the terminal's next turn; 0: none is known */
};

/* Gathers what explain_package() needs from the terminal. */
WARN_UNUSED int explain_collect(struct terminal *terminal, const struct status *status, const struct catalog *catalog,
	int64_t turn_s, struct explain_facts *ret_facts, struct error *err);

WARN_UNUSED int explain_package(const struct explain_facts *facts, const struct status_package *package,
	struct explanation *ret_explanation, struct error *err);

/* Such as "window". */
const char *explain_gate_name(enum explain_gate gate);

#endif
