/* When the terminal's next job is due, and what the end of one means for the rest of the night. What must outlive a
 * restart is kept in the store, so that restarts neither lose a turn nor give one twice. */
#ifndef AGENT_RESIDENT_AGENDA_H
#define AGENT_RESIDENT_AGENDA_H

#include "agent/base/job_kind.h"
#include "agent/base/job_lines.h"
#include "agent/base/terminal.h"
#include "scheduler/schedule.h"

struct agenda {
	enum job_kind kind;
	int64_t due_s;		      /* SCHEDULE_NEVER: nothing is due before something changes */
	char reason[STORE_TEXT_SIZE]; /* for people */
	int64_t night_s; /* when this terminal's next turn is, whatever comes before; SCHEDULE_NEVER: there is none */
};

/* The next job, from what the store, the plan, the configuration and the kept catalog say. */
WARN_UNUSED int agenda_next(struct terminal *terminal, struct agenda *ret_agenda, struct error *err);

/* A night job ended in WINDOW with RESULT and WHY (NULL: well): records what became of the night, and whether the
 * terminal tries again in it. */
WARN_UNUSED int agenda_settle_night(struct terminal *terminal, const struct schedule_answer *window,
	const struct job_result *result, const struct error *why, struct error *err);

/* A job ended with WHY before it could settle anything, by a crash or at its very beginning: an attempt that failed like any
 * other. Of no effect for jobs that nothing is settled for. */
WARN_UNUSED int agenda_settle_lost(
	struct terminal *terminal, enum job_kind kind, const struct error *why, struct error *err);

/* A confirm job ended: one that could not tell is tried again after a pause. */
WARN_UNUSED int agenda_settle_confirm(struct terminal *terminal, const struct error *why, struct error *err);

#endif
