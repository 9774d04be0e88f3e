/* Accounts for windows: each one that is over gets a row that says what became of it (agent/store/contact.h), also those in
 * which the terminal was off, so that no night goes by unseen. */
#ifndef AGENT_TURN_ACCOUNT_H
#define AGENT_TURN_ACCOUNT_H

#include "agent/base/terminal.h"
#include "agent/store/contact.h"
#include "scheduler/schedule.h"

/* Accounts for all windows that have ended since the last time, where that is 400 days ago at most; a missed one is told in the history
 * too. A clock that is behind, or was set ahead, accounts for none: they follow when it is right again, and what it jumped over
 * was never there. That it was set is a row of the history. To be called
 * at the agent's start, when a window has ended, and before anything that decides is changed, such as a pause. */
WARN_UNUSED int account_windows(struct terminal *terminal, struct error *err);

/* How long after the opening of WINDOW the terminal is likely to be switched off, as it was in the last window of
 * that hour in which it was on; 0: not before its end, or that is not known. */
WARN_UNUSED int account_likely_on_for(
	struct terminal *terminal, const struct schedule_answer *window, int64_t *ret_on_for_s, struct error *err);

/* When the agent should note next that it is there: now and then in an open window, and at its two ends. */
int64_t account_next_note_s(struct terminal *terminal);

#endif
