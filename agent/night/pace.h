/* How fast bytes come, and how long the rest will take. Arithmetic alone. */
#ifndef AGENT_NIGHT_PACE_H
#define AGENT_NIGHT_PACE_H

#include <stdint.h>

/* Zeroed at the beginning. */
struct pace {
	int64_t at_ms;
	uint64_t bytes; /* at that moment */
	double bytes_per_s;
	int notes;
};

/* At NOW_MS, on a clock that never goes back, BYTES have come in all. What came lately counts most: after ten seconds
 * little is left of the speed before. */
void pace_note(struct pace *pace, int64_t now_ms, uint64_t bytes);
/* Bytes each second; 0 before there is anything to tell. */
uint64_t pace_rate(const struct pace *pace);
/* Seconds that LEFT more bytes will take; -1 where it cannot be told. */
int64_t pace_left_s(const struct pace *pace, uint64_t left);

#endif
