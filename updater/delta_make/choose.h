/* Tries every way to make one file, and keeps the smallest. */
#ifndef UPDATER_DELTA_MAKE_CHOOSE_H
#define UPDATER_DELTA_MAKE_CHOOSE_H

#include <stdint.h>

#include "common/error.h"
#include "updater/delta_make/delta_options.h"
#include "updater/attempt/content.h"
#include "updater/attempt/attempt.h"

/* Fills RET_BEST, not initialised yet, and the way and estimates of RET_CHOICE. OLD has no bytes where there is no old
 * file. */
WARN_UNUSED int choose(const struct content *old, const struct content *new, const struct delta_options *options,
	struct attempt *ret_best, struct delta_choice *ret_choice, struct error *err);

/* What that takes, in bytes, at most: the size of both, and the first bytes of the new one. */
uint64_t choose_memory(uint64_t old_size, uint64_t new_size, const uint8_t begin[static 4]);

#endif
