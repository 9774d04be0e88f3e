/* Writes a delta out of its sections. */
#ifndef UPDATER_DELTA_DELTA_WRITE_H
#define UPDATER_DELTA_DELTA_WRITE_H

#include "updater/delta/delta_format.h"
#include "updater/delta/delta_make.h"

#define DELTA_SECTION_BYTES_MOST (UINT64_C(1) << 36)

/* Appends it to RET_DELTA. DELTA_DIFFERENCES holds one byte for each copied one, DELTA_EQUAL and DELTA_UNEQUAL are
 * empty: what the three become is what packs best. */
WARN_UNUSED int delta_write(const struct delta_side *from, const struct delta_side *to,
	struct buf sections[static DELTA_SECTIONS], struct buf *ret_delta, struct error *err);

#endif
