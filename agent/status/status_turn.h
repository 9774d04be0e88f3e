/* Whose turn in a rollout has not come here. */
#ifndef AGENT_STATUS_STATUS_TURN_H
#define AGENT_STATUS_STATUS_TURN_H

#include "agent/base/terminal.h"
#include "agent/choice/candidates.h"
#include "agent/status/status.h"

/* Of each package that CATALOG names, once its newest version is known: its own turn, or that of what it requires. */
WARN_UNUSED int status_turn_read(struct terminal *terminal, const struct catalog *catalog, const struct candidates *candidates,
	struct status *status, struct error *err);

/* Of a package that waits for what it requires: whether a person here keeps that away. */
WARN_UNUSED int status_turn_read_needs(
	struct terminal *terminal, const struct status *status, struct status_package *package, struct error *err);

#endif
