/* The questions that `explain` asks, one for each gate: explain_staff.c, explain_server.c, explain_catalog.c,
 * explain_time.c. */
#ifndef AGENT_STATUS_EXPLAIN_QUESTION_H
#define AGENT_STATUS_EXPLAIN_QUESTION_H

#include "agent/choice/kept_choice.h"
#include "agent/status/explain_answer.h"
#include "agent/status/explain_gates.h"

/* What is asked about. */
struct explain_case {
	const struct explain_facts *facts;
	const struct status_package *package;
	const struct catalog_package *named; /* as the catalog names it; NULL where it does not */
	struct kept_choice kept;		     /* of the newest release; its texts are "" where none was read yet */
};

/* Fills the answer, which is open and empty before. */
typedef int explain_question(const struct explain_case *about, struct explain_answer *answer, struct error *err);

#define EXPLAIN_QUESTION(enumerator, question, name, repair, telling, open, who) WARN_UNUSED explain_question explain_ask_##question;
EXPLAIN_EACH_GATE(EXPLAIN_QUESTION)
#undef EXPLAIN_QUESTION

#endif
