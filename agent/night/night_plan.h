/* What a night leaves to the guard. */
#ifndef AGENT_NIGHT_NIGHT_PLAN_H
#define AGENT_NIGHT_NIGHT_PLAN_H

#include "agent/night/night_work.h"

/* Once the last of a group is there, the guard is told, then the store: a cut in between leaves a plan that the next
 * start brings the store in line with. */
WARN_UNUSED int night_settle_group(struct night *night, const struct wanted *wanted, struct error *err);

#endif
