/* The payload of a release: a reproducible tar in independent zstd frames. */
#ifndef TOOLS_REPO_RELEASE_PAYLOAD_H
#define TOOLS_REPO_RELEASE_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/fs.h"
#include "manifests/release/release.h"

/* Where the files of a payload are, and how it is written. */
struct payload_source {
	int folder_fd;
	bool follow_links; /* a file of the release may be a link to it */
	int64_t mtime_s;   /* stands in the tar for every file */
	int level;	   /* of compression, 1 to 22 */
	/* Told after each file: so many of the release's installed_bytes are packed. NULL: nobody is told. */
	void (*progress)(void *context, uint64_t bytes);
	void *context;
};

/* Writes the files that RELEASE lists to OUT_FD, and fills in what the release says about the payload: digests, tar
 * offsets, frames. ERROR_INPUT where a file changes meanwhile. */
WARN_UNUSED int payload_write(struct fs *fs, const struct payload_source *source, struct release *release, int out_fd,
	const char *out_path, struct error *err);

/* Reads a payload as a terminal does: every frame's digest, its content, and every file's digest by the release's
 * table. ERROR_REFUSED says what does not agree. */
WARN_UNUSED int payload_check(int payload_fd, const struct release *release, struct error *err);

#endif
