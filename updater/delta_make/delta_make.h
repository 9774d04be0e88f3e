/* Makes the delta between two releases, for the publisher. */
#ifndef UPDATER_DELTA_MAKE_DELTA_MAKE_H
#define UPDATER_DELTA_MAKE_DELTA_MAKE_H

#include "common/buf.h"
#include "common/error.h"
#include "common/fs.h"
#include "updater/delta_make/delta_write.h"

/* Appends the delta to RET_DELTA: every file of the new release whose content the old one has not. The same bytes for
 * the same releases. Takes nine times the size of the largest file and a few times that of the changed ones in
 * memory. */
WARN_UNUSED int delta_make(struct fs *fs, const struct delta_side *from, const struct delta_side *to,
	struct buf *ret_delta, struct error *err);

#endif
