/* What the catalog says of a candidate, as JSON for those who look: {"state", "stages": [{"night", "percent", "rings"}],
 * "most_rolled_back", "most_silent", "least", "needs_brake"}; bounds are in hundredths of a percent. */
#ifndef COLLECTOR_ROLLOUT_ROLLOUT_PLAN_H
#define COLLECTOR_ROLLOUT_ROLLOUT_PLAN_H

#include "collector/rollout/rollout_row.h"

WARN_UNUSED int rollout_plan_write(
	const struct candidate *candidate, char ret_plan[static ROLLOUT_PLAN_SIZE], struct error *err);

/* Share of the fleet that the stage after the first OPEN ones adds; 0 where there is none. */
double rollout_plan_next(const struct candidate *candidate, int64_t open);
/* Share of the fleet that the first OPEN stages let take it; rings are not counted. */
double rollout_plan_until(const struct candidate *candidate, int64_t open);

#endif
