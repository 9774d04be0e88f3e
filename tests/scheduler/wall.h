/* Time as the C library tells it: an independent witness for the scheduler's own reckoning. */
#ifndef TESTS_SCHEDULER_WALL_H
#define TESTS_SCHEDULER_WALL_H

#include <stdint.h>
#include <time.h>

#include "scheduler/zone.h"

/* Makes the C library show the clock of that zone. */
void wall_set_zone(const char *name);
/* What it shows. */
void wall_at(int64_t utc_s, struct tm *ret_wall);

/* "2026-01-10 20:00" (UTC) in seconds; ends the test where it is no such text. */
int64_t wall_utc(const char *text);
/* The other way, for comparing and for messages. */
const char *wall_text(int64_t utc_s, char ret_text[static 32]);

/* A zone that is there; ends the test otherwise. */
struct zone *wall_zone(const char *name);

/* A number from 0 to RANGE - 1 that follows from *SEED. */
uint32_t wall_random(uint64_t *seed, uint32_t range);

#endif
