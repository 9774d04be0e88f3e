/* Writes a delta out of its sections. */
#ifndef UPDATER_DELTA_MAKE_DELTA_WRITE_H
#define UPDATER_DELTA_MAKE_DELTA_WRITE_H

#include "common/buf.h"
#include "common/digest.h"
#include "manifests/release/release.h"
#include "updater/delta/delta_format.h"

#define DELTA_SECTION_BYTES_MOST (UINT64_C(1) << 36)

struct delta_side {
	const struct release *release;
	struct sha256 id; /* SHA-256 of its JSON */
	int dir_fd;	  /* its files, as they are installed */
};

/* Appends it to RET_DELTA. DELTA_DIFFERENCES holds one byte for each copied one, DELTA_EQUAL and DELTA_UNEQUAL are
 * empty: what the three become is what packs best. */
WARN_UNUSED int delta_write(const struct delta_side *from, const struct delta_side *to,
	struct buf sections[static DELTA_SECTIONS], struct buf *ret_delta, struct error *err);

#endif
