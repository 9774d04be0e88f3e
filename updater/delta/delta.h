/* Makes the changed files of a release from the files of an old one and a delta: old bytes are read in place, new
 * ones written as they come, so memory stays bounded whatever the size of the files. */
#ifndef UPDATER_DELTA_DELTA_H
#define UPDATER_DELTA_DELTA_H

#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"
#include "updater/tree/needs.h"
#include "updater/tree/tree.h"

struct delta {
	int fd; /* the delta, its digest checked; borrowed, as all below */
	uint64_t len;
	struct tree *to;
	struct needs *needs;
	struct tree *from;
	const struct release *from_release;
	struct sha256 from_id; /* SHA-256 of the old release's JSON */
	struct sha256 to_id;   /* and of the new one's */
	/* Called now and then; -1 ends it. May be NULL. */
	int (*went_on)(void *context, struct error *err);
	void *context;
};

/* Makes every missing file that the delta describes. One whose digest is wrong in the end, as its old file was
 * damaged, is left missing. ERROR_REFUSED where the delta is none, or one between other releases; what was made
 * before stays. */
WARN_UNUSED int delta_apply(const struct delta *delta, struct error *err);

#endif
