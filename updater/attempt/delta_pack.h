/* Compresses one section of a delta. */
#ifndef UPDATER_ATTEMPT_DELTA_PACK_H
#define UPDATER_ATTEMPT_DELTA_PACK_H

#include <stddef.h>

#include "common/buf.h"
#include "common/error.h"

/* Appends one byte that names the packing (enum delta_packing), and the smallest of several ways to pack DATA. */
WARN_UNUSED int pack_smallest(const void *data, size_t len, struct buf *ret_packed, struct error *err);

#endif
