/* The collector of a simulated rollout: what it is told by terminals, counted as the real one does (collector/rollout), and its
 * judgement. */
#ifndef TOOLS_FLEET_ROLLOUT_WATCH_H
#define TOOLS_FLEET_ROLLOUT_WATCH_H

#include "collector/judgement/judgement.h"
#include "tools/fleet/rollout_weather.h"

enum rollout_state { ROLLOUT_FORMER, ROLLOUT_STAGED, ROLLOUT_CURRENT, ROLLOUT_RETURNED, ROLLOUT_BRICKED };

/* What the collector knows of one terminal. Nights count from 0; -1: none. */
struct rollout_known {
	uint8_t region;
	int8_t took;	/* the night in which it said first that it had taken it */
	int8_t other;	/* the night for which it is one of the others */
	int8_t heard;	/* the last night in which it was heard of */
	int8_t before;	/* the one before that */
	uint16_t absence; /* as others.h counts it */
	bool is_steady;	  /* was, when it took it, or was picked as one of the others */
	bool is_back;	/* heard of since the cohort's base */
	bool is_settled; /* it told how it ended */
};

struct rollout_watch {
	struct rollout_known *known;
	uint32_t terminals;
	struct judgement_cohort cohorts[ROLLOUT_NIGHTS][2]; /* of the unsteady, of the steady */
	int bases[ROLLOUT_NIGHTS]; /* reports of later nights than this count */
	int64_t settled, rolled_back;
	uint32_t first_other; /* where looking for others begins, so that it is not always the same who are asked */
};

/* Terminal I was heard of in NIGHT, below 0: before the first one. */
void rollout_watch_see(struct rollout_watch *watch, uint32_t i, int night);
/* Terminal I says in NIGHT how it stands. */
void rollout_watch_hear(struct rollout_watch *watch, uint32_t i, enum rollout_state state, int night);
/* At the end of NIGHT: picks the others beside those that took it then, alike by region, and by whether they
 * were heard of the night before; and looks at cohorts anew of which most
 * still wait for a restart. */
void rollout_watch_end_night(struct rollout_watch *watch, int night);
/* What is asked of it: the next stage. */
struct rollout_question {
	int opened;	 /* the night in which the last stage opened */
	double next;	 /* share of the fleet that the next one adds */
	double until;	 /* share that may take it then */
	bool is_overdue; /* as in struct judgement_facts */
};
void rollout_watch_judge(
	const struct rollout_watch *watch, const struct rollout_question *question, struct judgement *ret_judgement);

#endif
