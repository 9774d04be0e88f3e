/* What is trusted, and the rules by which something newer takes its place (TUF 5.2 to 5.6, without the downloads).
 * Every function that is offered bytes checks them first, keeps them on disk, and only then trusts them; on failure
 * the trusted state is as it was, in memory and on disk. Refusals are ERROR_REFUSED and begin with the attack's name.
 */
#ifndef MANIFESTS_TUF_TUF_TRUST_H
#define MANIFESTS_TUF_TUF_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include "manifests/tuf/metadata_signers.h"
#include "manifests/tuf/tuf_listing.h"
#include "manifests/tuf/tuf_store.h"

struct tuf_trust {
	struct tuf_store store;
	bool keep_time_floor;
	int64_t start_time_s;
	int64_t floor_s; /* 0 where no floor is kept */
	struct metadata *root;
	struct metadata *timestamp; /* NULL where there is none; may be expired until a new one was offered */
	bool listing_released;	    /* a recovery dropped the snapshot that the timestamp lists: it does not bind */
	struct metadata *snapshot;  /* NULL where there is none; may be out of date until a new one was offered */
	struct metadata *targets;   /* NULL until it is loaded or offered */
};

void tuf_trust_clear(struct tuf_trust *trust);
DEFINE_AUTO(tuf_trust, struct tuf_trust, tuf_trust_clear);

/* The time expiry is checked against. */
int64_t tuf_trust_now_s(const struct tuf_trust *trust);

/* Puts a root in place by hand: TUF's out-of-band first step. */
WARN_UNUSED int tuf_trust_init(struct tuf_store *store, const void *root, size_t len, struct error *err);

/* 5.2. ERROR_DAMAGED where the root on disk is unusable, ERROR_NOT_FOUND where there is none. */
WARN_UNUSED int tuf_trust_load_root(struct tuf_trust *trust, struct error *err);
/* 5.3.4 to 5.3.8. */
WARN_UNUSED int tuf_trust_offer_root(struct tuf_trust *trust, const struct buf *bytes, struct error *err);
/* 5.3.10 and 5.3.11, then loads what is left of timestamp and snapshot. */
WARN_UNUSED int tuf_trust_finish_root(struct tuf_trust *trust, struct error *err);

/* 5.4.2 to 5.4.5. On 0 the trusted timestamp is good to go on with: the new one, or the old where both have one
 * version. */
WARN_UNUSED int tuf_trust_offer_timestamp(struct tuf_trust *trust, const struct buf *bytes, struct error *err);

/* What the timestamp lists for the snapshot, and whether the trusted snapshot is that one, so that none is needed. */
WARN_UNUSED int tuf_trust_want_snapshot(
	struct tuf_trust *trust, struct tuf_listed *ret_listed, bool *ret_have_it, struct error *err);
/* 5.5.2 to 5.5.7. */
WARN_UNUSED int tuf_trust_offer_snapshot(struct tuf_trust *trust, const struct buf *bytes, struct error *err);

/* A targets role as it is reached: through whom, and so by whose keys. */
struct tuf_reached {
	const char *role;
	const char *by; /* the delegator's name: "root", "targets" ... */
	struct metadata_signers signers;
};

/* 5.6: the local copy where it passes all checks; NULL otherwise, and RET_LISTED says what to fetch. ERROR_NOT_FOUND
 * where the snapshot does not list the role. */
WARN_UNUSED int tuf_trust_load_targets(struct tuf_trust *trust, const struct tuf_reached *reached,
	struct tuf_listed *ret_listed, struct metadata **ret_targets, struct error *err);
/* 5.6.2 to 5.6.6. */
WARN_UNUSED int tuf_trust_offer_targets(struct tuf_trust *trust, const struct tuf_reached *reached,
	const struct buf *bytes, struct metadata **ret_targets, struct error *err);

/* Raises the floor to a time that something verified vouches for, unless trusted metadata would be expired by then.
 */
WARN_UNUSED int tuf_trust_vouch_time(struct tuf_trust *trust, int64_t time_s, struct error *err);
/* The same for the times of issue in the metadata trusted now. */
WARN_UNUSED int tuf_trust_vouch_own_times(struct tuf_trust *trust, struct error *err);

#endif
