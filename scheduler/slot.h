/* The terminal's own moment in a window. Moments are spread evenly over the fleet, stay the same all night, and
 * cannot be told without the terminal's secret. A terminal that restarts, or is on for part of the window only, keeps
 * its turn. */
#ifndef SCHEDULER_SLOT_H
#define SCHEDULER_SLOT_H

#include <stddef.h>
#include <stdint.h>

#include "manifests/catalog/night_date.h"

#define SLOT_SECRET_SIZE 32

struct slot_facts {
	const uint8_t *secret; /* SLOT_SECRET_SIZE bytes, made once at installation */
	struct night_date night;
	int64_t opens_s; /* the window, from schedule_ask */
	int64_t closes_s;
	int64_t boot_s;	       /* when this start of the machine was: now less the monotonic clock */
	int64_t first_seen_s;  /* when the terminal was first known to be on in this window (recorded, so that a
				  restart  does not move its turn); 0: with this start */
	int64_t start_delay_s; /* after boot nothing happens for so long (F1) */
	int64_t on_for_s; /* how long after its opening the terminal was on in its last window, where it was switched
			     off before the end; 0: it was not, or that is not known. Its moment is then moved into
			     that first part. */
};

/* The moment itself: from OPENS_S on, and early enough that time is left before CLOSES_S. */
int64_t slot_moment_s(const struct slot_facts *facts);

/* When the terminal may begin in this window: at its moment; or, where it was switched on after it, soon after that,
 * with a small spread; never before the start delay is over. May be at or after CLOSES_S: then not in this window. */
int64_t slot_due_s(const struct slot_facts *facts);

/* A number from 0 to RANGE - 1, even over all values, that only the secret gives: PURPOSE and NUMBER tell one use
 * from another. RANGE is above 0. */
uint64_t slot_spread(
	const uint8_t secret[static SLOT_SECRET_SIZE], const char *purpose, int64_t number, uint64_t range);

#endif
