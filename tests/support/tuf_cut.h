/* A client whose disk ends at one change: the process is killed there, or the change fails. */
#ifndef TESTS_SUPPORT_TUF_CUT_H
#define TESTS_SUPPORT_TUF_CUT_H

#include "tests/support/tuf_site.h"

/* The fs->context where tuf_cut_here is fs->before_change. */
struct tuf_cut {
	uint64_t at; /* the number of the change */
	int sys;     /* what it fails with; 0: killed */
};

int tuf_cut_here(struct fs *fs, uint64_t number, enum fs_change change, const char *path);

/* Refreshes and downloads in a process that is killed at its Nth change on disk. False where it ended before that. */
bool tuf_cut_download(struct tuf_site *site, uint64_t n, const char *path);

#endif
