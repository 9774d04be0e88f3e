/* One way to make a file: what it adds to the sections of a delta. Several are tried, the smallest is kept. */
#ifndef UPDATER_TRIAL_TRIAL_H
#define UPDATER_TRIAL_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "updater/delta/delta_format.h"
#include "updater/trial/content.h"
#include "updater/trial/steps.h"

#define TRIAL_BYTES_MOST (UINT64_C(1) << 36)

struct trial {
	enum delta_kind kind;
	bool is_whole; /* of new bytes alone, without an old file */
	struct buf parts[DELTA_SECTIONS];
	uint64_t estimate; /* bytes, roughly, that it takes in the delta */
};

void trial_init(struct trial *trial, enum delta_kind kind);
void trial_clear(struct trial *trial);
DEFINE_AUTO(trial, struct trial, trial_clear);

/* Each fills an initialised trial. */

/* New bytes alone. */
WARN_UNUSED int trial_whole(struct trial *trial, const struct content *new, struct error *err);
/* The old file as it is. */
WARN_UNUSED int trial_bytes(
	struct trial *trial, const struct content *old, const struct content *new, struct error *err);
/* Members inflated; proved by writing the new archive. ERROR_NOT_FOUND where one of the two has no members, or zlib
 * makes none of the new ones again. */
WARN_UNUSED int trial_members(
	struct trial *trial, const struct content *old, const struct content *new, struct error *err);
/* Addresses led through a map. ERROR_NOT_FOUND where one of the two is no program that is understood.
 * RET_IS_MUCH_SMALLER: trying the old file as it is would be of no use. */
WARN_UNUSED int trial_addresses(struct trial *trial, const struct content *old, const struct content *new,
	bool *ret_is_much_smaller, struct error *err);

/* What the steps from OLD to NEW come to, with what stands in the trial's maps already; and the estimate. */
WARN_UNUSED int trial_take_steps(
	struct trial *trial, const struct steps *steps, const uint8_t *old, const uint8_t *new, struct error *err);

#endif
