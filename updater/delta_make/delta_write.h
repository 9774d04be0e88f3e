/* Writes a delta out of its sections. */
#ifndef UPDATER_DELTA_MAKE_DELTA_WRITE_H
#define UPDATER_DELTA_MAKE_DELTA_WRITE_H

#include "common/buf.h"
#include "common/error.h"
#include "updater/delta/delta_format.h"
#include "updater/delta_make/delta_options.h"

/* Appends it to RET_DELTA, each section packed in the way that makes it smallest, on so many processors (0: all). In the former
 * format the last section is left out. */
WARN_UNUSED int delta_write(const struct delta_side *from, const struct delta_side *to, bool former_format,
	unsigned threads, const struct buf sections[static DELTA_SECTIONS], struct buf *ret_delta, struct error *err);

#endif
