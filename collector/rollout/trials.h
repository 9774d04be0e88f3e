/* What befalls terminals that take a candidate, and others in the same nights, as their reports tell it: rows of the tables trial
 * and cohort. */
#ifndef COLLECTOR_ROLLOUT_TRIALS_H
#define COLLECTOR_ROLLOUT_TRIALS_H

#include "collector/judgement/judgement.h"
#include "collector/rollout/rollout_row.h"

#define TRIALS_NIGHTS_MOST 128

/* Within a transaction: brings the rows in line with what was reported, and picks others for those that took it TONIGHT. Where no
 * collector was there for a while, both sides are silent alike: while a candidate is on its way, terminals send a report that nobody took
 * again in the same night. */
WARN_UNUSED int trials_follow(
	struct database *database, const struct rollout_row *rollout, int64_t tonight, struct error *err);

/* What is known, night by night. */
struct trials {
	int64_t nights[TRIALS_NIGHTS_MOST];
	int64_t bases[TRIALS_NIGHTS_MOST];
	struct judgement_cohort cohorts[TRIALS_NIGHTS_MOST];
	struct judgement_cohort alike[TRIALS_NIGHTS_MOST][2]; /* the same, of the unsteady and of the steady */
	int64_t taken[TRIALS_NIGHTS_MOST];	 /* terminals that took it, with those that told only how it ended */
	int64_t ended[TRIALS_NIGHTS_MOST];	 /* of these: confirmed or rolled back */
	int64_t rolled_back[TRIALS_NIGHTS_MOST]; /* of these */
	size_t count;
};
/* Where there are more nights, the last ones. */
WARN_UNUSED int trials_count(
	struct database *database, int64_t rollout, struct trials *ret_trials, struct error *err);

/* Drops the rows of rollouts that are over and began before BEFORE_S. */
WARN_UNUSED int trials_forget(struct database *database, int64_t before_s, struct error *err);

#endif
