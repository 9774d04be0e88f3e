/* A release that failed while the applications run is taken back at once, where the site wants that and its
 * applications can be stopped and started: [install] rollback = now. */
#ifndef AGENT_RESTART_TAKE_BACK_H
#define AGENT_RESTART_TAKE_BACK_H

#include "agent/base/terminal.h"
#include "rollback/plan.h"

/* True where there is something to do for take_back_condemned() at once: it was not tried yet in this start of the machine,
 * or it was interrupted, and applications are waiting to be started. */
WARN_UNUSED int take_back_is_due(
	struct terminal *terminal, const struct plan *plan, bool *ret_due, struct error *err);

/* Takes back each condemned group whose applications can be stopped: stops them, makes the former releases current,
 * takes what happened into the store, and starts them again; also those that an interrupted call has stopped. A group that
 * cannot be taken back now waits for the next restart, and the log says why. *RET_AGENT is true where the agent's own package
 * was among them: the one that runs is no longer the current one. Errors are those of the store only. */
WARN_UNUSED int take_back_condemned(struct terminal *terminal, bool *ret_agent, struct error *err);

#endif
