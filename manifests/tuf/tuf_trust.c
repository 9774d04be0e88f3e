#include "manifests/tuf/tuf_trust.h"

#include <inttypes.h>
#include <string.h>

#include "manifests/tuf/time_floor.h"
#include "manifests/tuf/tuf_recovery.h"
#include "manifests/tuf/tuf_root.h"
#include "manifests/tuf/tuf_targets.h"

void tuf_trust_clear(struct tuf_trust *trust)
{
	metadata_free(trust->root);
	metadata_free(trust->timestamp);
	metadata_free(trust->snapshot);
	metadata_free(trust->targets);
	tuf_store_close(&trust->store);
	*trust = (struct tuf_trust){.store = TUF_STORE_INIT};
}

int64_t tuf_trust_now_s(const struct tuf_trust *trust)
{
	return time_floor_apply(trust->floor_s, trust->start_time_s);
}

static void replace(struct metadata **place, struct metadata **take_new)
{
	metadata_free(*place);
	*place = take_ptr(take_new);
}

/* A root read from the folder, well-formed and signed by its own threshold. */
static int load_root(struct tuf_store *store, struct metadata **ret_root, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(TUF_ROOT_MAX_BYTES);
	AUTO(metadata) struct metadata *root = NULL;

	if (tuf_store_load(store, "root", &bytes, err) < 0 ||
		tuf_root_parse(buf_text(&bytes), bytes.len, &root, err) < 0 || tuf_root_verify_self(root, err) < 0)
		return -1;
	*ret_root = take_ptr(&root);
	return 0;
}

int tuf_trust_init(struct tuf_store *store, const void *root, size_t len, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(TUF_ROOT_MAX_BYTES);
	AUTO(metadata) struct metadata *next = NULL;

	if (buf_append(&bytes, root, len, err) < 0 || tuf_root_parse(root, len, &next, err) < 0 ||
		tuf_root_verify_self(next, err) < 0)
		return error_context(err, "this root cannot be trusted");
	return tuf_store_save(store, "root", &bytes, err);
}

int tuf_trust_load_root(struct tuf_trust *trust, struct error *err)
{
	AUTO(metadata) struct metadata *root = NULL;

	if (trust->keep_time_floor)
		trust->floor_s = time_floor_load(trust->store.fs, trust->store.dir_fd);
	if (load_root(&trust->store, &root, err) < 0) {
		if (err && (err->code == ERROR_REFUSED || err->code == ERROR_STRANGER))
			err->code = ERROR_DAMAGED; /* whatever it holds, no server sent it */
		return error_context(err, "the trusted root is unusable; put it in place again");
	}
	replace(&trust->root, &root);
	return 0;
}

int tuf_trust_offer_root(struct tuf_trust *trust, const struct buf *bytes, struct error *err)
{
	AUTO(metadata) struct metadata *next = NULL;

	if (tuf_root_parse(buf_text(bytes), bytes->len, &next, err) < 0 ||
		tuf_root_verify_next(trust->root, next, err) < 0 ||
		tuf_recovery_note(&trust->store, trust->root, next, err) < 0 ||
		tuf_store_save(&trust->store, "root", bytes, err) < 0)
		return -1;
	replace(&trust->root, &next);
	return 0;
}

/* 5.3.11. The floor goes too: keys that are gone may have vouched for a time of their own making. */
static int recover(struct tuf_trust *trust, struct error *err)
{
	bool dropped;

	if (tuf_recovery_finish(&trust->store, trust->root, &dropped, err) < 0)
		return -1;
	if (!dropped)
		return 0;
	trust->floor_s = 0;
	return time_floor_clear(trust->store.fs, trust->store.dir_fd, err);
}

static void load_listings(struct tuf_trust *trust)
{
	AUTO(buf) struct buf timestamp = BUF_INIT(0);
	AUTO(buf) struct buf snapshot = BUF_INIT(0);
	struct metadata *listing;

	listing = tuf_recovery_listing(&trust->store, trust->root, "timestamp", &timestamp);
	replace(&trust->timestamp, &listing);
	trust->listing_released = tuf_recovery_released(&trust->store, "timestamp", &timestamp);
	listing = tuf_recovery_listing(&trust->store, trust->root, "snapshot", &snapshot);
	replace(&trust->snapshot, &listing);
}

