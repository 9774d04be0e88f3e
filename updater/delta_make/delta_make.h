/* Makes the delta between two releases, for the publisher. */
#ifndef UPDATER_DELTA_MAKE_DELTA_MAKE_H
#define UPDATER_DELTA_MAKE_DELTA_MAKE_H

#include "common/buf.h"
#include "common/error.h"
#include "updater/delta_make/delta_options.h"

/* Appends the delta to RET_DELTA: every file of the new release whose content the old one has not. The same bytes for
 * the same releases and format, however many threads. Takes the memory named, or ten times the size of the largest
 * file where that is more (archives: of what is in them), and what the delta takes unpacked. */
WARN_UNUSED int delta_make(const struct delta_side *from, const struct delta_side *to,
	const struct delta_options *options, struct buf *ret_delta, struct error *err);

#endif
