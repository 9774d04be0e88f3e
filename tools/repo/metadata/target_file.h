/* Target files on their way into the repository. */
#ifndef TOOLS_REPO_METADATA_TARGET_FILE_H
#define TOOLS_REPO_METADATA_TARGET_FILE_H

#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"
#include "tools/repo/base/workspace.h"

/* Copies a file to where `publish` finds it, under the name that its digest gives it; nothing to do where it is
 * published. */
WARN_UNUSED int target_file_stage(const struct workspace *workspace, int from_fd, const char *path,
	uint64_t *ret_length, struct sha256 *ret_digest, struct error *err);
/* The same for bytes in memory. */
WARN_UNUSED int target_file_stage_bytes(const struct workspace *workspace, const struct buf *bytes, const char *path,
	struct sha256 *ret_digest, struct error *err);

/* Reads a target file, staged or published; ERROR_NOT_FOUND. */
WARN_UNUSED int target_file_read(const struct workspace *workspace, const char *path, const struct sha256 *digest,
	struct buf *ret_bytes, struct error *err);

/* Removes a file that was staged and is wanted no more; one that is not there is fine. */
WARN_UNUSED int target_file_drop_staged(
	const struct workspace *workspace, const char *path, const struct sha256 *digest, struct error *err);

#endif
