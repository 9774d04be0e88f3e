/* Cuts the bytes of the payload into files by the release's table: the tar headers between them are never looked at.
 * Each file's digest is checked before it counts. */
#ifndef UPDATER_STAGE_UNPACK_H
#define UPDATER_STAGE_UNPACK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/disk/disk.h"
#include "common/error.h"
#include "updater/tree/needs.h"
#include "updater/tree/tree.h"

struct unpack {
	struct tree *tree; /* borrowed, as all below */
	struct needs *needs;
	uint64_t reserve_bytes; /* must stay free on the disk */
	uint64_t reserve_files; /* so many must it still be able to hold */
	uint64_t missing_bytes; /* on disk, of what is still to come */
	uint64_t missing_files; /* that are still to be made */
	size_t next;		/* the first of the release's files whose content may lie ahead */
	size_t file;		/* which is open */
	int file_fd;		/* -1: none */
	uint64_t file_at;	/* bytes of it that are there */
	struct digest *digest;
	bool stale;	     /* what was there from before a cut was wrong: its file is to be fetched again */
	atomic_ullong bytes; /* of files, unpacked so far */
};

WARN_UNUSED int unpack_init(
	struct unpack *unpack, struct tree *tree, struct needs *needs, uint64_t reserve_bytes, struct error *err);
void unpack_clear(struct unpack *unpack);
DEFINE_AUTO(unpack, struct unpack, unpack_clear);

/* Takes the content of one frame; frames come in order. ERROR_REFUSED where a file is not what the release says;
 * ERROR_NO_SPACE says how much is missing. */
WARN_UNUSED int unpack_frame(struct unpack *unpack, size_t frame, const uint8_t *tar, struct error *err);

#endif
