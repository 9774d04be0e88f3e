#include "scheduler/throttle.h"

#include <string.h>

/* Milliseconds that surely went by since LAST. Within one start of the machine the monotonic clock knows. After
 * another start at least its own age went by; where the clock on the wall saw less than that, it is believed, because
 * an error on that side only makes the pause longer. */
static int64_t elapsed_ms(const struct throttle_moment *last, const struct throttle_moment *now)
{
	int64_t wall_s;

	if (strcmp(last->boot_id, now->boot_id) == 0)
		return now->monotonic_ms - last->monotonic_ms;
	if (__builtin_sub_overflow(now->utc_s, last->utc_s, &wall_s) || wall_s < 0 ||
		wall_s > now->monotonic_ms / 1000)
		return now->monotonic_ms;
	return wall_s * 1000;
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
