/* A release's files, folders and links on disk, reached below its own folder only: no link is followed, nothing
 * leaves it. Folders are open to their owner alone until tree_set_modes. */
#ifndef UPDATER_TREE_TREE_H
#define UPDATER_TREE_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "common/auto.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/fs.h"
#include "manifests/release/release.h"
#include "manifests/release/release_rules.h"

struct tree {
	struct fs *fs;
	int root_fd;			/* borrowed */
	int parent_fd;			/* of the last file asked for; -1: none yet */
	char parent[RELEASE_PATH_SIZE]; /* its path, "" for the root */
};

void tree_init(struct tree *tree, struct fs *fs, int root_fd);
void tree_clear(struct tree *tree);
DEFINE_AUTO(tree, struct tree, tree_clear);

/* Modes are set as the release says, permissions alone: ERROR_REFUSED where it says more. */

/* Makes a new file with the file's mode and opens it for writing. */
WARN_UNUSED int tree_create_file(struct tree *tree, const struct release_file *file, struct error *err);
/* Opens a regular file. ERROR_NOT_FOUND; ERROR_DAMAGED where something else has its name. */
WARN_UNUSED int tree_open_file(
	struct tree *tree, const char *path, int flags, uint64_t *ret_size, uint32_t *ret_mode, struct error *err);
/* Of an open file, once its content is there. */
WARN_UNUSED int tree_set_file_mode(struct tree *tree, int fd, const struct release_file *file, struct error *err);
/* A folder that is there already is fine. */
WARN_UNUSED int tree_make_folder(struct tree *tree, const struct release_file *folder, struct error *err);
WARN_UNUSED int tree_make_link(struct tree *tree, const struct release_file *link, struct error *err);
WARN_UNUSED int tree_set_folder_mode(struct tree *tree, const struct release_file *folder, struct error *err);
/* Removes a file, or a folder with all below it. */
WARN_UNUSED int tree_remove(struct tree *tree, const char *path, struct error *err);
/* What stands there, a link itself. ERROR_NOT_FOUND where nothing does, or the folder that PATH is in is missing. */
WARN_UNUSED int tree_look_at(struct tree *tree, const char *path, struct stat *ret_st, struct error *err);
/* Checks that a link, folder or file is there with its type, mode, size and target; not a file's content.
 * ERROR_DAMAGED. */
WARN_UNUSED int tree_check_entry(struct tree *tree, const struct release_file *file, struct error *err);

/* SHA-256 of the first LEN bytes of an open file. ERROR_DAMAGED where it is shorter. */
WARN_UNUSED int tree_digest_file(int fd, const char *path, uint64_t len, struct digest *digest, struct error *err);

/* Called for each entry below the root, folders before what they hold. */
typedef int tree_visit(void *context, const char *path, mode_t type_and_mode, struct error *err);
/* What VISIT removes is not entered. */
WARN_UNUSED int tree_walk(struct tree *tree, tree_visit *visit, void *context, struct error *err);

#endif
