/* What a quick look compares: one number for each entry of a release, made of what a file system tells of it without reading
 * it. A change of content moves at least the time of the change, which nobody sets. */
#ifndef UPDATER_INSPECT_GLANCE_H
#define UPDATER_INSPECT_GLANCE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "common/digest.h"
#include "common/error.h"
#include "common/fs.h"

#define GLANCE_UNKNOWN 0 /* of an entry that has not been read since the record began */

/* Of mode, size, and the times of the last change of content and of the rest; never GLANCE_UNKNOWN. */
uint64_t glance_of(const struct stat *st);

/* Fills COUNT numbers, in the order of the release's files, from the record NAME of the release ID; all are GLANCE_UNKNOWN where
 * there is none, or one of another release, or a damaged one. */
void glance_read(struct fs *fs, int dir_fd, const char *name, const struct sha256 *id, uint64_t *ret_prints, size_t count);
/* Replaces it durably. */
WARN_UNUSED int glance_write(struct fs *fs, int dir_fd, const char *name, const struct sha256 *id, const uint64_t *prints,
	size_t count, struct error *err);

#endif
