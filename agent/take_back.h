/* A release that failed while the applications run is taken back at once, where the site wants that and its
 * applications can be stopped and started: [install] rollback = now. */
#ifndef AGENT_TAKE_BACK_H
#define AGENT_TAKE_BACK_H

#include "agent/terminal.h"
#include "rollback/plan.h"

/* Takes back each condemned group whose applications can be stopped: stops them, makes the former releases current,
 * takes what happened into the store, and starts them again. A group that cannot be taken back now waits for the next
 * restart, and the log says why. *RET_AGENT is true where the agent's own package was among them: the one that runs
 * is no longer the current one. Errors are those of the store only. */
WARN_UNUSED int take_back_condemned(struct terminal *terminal, bool *ret_agent, struct error *err);

#endif
