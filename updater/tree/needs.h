/* What is still to be done for a release: which files are missing, and so which frames are needed. */
#ifndef UPDATER_TREE_NEEDS_H
#define UPDATER_TREE_NEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"
#include "manifests/release/release.h"

struct needs_file {
	bool done;     /* there, and its digest is right */
	uint64_t have; /* bytes of it there from before a cut, up to the end of a frame; only its whole digest proves
			  them */
};

struct needs {
	const struct release *release; /* borrowed */
	struct needs_file *files;      /* one for each of the release's; folders and links are never done */
	bool entries_made;	       /* folders and empty files are there: updater/stage/entries.h */
	bool *frames;		       /* which frames are needed, by needs_choose_frames */
	const struct release_file **by_path;
};

WARN_UNUSED int needs_init(struct needs *needs, const struct release *release, struct error *err);
void needs_clear(struct needs *needs);
DEFINE_AUTO(needs, struct needs, needs_clear);

/* Marks the frames that hold what is missing; gives the bytes they have on the wire. */
uint64_t needs_choose_frames(struct needs *needs);

/* The most bytes of a file, at most LEN, that end where a frame ends; 0 where none does. */
uint64_t needs_whole_frames(const struct needs *needs, const struct release_file *file, uint64_t len);

/* The frame that holds the byte at TAR_OFFSET. */
size_t needs_frame_at(const struct release *release, uint64_t tar_offset);

/* BYTES as they count on a disk: in whole blocks. */
uint64_t needs_in_blocks(uint64_t bytes);

/* Bytes on disk that the missing files will take, in whole blocks; and what is installed already. */
uint64_t needs_missing_bytes(const struct needs *needs);
uint64_t needs_done_bytes(const struct needs *needs);

/* How many files and links are still to be made, and folders while none was. */
uint64_t needs_missing_files(const struct needs *needs);

/* The place of PATH in the release's files, or -1. */
ptrdiff_t needs_find(const struct needs *needs, const char *path);

#endif
