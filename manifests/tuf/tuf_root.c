#include "manifests/tuf/tuf_root.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "manifests/keys/canonical_json.h"

static const char *const top_roles[] = {"root", "timestamp", "snapshot", "targets"};

static int check_body(const struct metadata *root, struct error *err)
{
	const json_t *keys, *roles, *role;
	struct metadata_signers signers;
	bool consistent;

	if (json_want_object(root->body, "keys", &keys, err) < 0 || metadata_check_keys(keys, err) < 0 ||
		json_want_object(root->body, "roles", &roles, err) < 0 ||
		json_may_bool(root->body, "consistent_snapshot", &consistent, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(top_roles); i++)
		if (json_want_object(roles, top_roles[i], &role, err) < 0 ||
			metadata_signers_parse(keys, role, &signers, err) < 0)
			return error_context(err, "role %s", top_roles[i]);
	return 0;
}

int tuf_root_parse(const void *data, size_t len, struct metadata **ret_root, struct error *err)
{
	AUTO(metadata) struct metadata *root = NULL;

	if (metadata_parse(data, len, "root", "root", &root, err) < 0)
		return -1;
	if (check_body(root, err) < 0)
		return metadata_malformed("root", err);
	*ret_root = take_ptr(&root);
	return 0;
}

struct metadata_signers tuf_root_signers(const struct metadata *root, const char *role)
{
	const json_t *roles = json_object_get(root->body, "roles");
	struct metadata_signers signers = {0};
	int ret = metadata_signers_parse(
		json_object_get(root->body, "keys"), json_object_get(roles, role), &signers, NULL);

	assert(ret == 0); /* tuf_root_parse checked it */
	(void)ret;
	return signers;
}

int tuf_root_verify_self(const struct metadata *root, struct error *err)
{
	struct metadata_signers signers = tuf_root_signers(root, "root");

	return metadata_verify(root, &signers, "it itself", err);
}

int tuf_root_verify_next(const struct metadata *trusted, const struct metadata *next, struct error *err)
{
	struct metadata_signers signers = tuf_root_signers(trusted, "root");

	if (metadata_verify(next, &signers, "the trusted root", err) < 0 || tuf_root_verify_self(next, err) < 0)
		return -1;
	if (next->version <= trusted->version)
		return error_set(err, ERROR_REFUSED,
			"rollback attack: root %" PRId64 " was given where %" PRId64
			" should follow the trusted root",
			next->version, trusted->version + 1);
	if (next->version != trusted->version + 1)
		return error_set(err, ERROR_REFUSED,
			"mix-and-match attack: root %" PRId64 " was given where %" PRId64
			" should follow the trusted root",
			next->version, trusted->version + 1);
	return 0;
}

bool tuf_root_is_consistent(const struct metadata *root)
{
	return json_is_true(json_object_get(root->body, "consistent_snapshot"));
}

/* Adds a role's threshold, and its key ids as members, which makes their order and repetition meaningless. */
static int add_signers(const struct metadata *root, const char *role, json_t *object, struct error *err)
{
	struct metadata_signers signers = tuf_root_signers(root, role);
	json_t *ids = json_object();

	if (json_object_set_new(object, role, ids) < 0 ||
		json_object_set_new(ids, "threshold", json_integer(signers.threshold)) < 0)
		return error_set(err, ERROR_FAILED, "no memory for key ids");
	for (size_t i = 0; i < json_array_size(signers.key_ids); i++)
		if (json_object_set_new(ids, json_string_value(json_array_get(signers.key_ids, i)), json_true()) < 0)
			return error_set(err, ERROR_FAILED, "no memory for key ids");
	return 0;
}

int tuf_root_online_keys(const struct metadata *root, char ret_keys[static SHA256_HEX_SIZE], struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(2 * TUF_ROOT_MAX_BYTES);
	AUTO(json) json_t *object = json_object();
	struct sha256 digest;

	if (add_signers(root, "timestamp", object, err) < 0 || add_signers(root, "snapshot", object, err) < 0 ||
		canonical_json_write(object, &text, err) < 0)
		return -1;
	sha256_of(text.data, text.len, &digest);
	(void)sha256_hex(&digest, ret_keys);
	return 0;
}
