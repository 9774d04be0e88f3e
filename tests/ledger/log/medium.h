/* What a power cut leaves of a folder: only what was synced. While it is watched, each fsync() and syncfs() of this program puts
 * what they make durable into a second folder: the bytes of a file, under the names that a sync of its folder has given it. */
#ifndef TESTS_LEDGER_LOG_MEDIUM_H
#define TESTS_LEDGER_LOG_MEDIUM_H

#include "tests/support/folder.h"

struct medium {
	struct folder inodes; /* bytes of files, by the number of their inode */
	struct folder kept;   /* as the disk would be after a cut */
};

void medium_init(struct medium *medium);
void medium_clear(struct medium *medium);

/* From now on in this process. */
void medium_watch(const struct medium *medium, const struct folder *folder);

/* The power goes: FOLDER becomes what was kept. Not in the process that watches. */
void medium_cut(const struct medium *medium, const struct folder *folder);
/* The power goes, and the disk has kept all names, but of their bytes those alone that were synced: a file that was not is
 * empty. */
void medium_tear(const struct medium *medium, const struct folder *folder);

#endif
