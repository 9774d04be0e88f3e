/* Copies a folder with all below it, as the migration of a package's data needs it. */
#ifndef ROLLBACK_COPY_TREE_H
#define ROLLBACK_COPY_TREE_H

#include <sys/types.h>

#include "common/error.h"
#include "common/fs.h"

struct copy_tree_owner {
	const char *like; /* a folder whose owners the copy gets, path by path; what is not in it gets those of the
			   * folder it lies in. NULL: everything belongs to the following two */
	uid_t uid;
	gid_t gid;
};

/* Copies FROM to TO, both below DIR_FD; TO must not be there. Files, folders and links come along with their modes
 * and times; sockets, pipes and devices do not. Whoever is not root owns the copy, whatever OWNER says. A file that
 * has other names than the one below FROM is refused where OWNER says LIKE: it may be somebody else's; so are more than
 * 64 folders in each other, 200,000 entries and 16 GiB. Not durable by itself. On failure what was copied is left behind. */
WARN_UNUSED int copy_tree(struct fs *fs, int dir_fd, const char *from, const char *to,
	const struct copy_tree_owner *owner, struct error *err);

#endif
