/* The steps that lead from one file to another, kept. */
#ifndef UPDATER_ATTEMPT_STEPS_H
#define UPDATER_ATTEMPT_STEPS_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"
#include "updater/attempt/bytediff.h"

struct steps {
	struct bytediff_step *all; /* they cover the new file from its beginning to its end */
	size_t count;
	size_t room;
};

void steps_clear(struct steps *steps);
DEFINE_AUTO(steps, struct steps, steps_clear);

/* Finds them (bytediff.h). */
WARN_UNUSED int steps_find(const uint8_t *old, size_t old_len, const uint8_t *new, size_t new_len,
	struct steps *ret_steps, struct error *err);

#endif
