/* What the parts of agent/explain*.c share. */
#ifndef AGENT_STATUS_EXPLAIN_INSIDE_H
#define AGENT_STATUS_EXPLAIN_INSIDE_H

#include "agent/status/explain.h"

/* ---- explain_answer.c: what stands at a gate, and where that comes from ---- */

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

/* ---- The questions: explain_staff.c, explain_server.c, explain_catalog.c, explain_time.c ---- */

/* What is asked about. */
struct explain_case {
	const struct explain_facts *facts;
	const struct status_package *package;
	const struct catalog_package *named; /* as the catalog names it; NULL where it does not */
	struct finding finding;		     /* of the newest release; its texts are "" where none was read yet */
};

/* Fills the answer, which is open and empty before. */
typedef int explain_question(const struct explain_case *about, struct explain_answer *answer, struct error *err);

#define EXPLAIN_QUESTION(enumerator, question, name, open) WARN_UNUSED explain_question explain_ask_##question;
EXPLAIN_EACH_GATE(EXPLAIN_QUESTION)
#undef EXPLAIN_QUESTION

#endif
