#include "updater/attempt/steps.h"

#include <stdlib.h>

void steps_clear(struct steps *steps)
{
	free(steps->all);
	*steps = (struct steps){0};
}

static int keep(void *context, const struct bytediff_step *step, struct error *err)
{
	struct steps *steps = context;

	if (steps->count == steps->room) {
		size_t room = steps->room ? steps->room * 2 : 64;
		struct bytediff_step *all = reallocarray(steps->all, room, sizeof(*all));

		if (!all)
			return error_set(err, ERROR_FAILED, "no memory for %zu steps", room);
		steps->all = all;
		steps->room = room;
	}
	steps->all[steps->count++] = *step;
	return 0;
}

int steps_find(const uint8_t *old, size_t old_len, const uint8_t *new, size_t new_len, struct steps *ret_steps,
	struct error *err)
{
	AUTO(steps) struct steps steps = {0};

	if (bytediff_find(old, old_len, new, new_len, keep, &steps, err) < 0)
		return -1;
	*ret_steps = steps;
	steps = (struct steps){0};
	return 0;
}
