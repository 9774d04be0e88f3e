/* Timestamp and snapshot (TUF 4.4, 4.6): which version of each role is current. */
#ifndef MANIFESTS_TUF_TUF_LISTING_H
#define MANIFESTS_TUF_TUF_LISTING_H

#include "manifests/tuf/metadata.h"
#include "manifests/tuf/tuf_content.h"

#define TUF_TIMESTAMP_MAX_BYTES 16384
#define TUF_SNAPSHOT_MAX_BYTES 2000000

struct tuf_listed {
	int64_t version;
	struct tuf_content content;
};

WARN_UNUSED int tuf_timestamp_parse(const void *data, size_t len, struct metadata **ret_timestamp, struct error *err);
WARN_UNUSED int tuf_snapshot_parse(const void *data, size_t len, struct metadata **ret_snapshot, struct error *err);

/* What a timestamp or snapshot lists for a role; ERROR_NOT_FOUND. */
WARN_UNUSED int tuf_listing_find(
	const struct metadata *listing, const char *role, struct tuf_listed *ret_listed, struct error *err);

/* 5.4.3.2 and 5.5.5: nothing that OLD lists is missing in NEW or has a lower version there. */
WARN_UNUSED int tuf_listing_check_rollback(const struct metadata *old, const struct metadata *new, struct error *err);

/* 5.5.4 and 5.6.4: METADATA has the version that is listed for it. */
WARN_UNUSED int tuf_listed_check_version(
	const struct tuf_listed *listed, const struct metadata *metadata, struct error *err);

/* 5.5.2 and 5.6.2: the bytes of ROLE have the listed length and hashes, where these are listed. */
WARN_UNUSED int tuf_listed_check_bytes(
	const struct tuf_listed *listed, const char *role, const void *data, size_t len, struct error *err);

#endif
