/* What bytes are taken from to make one file: the old file as it is, or what became of it beforehand; and what becomes of the bytes that are
 * made of it. All that tells one kind of delta from another on a terminal is here. */
#ifndef UPDATER_DELTA_SOURCE_H
#define UPDATER_DELTA_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/fs.h"
#include "updater/delta/delta_format.h"
#include "updater/delta/section.h"
#include "updater/members/members_writer.h"
#include "updater/rewrite/shifts.h"

struct source {
	enum delta_kind kind;
	int fd;			/* the old file, or a scratch file; -1: none, it reads as zeros */
	uint64_t size;		/* bytes that may be taken from it */
	uint64_t makes;		/* bytes that are made of it: of the new file, or of its pieces (members.h) */
	members_sink *sink;	/* of the new file's bytes */
	void *sink_context;
	bool is_finished_later; /* something of the new file follows from the rest: source_finish() */
	/* DELTA_MEMBERS */
	struct members_writer *writer;
	/* DELTA_ADDRESSES */
	struct shifts map;
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

/* Bytes of the new file go to SINK from here on. */
WARN_UNUSED int source_begin(struct source *source, members_sink *sink, void *context, struct error *err);
/* The next bytes that were made; after source_begin(). Errors of the sink, and of members_writer_put(). */
WARN_UNUSED int source_put(struct source *source, const uint8_t *data, size_t len, struct error *err);
/* All have been made. */
WARN_UNUSED int source_end(struct source *source, struct error *err);
/* Where is_finished_later: puts into the new file at FD, which is PATH, what the delta leaves out. The digest tells whether that is right. */
WARN_UNUSED int source_finish(
	const struct source *source, struct fs *fs, int fd, const char *path, uint64_t size, struct error *err);

#endif
