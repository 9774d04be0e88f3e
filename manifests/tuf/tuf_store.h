/* The folder of trusted metadata: one file per role, the bytes exactly as received, changed under a lock and durably.
 *
 * It also remembers under which keys timestamp and snapshot were accepted, so that a change of keys is never missed
 * (TUF 5.3.11), whatever was cut off when: recovery then drops both, and releases the versions of all other files
 * from rollback checks. */
#ifndef MANIFESTS_TUF_TUF_STORE_H
#define MANIFESTS_TUF_TUF_STORE_H

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
void tuf_store_close(struct tuf_store *store);
DEFINE_AUTO(tuf_store, struct tuf_store, tuf_store_close);

/* Appends a role's file; ERROR_NOT_FOUND, or another error where it cannot be read or is beyond the limit. */
WARN_UNUSED int tuf_store_load(struct tuf_store *store, const char *role, struct buf *ret_bytes, struct error *err);
WARN_UNUSED int tuf_store_save(struct tuf_store *store, const char *role, const struct buf *bytes, struct error *err);

/* Notes, before it is kept, that root VERSION changes the keys of timestamp or snapshot, which were KEYS so far. */
WARN_UNUSED int tuf_store_note_rotation(
	struct tuf_store *store, const char *keys, int64_t version, struct error *err);
/* True if timestamp and snapshot were accepted under other keys than those of the trusted root, which KEYS stands
 * for, or if the keys changed on the way to this version of it. */
bool tuf_store_recovery_due(struct tuf_store *store, const char *keys, int64_t root_version);
/* Recovers, and remembers KEYS; may be cut anywhere and done again. */
WARN_UNUSED int tuf_store_recover(struct tuf_store *store, const char *keys, struct error *err);
/* Remembers KEYS where none are remembered yet. */
WARN_UNUSED int tuf_store_remember_keys(struct tuf_store *store, const char *keys, struct error *err);
/* True if a role's stored bytes were released from rollback checks by a recovery. */
bool tuf_store_is_released(struct tuf_store *store, const char *role, const struct buf *bytes);

#endif