int tuf_trust_finish_root(struct tuf_trust *trust, struct error *err)
{
	if (metadata_check_time(trust->root, tuf_trust_now_s(trust), err) < 0 || recover(trust, err) < 0)
		return -1;
	load_listings(trust);
	return 0;
}

/* 5.4.3.2, and 4.3 where the trusted timestamp was lost but the snapshot was not. */
static int check_snapshot_listed(const struct tuf_trust *trust, const struct metadata *timestamp, struct error *err)
{
	struct tuf_listed listed;

	if (trust->timestamp && !trust->listing_released &&
		tuf_listing_check_rollback(trust->timestamp, timestamp, err) < 0)
		return -1;
	if (tuf_listing_find(timestamp, "snapshot", &listed, err) < 0)
		return -1;
	if (trust->snapshot && listed.version < trust->snapshot->version)
		return error_set(err, ERROR_REFUSED,
			"rollback attack: timestamp %" PRId64 " lists snapshot %" PRId64
			", the trusted one is %" PRId64,
			timestamp->version, listed.version, trust->snapshot->version);
	return 0;
}

int tuf_trust_offer_timestamp(struct tuf_trust *trust, const struct buf *bytes, struct error *err)
{
	struct metadata_signers signers = tuf_root_signers(trust->root, "timestamp");
	AUTO(metadata) struct metadata *next = NULL;

	if (tuf_timestamp_parse(buf_text(bytes), bytes->len, &next, err) < 0 ||
		metadata_verify(next, &signers, "root", err) < 0)
		return -1;
	if (trust->timestamp && next->version < trust->timestamp->version)
		return error_set(err, ERROR_REFUSED,
			"rollback attack: timestamp %" PRId64 " is older than the trusted %" PRId64, next->version,
			trust->timestamp->version);
	if (trust->timestamp && next->version == trust->timestamp->version)
		return metadata_check_time(trust->timestamp, tuf_trust_now_s(trust), err);
	if (check_snapshot_listed(trust, next, err) < 0 ||
		metadata_check_time(next, tuf_trust_now_s(trust), err) < 0 ||
		tuf_store_save(&trust->store, "timestamp", bytes, err) < 0)
		return -1;
	replace(&trust->timestamp, &next);
	trust->listing_released = false;
	return 0;
}

int tuf_trust_want_snapshot(
	struct tuf_trust *trust, struct tuf_listed *ret_listed, bool *ret_have_it, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(METADATA_MAX_BYTES);

	if (tuf_listing_find(trust->timestamp, "snapshot", ret_listed, err) < 0)
		return -1;
	*ret_have_it = trust->snapshot && tuf_listed_check_version(ret_listed, trust->snapshot, NULL) == 0 &&
		       metadata_check_time(trust->snapshot, tuf_trust_now_s(trust), NULL) == 0 &&
		       tuf_store_load(&trust->store, "snapshot", &bytes, NULL) == 0 &&
		       tuf_listed_check_bytes(ret_listed, "snapshot", buf_text(&bytes), bytes.len, NULL) == 0;
	return 0;
}

int tuf_trust_offer_snapshot(struct tuf_trust *trust, const struct buf *bytes, struct error *err)
{
	struct metadata_signers signers = tuf_root_signers(trust->root, "snapshot");
	AUTO(metadata) struct metadata *next = NULL;
	struct tuf_listed listed;

	if (tuf_listing_find(trust->timestamp, "snapshot", &listed, err) < 0 ||
		tuf_listed_check_bytes(&listed, "snapshot", buf_text(bytes), bytes->len, err) < 0 ||
		tuf_snapshot_parse(buf_text(bytes), bytes->len, &next, err) < 0 ||
		metadata_verify(next, &signers, "root", err) < 0 || tuf_listed_check_version(&listed, next, err) < 0)
		return -1;
	if (trust->snapshot && next->version < trust->snapshot->version)
		return error_set(err, ERROR_REFUSED,
			"rollback attack: snapshot %" PRId64 " is older than the trusted %" PRId64, next->version,
			trust->snapshot->version);
	if ((trust->snapshot && tuf_listing_check_rollback(trust->snapshot, next, err) < 0) ||
		metadata_check_time(next, tuf_trust_now_s(trust), err) < 0 ||
		tuf_store_save(&trust->store, "snapshot", bytes, err) < 0)
		return -1;
	replace(&trust->snapshot, &next);
	return 0;
}

