/* How to make one file from another: which old bytes to take with a small difference, which new bytes to add. Found
 * with a suffix array of the old file, so that code whose addresses moved still matches. */
#ifndef UPDATER_ATTEMPT_BYTEDIFF_H
#define UPDATER_ATTEMPT_BYTEDIFF_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* One step: COPIED bytes of NEW at NEW_AT stand opposite those of OLD at OLD_AT; then ADDED bytes of NEW follow. */
struct bytediff_step {
	size_t new_at;
	size_t old_at;
	size_t copied;
	size_t added;
};

typedef int bytediff_sink(void *context, const struct bytediff_step *step, struct error *err);

/* Files up to 2 GiB - 1. Needs five bytes of memory for each of the old file. The steps cover NEW from its beginning
 * to its end. */
WARN_UNUSED int bytediff_find(const uint8_t *old, size_t old_len, const uint8_t *new, size_t new_len,
	bytediff_sink *sink, void *context, struct error *err);

#endif
