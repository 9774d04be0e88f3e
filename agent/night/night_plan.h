/* What a night leaves to the guard. */
#ifndef AGENT_NIGHT_NIGHT_PLAN_H
#define AGENT_NIGHT_NIGHT_PLAN_H

#include "agent/night/night_work.h"
#include "rollback/plan.h"

/* The programs that the guard is to run, as the plan holds them. ERROR_REFUSED: the guard cannot take them. */
WARN_UNUSED int night_write_programs(const struct release *release, struct plan_entry *ret_entry, struct error *err);
/* Once the last of a group is there, the guard is told, then the store: a cut in between leaves a plan that the next
 * start brings the store in line with. */
WARN_UNUSED int night_settle_group(struct night *night, const struct wanted *wanted, struct error *err);

#endif
