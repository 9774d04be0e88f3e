/* What an earlier call left behind: the files of a partial release, and the beginning of the frame at which it was
 * cut. */
#ifndef UPDATER_STAGE_PARTIAL_H
#define UPDATER_STAGE_PARTIAL_H

#include "common/error.h"
#include "common/fs.h"
#include "updater/tree/needs.h"
#include "updater/tree/tree.h"

/* A release under way stands beside the finished ones as ".FOLDER.partial". */
#define PARTIAL_SUFFIX ".partial"
#define PARTIAL_NAME_SIZE (PACKAGE_FOLDER_SIZE + 16)

/* Looks through the partial folder: what does not belong there is removed, whole files with the right digest are
 * done, and of files cut short what ends with a frame is kept. */
WARN_UNUSED int partial_take_up(struct tree *tree, struct needs *needs, struct error *err);

/* Removes what was begun of other releases: this one has taken their place. */
WARN_UNUSED int partial_drop_others(struct fs *fs, int versions_dir_fd, const char *name, struct error *err);

/* The beginning of a frame waits in the cache as "FOLDER.rest"; only the frame's digest proves it. Losing it costs
 * its bytes, so nothing here is durable, and failures are no errors. */
void partial_keep_rest(
	struct fs *fs, int cache_dir_fd, const char *folder, size_t frame, const void *data, size_t len);
/* Copies up to SIZE bytes of the beginning of FRAME to RET_DATA and gives their number; 0 where there are none. */
size_t partial_take_rest(
	struct fs *fs, int cache_dir_fd, const char *folder, size_t frame, void *ret_data, size_t size);
void partial_drop_rest(struct fs *fs, int cache_dir_fd, const char *folder);

#endif
