#include "agent/night/night_work.h"

int night_window_is_over(const struct night *night, struct error *err)
{
	const struct clock *clock = night->terminal->env->clock;

	if (night->options->closes_s && clock->now_s(clock) >= night->options->closes_s)
		return error_set(err, ERROR_STOPPED, "the window has ended; it goes on next night");
	return 0;
}