/* A local copy that these signers signed, whatever its version and expiry; NULL where there is none. */
static struct metadata *load_signed_targets(
	struct tuf_trust *trust, const struct tuf_reached *reached, struct buf *ret_bytes)
{
	AUTO(metadata) struct metadata *targets = NULL;

	if (tuf_store_load(&trust->store, reached->role, ret_bytes, NULL) < 0 ||
		tuf_targets_parse(buf_text(ret_bytes), ret_bytes->len, reached->role, &targets, NULL) < 0)
		return NULL;
	if (strcmp(reached->by, "root") == 0 ? !metadata_is_signed(targets, &reached->signers)
					     : metadata_verify(targets, &reached->signers, reached->by, NULL) < 0)
		return NULL;
	return take_ptr(&targets);
}

int tuf_trust_load_targets(struct tuf_trust *trust, const struct tuf_reached *reached, struct tuf_listed *ret_listed,
	struct metadata **ret_targets, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(METADATA_MAX_BYTES);
	AUTO(metadata) struct metadata *targets = NULL;

	if (tuf_listing_find(trust->snapshot, reached->role, ret_listed, err) < 0)
		return -1;
	targets = load_signed_targets(trust, reached, &bytes);
	if (targets && tuf_listed_check_version(ret_listed, targets, NULL) == 0 &&
		tuf_listed_check_bytes(ret_listed, reached->role, buf_text(&bytes), bytes.len, NULL) == 0 &&
		metadata_check_time(targets, tuf_trust_now_s(trust), NULL) == 0)
		*ret_targets = take_ptr(&targets);
	return 0;
}

/* 4.3: the version on disk is not lowered, even where the snapshot that listed it was lost, unless a recovery
 * released it. */
static int check_not_older(
	struct tuf_trust *trust, const struct tuf_reached *reached, const struct metadata *next, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(METADATA_MAX_BYTES);
	AUTO(metadata) struct metadata *former = load_signed_targets(trust, reached, &bytes);

	if (!former || next->version >= former->version ||
		tuf_recovery_released(&trust->store, reached->role, &bytes))
		return 0;
	return error_set(err, ERROR_REFUSED, "rollback attack: %s %" PRId64 " is older than the trusted %" PRId64,
		reached->role, next->version, former->version);
}

int tuf_trust_offer_targets(struct tuf_trust *trust, const struct tuf_reached *reached, const struct buf *bytes,
	struct metadata **ret_targets, struct error *err)
{
	AUTO(metadata) struct metadata *next = NULL;
	struct tuf_listed listed;

	if (tuf_listing_find(trust->snapshot, reached->role, &listed, err) < 0 ||
		tuf_listed_check_bytes(&listed, reached->role, buf_text(bytes), bytes->len, err) < 0 ||
		tuf_targets_parse(buf_text(bytes), bytes->len, reached->role, &next, err) < 0 ||
		metadata_verify(next, &reached->signers, reached->by, err) < 0 ||
		tuf_listed_check_version(&listed, next, err) < 0 || check_not_older(trust, reached, next, err) < 0 ||
		metadata_check_time(next, tuf_trust_now_s(trust), err) < 0 ||
		tuf_store_save(&trust->store, reached->role, bytes, err) < 0)
		return -1;
	*ret_targets = take_ptr(&next);
	return 0;
}

int tuf_trust_vouch_time(struct tuf_trust *trust, int64_t time_s, struct error *err)
{
	const struct metadata *const trusted[] = {trust->root, trust->timestamp, trust->snapshot, trust->targets};

	if (!trust->keep_time_floor)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(trusted); i++)
		if (trusted[i] && metadata_check_time(trusted[i], time_s, NULL) < 0)
			return 0;
	return time_floor_raise(trust->store.fs, trust->store.dir_fd, trust->floor_s, time_s, &trust->floor_s, err);
}

int tuf_trust_vouch_own_times(struct tuf_trust *trust, struct error *err)
{
	const struct metadata *const trusted[] = {trust->root, trust->timestamp, trust->snapshot, trust->targets};

	for (size_t i = 0; i < ARRAY_SIZE(trusted); i++)
		if (trusted[i] && tuf_trust_vouch_time(trust, trusted[i]->issued_s, err) < 0)
			return -1;
	return 0;
}
