/* What a stop or a recall asks of what is here already. */
#ifndef AGENT_RESTART_ROLLOUT_HEED_H
#define AGENT_RESTART_ROLLOUT_HEED_H

#include "agent/choice/candidates.h"

/* Takes staged candidates that were stopped out of the plan, with whatever was to become current together with them, and gives up
 * those that are on their way; makes recalled ones go back at the next restart, with whatever cannot stay without them; and lets a
 * resumed one come again where it went by a recall alone. A candidate without a way back stays, and the log says so.
 * *RET_CHANGED: CANDIDATES are to be found anew. */
WARN_UNUSED int rollout_heed(
	struct terminal *terminal, const struct candidates *candidates, bool *ret_changed, struct error *err);

/* The same by what was kept at the last contact: at the start of the agent, for one that was cut short. */
WARN_UNUSED int rollout_heed_kept(struct terminal *terminal, struct error *err);

#endif
