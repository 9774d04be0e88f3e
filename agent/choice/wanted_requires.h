/* Which of the chosen packages need each other. */
#ifndef AGENT_CHOICE_WANTED_REQUIRES_H
#define AGENT_CHOICE_WANTED_REQUIRES_H

#include "agent/choice/candidates.h"
#include "agent/choice/wanted.h"
#include "rollback/plan.h"

/* Shuts out whatever requires what does not come, until nothing changes: shutting one out may leave another alone.
 * Those that come because of each other share a group from then on. An update that lacks nothing but one whose turn in a rollout has
 * not come here waits for that turn (WANTED_NOT_YET). */
void wanted_pass_requirements(const struct plan *plan, const struct candidates *candidates, const struct wanted_list *list);

#endif
