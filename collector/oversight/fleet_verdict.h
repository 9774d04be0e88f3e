/* The verdict on the fleet, for whoever looks in the morning: the one thing that matters most. Arithmetic alone. */
#ifndef COLLECTOR_OVERSIGHT_FLEET_VERDICT_H
#define COLLECTOR_OVERSIGHT_FLEET_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

/* What matters more stands first. */
enum fleet_verdict {
	FLEET_IN_TROUBLE,  /* the collector takes no reports: nothing else can be judged */
	FLEET_EMPTY,	   /* no terminal has reported yet */
	FLEET_TAKEN_BACK,  /* a release that is being delivered is taken back by too many */
	FLEET_FELL_SILENT, /* many more are silent than the night before */
	FLEET_LATE,	   /* far fewer came by now than were expected */
	FLEET_TO_CALL,	   /* well, but for single terminals that somebody has to ask for */
	FLEET_WELL,
};

struct fleet_sight {
	bool is_in_trouble;
	int64_t terminals, silent;
	int64_t silent_before;	/* in the night before; -1: not known */
	int64_t came, expected; /* in the present window, by now */
	bool is_taken_back;	/* a release is, as fleet_takes_back() judges */
};

enum fleet_verdict fleet_verdict_of(const struct fleet_sight *sight);

/* Is a release taken back by too many? ROLLED_BACK of the SETTLED deliveries were; OPEN ones may still be: one that
 * nobody gets any more is no news. */
bool fleet_takes_back(int64_t rolled_back, int64_t settled, int64_t open);

#endif
