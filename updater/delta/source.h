/* What bytes are taken from to make one file: the old file as it is, or what became of it beforehand. */
#ifndef UPDATER_DELTA_SOURCE_H
#define UPDATER_DELTA_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/fs.h"
#include "updater/delta/delta_format.h"
#include "updater/delta/section.h"
#include "updater/rewrite/shifts.h"

struct source {
	enum delta_kind kind;
	int fd;		   /* the old file, or a scratch file; -1: none, it reads as zeros */
	uint64_t size;	   /* bytes that may be taken from it */
	uint64_t makes;	   /* bytes that are made of it: of the new file, or of its pieces (members.h) */
	bool makes_index;  /* DELTA_ADDRESSES: the new file's .eh_frame_hdr follows from the rest */
	struct shifts map; /* DELTA_ADDRESSES */
};

#define SOURCE_INIT                                                                                                  \
	{                                                                                                            \
		.fd = -1                                                                                             \
	}

void source_clear(struct source *source);
DEFINE_AUTO(source, struct source, source_clear);

/* Reads what MAPS (borrowed) has about a file of KIND, that is to be of NEW_SIZE bytes. ERROR_REFUSED where it makes no
 * sense or is more than the bounds allow. */
WARN_UNUSED int source_read(struct source *source, enum delta_kind kind, uint64_t old_size, uint64_t new_size,
	struct section *maps, struct error *err);

/* Does with the old file, which is handed over, what the kind wants, where it is not used as it is: into a scratch file
 * in DIR_FD. Any failure costs this one file: what cannot be prepared is fetched. */
WARN_UNUSED int source_prepare(
	struct source *source, struct fs *fs, int dir_fd, int take_old_fd, uint64_t old_size, struct error *err);

#endif
