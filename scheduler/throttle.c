#include "scheduler/throttle.h"

#include <string.h>

/* Milliseconds that went by since LAST. Within one start of the machine the monotonic clock knows. Over a restart the clock on
 * the wall is believed, and at least the age of this start: who restarts the machine to press again has waited enough. */
static int64_t elapsed_ms(const struct throttle_moment *last, const struct throttle_moment *now)
{
	int64_t wall_s;

	if (strcmp(last->boot_id, now->boot_id) == 0)
		return now->monotonic_ms - last->monotonic_ms;
	if (__builtin_sub_overflow(now->utc_s, last->utc_s, &wall_s) || wall_s < now->monotonic_ms / 1000)
		return now->monotonic_ms;
	return wall_s > INT64_MAX / 1000 ? INT64_MAX : wall_s * 1000;
}

int64_t throttle_seconds_left(const struct throttle_moment *last, const struct throttle_moment *now, int64_t pause_s)
{
	int64_t elapsed;

	if (!last)
		return 0;
	elapsed = elapsed_ms(last, now);
	if (elapsed < 0)
		return pause_s;
	return elapsed >= pause_s * 1000 ? 0 : (pause_s * 1000 - elapsed + 999) / 1000;
}
