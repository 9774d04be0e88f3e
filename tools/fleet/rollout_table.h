/* Many rollouts: what each kind of candidate does to a fleet, with the brake and by shares and nights alone, and the bars. */
#ifndef TOOLS_FLEET_ROLLOUT_TABLE_H
#define TOOLS_FLEET_ROLLOUT_TABLE_H

#include "tools/fleet/rollout_model.h"

/* The bars: shares of the fleet, and of the good rollouts. */
#define ROLLOUT_BRICKS_ALL_HARMED_MOST 0.001
#define ROLLOUT_BRICKS_SOME_TAKEN_MOST 0.015
#define ROLLOUT_BRICKS_SOME_HARMED_MOST 0.0008
#define ROLLOUT_FALSE_STOPS_MOST 0.01

struct rollout_table_options {
	uint32_t terminals, pilots;
	uint64_t seed;
	uint32_t good; /* rollouts of a good candidate */
	uint32_t bad;  /* of each of the others */
	void (*told)(const struct rollout_result *result); /* each rollout that was played; may be NULL */
};
#define ROLLOUT_TABLE_OPTIONS_INIT {.terminals = 240000, .pilots = 200, .seed = 1, .good = 200, .bad = 20}

/* What the brake adds to rollouts that finish: nights until a share of those have the candidate that have it in the end in the same
 * fleet and the same nights without a brake, less the nights that it takes there. */
struct rollout_added {
	double share;
	uint32_t rollouts; /* with a night or more */
	uint32_t nights;   /* of all */
	uint32_t unheard;  /* of these, such as follow dark nights of the same rollout: what nobody can hear opens nothing */
	uint32_t most;	   /* of one */
};

/* What became of all rollouts of one kind of candidate, all with outages, closed days and snow. Shares are of the fleet. */
struct rollout_row {
	enum rollout_harm harm;
	bool has_brake;
	uint32_t rollouts, stopped;
	uint32_t finished;  /* the last stage opened */
	uint32_t late;	    /* of these, later than its night */
	uint32_t late_most; /* nights */
	uint32_t lost_closed, lost_outage, lost_otherwise; /* nights, as in struct rollout_result */
	struct rollout_added added[2];
	double taken, taken_most, bricked, bricked_most, returned; /* at the end: the mean of all, and the most */
	struct rollout_result first; /* for curves */
};

struct rollout_table {
	struct rollout_table_options options;
	struct rollout_row rows[ROLLOUT_HARM_COUNT][2]; /* without the brake, with it */
	struct rollout_row by_calendar; /* good ones, of which no stage has a night before a closed day */
	struct rollout_row far_apart;	/* what bricks terminals later, with stages that are five nights apart */
	uint32_t late_in_usual_weeks, usual_weeks;	/* good rollouts with the brake, where nothing happens */
};

WARN_UNUSED int rollout_table_make(
	const struct rollout_table_options *options, struct rollout_table *ret_table, struct error *err);
bool rollout_table_holds(const struct rollout_table *table);

#endif
