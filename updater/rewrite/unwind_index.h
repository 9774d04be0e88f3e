/* .eh_frame_hdr, the sorted index of .eh_frame: it follows from this, so a delta leaves it out. */
#ifndef UPDATER_REWRITE_UNWIND_INDEX_H
#define UPDATER_REWRITE_UNWIND_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"

/* More functions have no index made. */
#define UNWIND_INDEX_MOST (UINT32_C(1) << 20)

struct unwind_index {
	uint64_t offset; /* in the file, of its first entry */
	size_t count;	 /* of entries of 8 bytes */
	uint8_t *bytes;	 /* what they are; NULL where only place and count were asked for */
};

void unwind_index_clear(struct unwind_index *index);
DEFINE_AUTO(unwind_index, struct unwind_index, unwind_index_clear);

/* Where the index of the program in FD stands. ERROR_NOT_FOUND where it has none of the usual form. */
WARN_UNUSED int unwind_index_find(int fd, uint64_t size, struct unwind_index *ret_index, struct error *err);

/* The same, made anew from .eh_frame. ERROR_NOT_FOUND where that does not give so many entries. */
WARN_UNUSED int unwind_index_make(int fd, uint64_t size, struct unwind_index *ret_index, struct error *err);

#endif
