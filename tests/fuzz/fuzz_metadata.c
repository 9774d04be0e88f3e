/* Every role's parser, and all that is done with what it accepts. */
#include "manifests/tuf/tuf_listing.h"
#include "manifests/tuf/tuf_root.h"
#include "manifests/tuf/tuf_targets.h"
#include "tests/fuzz/fuzz.h"

#define PATH "reader-app/acme/reader-app-acme-1.2.3.json"

static void use_root(const void *data, size_t len)
{
	AUTO(metadata) struct metadata *root = NULL;
	char keys[SHA256_HEX_SIZE];
	struct error err;

	if (tuf_root_parse(data, len, &root, &err) < 0)
		return;
	if (tuf_root_verify_self(root, &err) == 0)
		(void)!tuf_root_verify_next(root, root, &err);
	(void)tuf_root_is_consistent(root);
	(void)!tuf_root_online_keys(root, keys, &err);
}

static void use_listing(
	int (*parse)(const void *, size_t, struct metadata **, struct error *), const void *data, size_t len)
{
	AUTO(metadata) struct metadata *listing = NULL;
	struct tuf_listed listed;
	struct error err;

	if (parse(data, len, &listing, &err) < 0)
		return;
	(void)!tuf_listing_check_rollback(listing, listing, &err);
	if (tuf_listing_find(listing, "snapshot", &listed, &err) == 0)
		(void)!tuf_listed_check_bytes(&listed, "snapshot", data, len, &err);
}

static void use_targets(const void *data, size_t len)
{
	AUTO(tuf_delegations) struct tuf_delegations delegations = {0};
	AUTO(metadata) struct metadata *targets = NULL;
	AUTO(tuf_target) struct tuf_target target = {0};
	struct error err;
	bool found;

	if (tuf_targets_parse(data, len, "targets", &targets, &err) < 0)
		return;
	(void)!tuf_targets_find(targets, PATH, true, &found, &target, &err);
	if (tuf_targets_delegations(targets, PATH, &delegations, &err) < 0)
		return;
	for (size_t i = 0; i < delegations.count; i++)
		(void)!metadata_verify(targets, &delegations.list[i].signers, "targets", &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	use_root(data, len);
	use_listing(tuf_timestamp_parse, data, len);
	use_listing(tuf_snapshot_parse, data, len);
	use_targets(data, len);
	return 0;
}
