/* The payload of a release: a reproducible tar in independent zstd frames. */
#ifndef TOOLS_REPO_RELEASE_PAYLOAD_H
#define TOOLS_REPO_RELEASE_PAYLOAD_H

#include "common/error.h"
#include "common/fs.h"
#include "manifests/release/release.h"

/* Writes the files that RELEASE lists from FOLDER_FD to OUT_FD, and fills in what the release says about the payload:
 * digests, tar offsets, frames. MTIME_S stands in the tar for every file. ERROR_INPUT where a file changes meanwhile.
 */
WARN_UNUSED int payload_write(struct fs *fs, int folder_fd, struct release *release, int64_t mtime_s, int level,
	int out_fd, const char *out_path, struct error *err);

/* Reads a payload as a terminal does: every frame's digest, its content, and every file's digest by the release's
 * table. ERROR_REFUSED says what does not agree. */
WARN_UNUSED int payload_check(int payload_fd, const struct release *release, struct error *err);

#endif
