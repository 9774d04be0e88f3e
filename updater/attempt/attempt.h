/* One way to make a file: what it adds to the sections of a delta. Several are tried, the smallest is kept. */
#ifndef UPDATER_ATTEMPT_ATTEMPT_H
#define UPDATER_ATTEMPT_ATTEMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "updater/delta/delta_format.h"
#include "updater/attempt/content.h"
#include "updater/attempt/steps.h"

#define ATTEMPT_BYTES_MOST (UINT64_C(1) << 36)

struct attempt {
	enum delta_kind kind;
	bool is_whole;	/* of new bytes alone, without an old file */
	bool is_enough; /* so much smaller that kinds which look less deep into the file are of no use */
	struct buf parts[DELTA_SECTIONS];
	uint64_t estimate; /* bytes, roughly, that it takes in the delta */
};

void attempt_init(struct attempt *attempt, enum delta_kind kind);
void attempt_clear(struct attempt *attempt);
DEFINE_AUTO(attempt, struct attempt, attempt_clear);

/* Each fills an initialised attempt. */

/* New bytes alone. */
WARN_UNUSED int attempt_whole(struct attempt *attempt, const struct content *new, struct error *err);

/* attempt_NAME() for each kind of delta: attempt_bytes() with the old file as it is, attempt_members() proved by writing the new archive,
 * attempt_addresses(). ERROR_NOT_FOUND where a kind has no use for the two: no members, or none that zlib makes again; no program that
 * is understood. */
typedef int attempt_kind(
	struct attempt *attempt, const struct content *old, const struct content *new, struct error *err);
#define ATTEMPT_KIND(enumerator, name) WARN_UNUSED attempt_kind attempt_##name;
EACH_DELTA_KIND(ATTEMPT_KIND)
#undef ATTEMPT_KIND

/* What the steps from OLD to NEW come to, with what stands in the attempt's maps already; and the estimate. */
WARN_UNUSED int attempt_take_steps(
	struct attempt *attempt, const struct steps *steps, const uint8_t *old, const uint8_t *new, struct error *err);

#endif
