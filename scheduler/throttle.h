/* The button: a pause between two presses that no clock change and no restart of the agent
 * shortens (F6), and no restart of the machine begins anew. */
#ifndef SCHEDULER_THROTTLE_H
#define SCHEDULER_THROTTLE_H

#include <stdint.h>

#include "common/clock.h"

#define THROTTLE_PAUSE_S 60

/* A moment as three clocks tell it. The last press is stored so. */
struct throttle_moment {
	char boot_id[BOOT_ID_SIZE];
	int64_t monotonic_ms;
	int64_t utc_s;
};

/* Seconds until the next press is allowed, 0 to PAUSE_S; 0: now. LAST NULL: the first press ever. */
int64_t throttle_seconds_left(const struct throttle_moment *last, const struct throttle_moment *now, int64_t pause_s);

#endif
