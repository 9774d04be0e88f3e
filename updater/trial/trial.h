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
	bool is_whole;	/* of new bytes alone, without an old file */
	bool is_enough; /* so much smaller that kinds which look less deep into the file are of no use */
	struct buf parts[DELTA_SECTIONS];
	uint64_t estimate; /* bytes, roughly, that it takes in the delta */
};

void trial_init(struct trial *trial, enum delta_kind kind);
void trial_clear(struct trial *trial);
DEFINE_AUTO(trial, struct trial, trial_clear);

/* Each fills an initialised trial. */

/* New bytes alone. */
WARN_UNUSED int trial_whole(struct trial *trial, const struct content *new, struct error *err);

/* trial_NAME() for each kind of delta: trial_bytes() with the old file as it is, trial_members() proved by writing the new archive,
 * trial_addresses(). ERROR_NOT_FOUND where a kind has no use for the two: no members, or none that zlib makes again; no program that
 * is understood. */
typedef int trial_kind(
	struct trial *trial, const struct content *old, const struct content *new, struct error *err);
#define TRIAL_KIND(enumerator, name) WARN_UNUSED trial_kind trial_##name;
EACH_DELTA_KIND(TRIAL_KIND)
#undef TRIAL_KIND

/* What the steps from OLD to NEW come to, with what stands in the trial's maps already; and the estimate. */
WARN_UNUSED int trial_take_steps(
	struct trial *trial, const struct steps *steps, const uint8_t *old, const uint8_t *new, struct error *err);

#endif
