/* What the parts of agent/wanted*.c share. */
#ifndef AGENT_STATUS_WANTED_INSIDE_H
#define AGENT_STATUS_WANTED_INSIDE_H

#include "agent/status/wanted.h"
#include "rollback/plan.h"

/* Keeps a package from its delivery, for a reason in words. */
void wanted_shut(struct wanted *wanted, enum wanted_gate gate, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Shuts out whatever requires what does not come, until nothing changes: shutting one out may leave another alone.
 * Those that come because of each other share a group from then on. */
void wanted_pass_requirements(const struct plan *plan, const struct wanted_list *list);

#endif
