/* A rollout to a fleet of terminals, night by night: each terminal decides by the product's rollout_decide(), and a collector that
 * counts what it is told judges by the product's judgement_make(). docs/rollouts.md says what is assumed of the field. */
#ifndef TOOLS_FLEET_ROLLOUT_MODEL_H
#define TOOLS_FLEET_ROLLOUT_MODEL_H

#include "collector/judgement/judgement.h"
#include "common/error.h"
#include "tools/fleet/rollout_weather.h"

/* What the candidate does to terminals when it becomes current. */
enum rollout_harm {
	ROLLOUT_GOOD,
	ROLLOUT_BRICKS_ALL,    /* the machine starts no more, and nobody hears of it again */
	ROLLOUT_BRICKS_SOME,   /* the same, for those of one hardware model: one in twenty */
	ROLLOUT_RETURNS_ALL,   /* its health check fails: it is rolled back by itself */
	ROLLOUT_RETURNS_SOME,  /* the same, for one in two hundred */
	ROLLOUT_BRICKS_LATER, /* bricks every terminal in the third night that it runs */
	ROLLOUT_HARM_COUNT,
};
const char *rollout_harm_name(enum rollout_harm harm); /* "good", "bricks-all" ... */

struct rollout_options {
	uint32_t terminals; /* 1000 or more */
	uint32_t pilots;
	uint64_t seed;
	enum rollout_harm harm;
	bool has_brake; /* else the stages open on their nights alone */
	bool is_eventful;
	bool knows_calendar; /* the operator gives no stage a night before a closed day */
	int apart;	     /* nights between stages, 1 or more */
};

/* How things stand at the end of a night. */
struct rollout_night {
	struct rollout_weather weather;
	uint32_t taken;	    /* terminals that took it so far, staged or more */
	uint32_t bricked, returned;
	uint32_t open;	    /* stages that the collector lets open; without a brake, that have come */
	enum judgement_verdict verdict;
	double caused_silent, caused_rolled_back;
};

struct rollout_result {
	struct rollout_options options;
	struct rollout_night nights[ROLLOUT_NIGHTS];
	uint32_t nights_count;
	uint32_t stages_count;
	int due[8];	    /* for each stage, its night */
	int opened[8];	    /* for each stage, minutes after 20:00 of the first night; -1: never */
	int stopped_at;	    /* the same; -1: it was not stopped */
	enum judgement_verdict stopped_for;
	uint32_t late_nights; /* that the last stage opened after its night */
	uint32_t nights_added[2]; /* by the brake, as struct rollout_added has them; where the table compared it */
	/* Nights in which a stage was due, and did not open: after a closed day, with an outage, for none of these. */
	uint32_t lost_closed, lost_outage, lost_otherwise;
	/* Nights until the last stage's in which nobody, or hardly anybody, could be heard of: for less than a quarter of the window was there
	 * a collector with any region's network. */
	uint32_t dark_nights;
};

/* ERROR_USAGE for options that make no sense. */
WARN_UNUSED int rollout_play(
	const struct rollout_options *options, struct rollout_result *ret_result, struct error *err);

#endif
