/* The folder of trusted metadata: one file per role, the bytes exactly as received, changed under a lock and durably.
 *
 * It also remembers what a change of keys calls for (TUF 5.3.11), so that a cut at any moment does not lose it:
 * before a root that changes the timestamp's or snapshot's keys is kept, a note says from which root on recovery is
 * due; recovery then drops timestamp and snapshot, and releases the versions of all other files from rollback checks.
 */
#ifndef MANIFESTS_TUF_STORE_H
#define MANIFESTS_TUF_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/fs.h"

struct tuf_store {
	struct fs *fs;
	int dir_fd;  /* borrowed */
	int lock_fd; /* -1 where it is not open */
};

/* Locks the folder: ERROR_BUSY where another process holds it, unless WAIT. */
WARN_UNUSED int tuf_store_open(struct tuf_store *store, struct fs *fs, int dir_fd, bool wait, struct error *err);
void tuf_store_release(struct tuf_store *store);
DEFINE_AUTO(tuf_store, struct tuf_store, tuf_store_release);

/* Appends a role's file; ERROR_NOT_FOUND, or another error where it cannot be read or is beyond the limit. */
WARN_UNUSED int tuf_store_load(struct tuf_store *store, const char *role, struct buf *ret_bytes, struct error *err);
WARN_UNUSED int tuf_store_save(struct tuf_store *store, const char *role, const struct buf *bytes, struct error *err);

/* Notes, before it is kept, that root VERSION changes keys. */
WARN_UNUSED int tuf_store_note_rotation(struct tuf_store *store, int64_t version, struct error *err);
/* True if recovery is due under a trusted root of this version. */
bool tuf_store_recovery_due(struct tuf_store *store, int64_t root_version);
/* Recovers; may be cut anywhere and done again. */
WARN_UNUSED int tuf_store_recover(struct tuf_store *store, struct error *err);
/* True if a role's stored bytes were released from rollback checks by a recovery. */
bool tuf_store_is_released(struct tuf_store *store, const char *role, const struct buf *bytes);

#endif
