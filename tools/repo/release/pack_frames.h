/* Cuts a stream of bytes into independent zstd frames and compresses them on several cores. The same bytes with the
 * same cuts give the same frames, however many cores there are. */
#ifndef TOOLS_REPO_RELEASE_PACK_FRAMES_H
#define TOOLS_REPO_RELEASE_PACK_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/fs.h"
#include "manifests/release/release.h"

struct frames;

/* Compressed frames are written to OUT_FD (borrowed), called PATH in errors. NULL on failure. */
struct frames *frames_new(struct fs *fs, int out_fd, const char *path, int level, struct error *err);

/* Takes the next bytes; begins a new frame by itself where one has RELEASE_FRAME_BYTES. */
WARN_UNUSED int frames_write(struct frames *frames, const void *data, size_t len, struct error *err);

/* Something of NEXT_LENGTH bytes begins here that is best not cut: begins a new frame where it would not fit into
 * this. */
WARN_UNUSED int frames_may_cut(struct frames *frames, uint64_t next_length, struct error *err);

/* Bytes taken so far. */
uint64_t frames_position(const struct frames *frames);

/* Writes what is left, and fills frames, payload_length, payload_sha256 and tar_length of RELEASE, which owns the
 * table. */
WARN_UNUSED int frames_finish(struct frames *frames, struct release *release, struct error *err);

void frames_free(struct frames *frames);
DEFINE_AUTO_PTR(frames, struct frames, frames_free);

#endif
