/* The folder of trusted metadata: one file per role, the bytes exactly as received, changed under a lock and durably. */
#ifndef MANIFESTS_TUF_TUF_STORE_H
#define MANIFESTS_TUF_TUF_STORE_H

#include <stdbool.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/fs.h"

struct tuf_store {
	struct fs *fs;
	int dir_fd;  /* borrowed */
	int lock_fd; /* -1 where it is not open */
};

#define TUF_STORE_INIT                                                                                               \
	{                                                                                                            \
		.lock_fd = -1                                                                                        \
	}

/* Locks the folder: ERROR_BUSY where another process holds it, unless WAIT. */
WARN_UNUSED int tuf_store_open(struct tuf_store *store, struct fs *fs, int dir_fd, bool wait, struct error *err);
void tuf_store_close(struct tuf_store *store);
DEFINE_AUTO(tuf_store, struct tuf_store, tuf_store_close);

/* Appends a role's file; ERROR_NOT_FOUND, or another error where it cannot be read or is beyond the limit. */
WARN_UNUSED int tuf_store_load(struct tuf_store *store, const char *role, struct buf *ret_bytes, struct error *err);
WARN_UNUSED int tuf_store_save(struct tuf_store *store, const char *role, const struct buf *bytes, struct error *err);

#endif
