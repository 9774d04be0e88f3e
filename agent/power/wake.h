/* A terminal that is switched off at night ([power] wake): the alarm of its real-time clock starts it for its turn, it does its
 * night, and is powered down again if nobody has touched it.
 *
 * The alarm stands all the time, so that it does not matter how the machine goes down. One that somebody else has set is left alone. What
 * must outlive the machine being off is kept in the store. */
#ifndef AGENT_POWER_WAKE_H
#define AGENT_POWER_WAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/base/terminal.h"
#include "agent/store/record.h"
#include "scheduler/schedule.h"

/* So much before the turn, and the start delay, does it start. */
#define WAKE_LEAD_S 60
/* A start or waking so long after the alarm, at most, is the alarm's doing. */
#define WAKE_LATE_S 300
/* Where more is to be done within this time, the machine stays on for it. */
#define WAKE_STAYS_S 3600

/* What the resident part remembers of the machine's sleep. Zeroed at its start. */
struct wake_watch {
	bool is_begun;
	int64_t slept_ms;
};

/* Brings the alarm in line with the next turn, at NIGHT_S (SCHEDULE_NEVER: none). What hinders it is kept for wake_tell(), and
 * logged once. */
void wake_arrange(struct terminal *terminal, int64_t night_s);

/* Has the machine been started, or woken from sleep, by our alarm? Notes it, with a row of the history; to be called before
 * wake_arrange(), and whenever time has passed. */
WARN_UNUSED int wake_notice(struct terminal *terminal, struct wake_watch *watch, struct error *err);

/* When the machine is powered down again, NEXT_S being when the next job is due: now, or SCHEDULE_NEVER where it was not our alarm that woke
 * it, where it has been touched since, or more is to be done soon. */
WARN_UNUSED int wake_down_due_s(struct terminal *terminal, int64_t next_s, int64_t *ret_due_s, struct error *err);

/* Does it, unless somebody uses the machine; either is a row of the history, and it is tried once. ERROR_FAILED where the command fails. */
WARN_UNUSED int wake_power_down(struct terminal *terminal, struct error *err);

/* Somebody is there: it stays on. */
WARN_UNUSED int wake_stay(struct terminal *terminal, struct error *err);

/* Was the machine woken for the window? */
WARN_UNUSED int wake_was_for(
	struct terminal *terminal, const struct schedule_answer *window, bool *ret_woken, struct error *err);

struct wake_state {
	bool is_wanted;
	int64_t alarm_s;		/* when the machine starts by itself; 0: it does not */
	char trouble[STORE_TEXT_SIZE]; /* why not; "" where there is nothing to wake it for, or it does */
};
WARN_UNUSED int wake_tell(struct terminal *terminal, struct wake_state *ret_state, struct error *err);

#endif
