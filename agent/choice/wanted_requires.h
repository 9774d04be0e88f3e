/* Which of the chosen packages need each other. */
#ifndef AGENT_CHOICE_WANTED_REQUIRES_H
#define AGENT_CHOICE_WANTED_REQUIRES_H

#include "agent/choice/wanted.h"
#include "rollback/plan.h"

/* Shuts out whatever requires what does not come, until nothing changes: shutting one out may leave another alone.
 * Those that come because of each other share a group from then on. */
void wanted_pass_requirements(const struct plan *plan, const struct wanted_list *list);

#endif
