/* A fleet of terminals through some nights, with the scheduler's own code deciding when each begins, waits and tries
 * again. Some quiet nights go before the first one counted, in which nothing is delivered: the terminals learn when
 * they are switched off. */
#ifndef TOOLS_FLEET_MODEL_H
#define TOOLS_FLEET_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/fs.h"

#define FLEET_NIGHTS_MAX 31
#define FLEET_MINUTES 540 /* 20:00 to 05:00 */

struct fleet_options {
	uint32_t terminals;
	uint32_t nights; /* 1 to FLEET_NIGHTS_MAX */
	uint64_t seed;
	/* Of a thousand terminals, or attempts. */
	uint32_t off_per_mille;	     /* switched off for the whole night, each night anew */
	uint32_t late_per_mille;     /* switched on within the window */
	uint32_t early_per_mille;    /* switched off within the window, every night at about the same time */
	uint32_t restarts_per_mille; /* restart up to three times, for 1 to 5 minutes */
	uint32_t fixed_per_mille;    /* restart every night at 22:00 (F30) */
	uint32_t failures_per_mille; /* attempts that end with a network error on the way */
};

/* What the field may be like. */
#define FLEET_OPTIONS_INIT                                                                                           \
	{                                                                                                            \
		.terminals = 240000, .nights = 3, .seed = 1, .off_per_mille = 100, .late_per_mille = 50,             \
		.early_per_mille = 20, .restarts_per_mille = 200, .fixed_per_mille = 20, .failures_per_mille = 30    \
	}

struct fleet_night {
	uint32_t on;	       /* terminals that were on at some time in the window */
	uint32_t first;	       /* of them, those in their first night that they were on, for an hour at least */
	uint32_t first_served; /* of these, those that have all they need at the end of the night */
	uint32_t brief;	       /* on for the first time, but for less than an hour */
	uint32_t served;       /* terminals that got the last of what they need in this night */
	uint32_t attempts;
	uint32_t failures;
	double load[FLEET_MINUTES];    /* terminals being served at a time, mean of each minute */
	uint32_t begun[FLEET_MINUTES]; /* attempts begun in each minute */
	double after_end_s;	       /* seconds of service after the window: must be 0 */
};

struct fleet_result {
	struct fleet_options options;
	struct fleet_night nights[FLEET_NIGHTS_MAX];
	uint32_t served; /* terminals that have all they need */
	uint32_t never_on;
};

/* Runs it. The result is some hundred KiB: it belongs on the heap. ERROR_USAGE for options that make no sense. */
WARN_UNUSED int fleet_run(
	struct fs *fs, const struct fleet_options *options, struct fleet_result *ret_result, struct error *err);

/* The highest minute of a night, and the mean of all its minutes. */
double fleet_peak(const struct fleet_night *night);
double fleet_mean(const struct fleet_night *night);

/* The bars: in the night with the most load no minute above 1.15 times the mean, in no other night a minute above
 * that one's; all served in the first night that they were on; nothing after the end. */
#define FLEET_PEAK_MOST 1.15
size_t fleet_busiest(const struct fleet_result *result);
bool fleet_is_even(const struct fleet_result *result);
bool fleet_served_all(const struct fleet_result *result);

#endif
