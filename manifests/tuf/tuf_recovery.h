/* Recovery from a fast-forward attack (TUF 5.3.11): what of the folder may begin again under a new root, and nothing
 * else.
 *
 * A root that lists other keys is no reason by itself to forget what is trusted: whoever kept what a server once sent
 * would serve it again. Timestamp or snapshot go only where the trusted copy no longer has the signatures that the
 * new root asks for. Where the keys were replaced, so that nothing signed before can count again, both go, and the
 * versions of all targets roles on disk no longer bind; where some stay, only the copy without their signatures goes.
 *
 * That is noted before the root that brings it is kept, and done once a root that is not expired ends the chain, so
 * that it holds whatever is cut off when. */
#ifndef MANIFESTS_TUF_TUF_RECOVERY_H
#define MANIFESTS_TUF_TUF_RECOVERY_H

#include <stdbool.h>

#include "manifests/tuf/metadata.h"
#include "manifests/tuf/tuf_store.h"

/* The stored "timestamp" or "snapshot" if the signers that ROOT appoints signed it, whatever its version and expiry;
 * NULL where there is none: whatever is wrong with the local copy, it counts as absent. Appends its bytes. */
struct metadata *tuf_recovery_listing(
	struct tuf_store *store, const struct metadata *root, const char *role, struct buf *ret_bytes);

/* Notes what NEXT takes from the copies that ROOT vouches for; call it before NEXT is kept. */
WARN_UNUSED int tuf_recovery_note(
	struct tuf_store *store, const struct metadata *root, const struct metadata *next, struct error *err);

/* Drops what is due under the trusted root; may be cut anywhere and done again. RET_DROPPED tells whether anything
 * was. */
WARN_UNUSED int tuf_recovery_finish(
	struct tuf_store *store, const struct metadata *root, bool *ret_dropped, struct error *err);

/* True if a recovery released these stored bytes of ROLE: a targets role's version no longer binds, nor what a
 * timestamp lists of the snapshot. */
bool tuf_recovery_released(struct tuf_store *store, const char *role, const struct buf *bytes);

#endif
