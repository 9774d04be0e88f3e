#include "manifests/tuf/tuf_targets.h"

#include <stdlib.h>
#include <string.h>

#include "common/hex.h"
#include "manifests/tuf/tuf_bins.h"
#include "manifests/tuf/tuf_path.h"

static int check_targets(const json_t *targets, struct error *err)
{
	struct tuf_content content;
	const char *path;
	json_t *entry;

	json_object_foreach ((json_t *)targets, path, entry) {
		if (!json_is_object(entry))
			return error_set(err, ERROR_INPUT, "target '%.100s' is not an object", path);
		if (tuf_content_parse(entry, true, &content, err) < 0)
			return error_context(err, "target '%.100s'", path);
	}
	return 0;
}

static int check_strings(const json_t *array, const char *what, struct error *err)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		if (!json_is_string(json_array_get(array, i)))
			return error_set(err, ERROR_INPUT, "entry %zu of '%s' is not a string", i + 1, what);
	return 0;
}

/* A delegated role named like a top-level one would take its file. */
static int check_role_name(const char *name, struct error *err)
{
	static const char *const taken[] = {"", "root", "timestamp", "snapshot", "targets"};

	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		if (strcmp(name, taken[i]) == 0)
			return error_set(err, ERROR_INPUT, "no role may be delegated to under the name '%s'", name);
	return 0;
}

static int check_delegation(const json_t *role, const json_t *keys, struct error *err)
{
	const json_t *paths = NULL, *prefixes = NULL;
	struct metadata_signers signers;
	const char *name;

	if (json_want_string(role, "name", &name, err) < 0 || check_role_name(name, err) < 0)
		return -1;
	if (metadata_signers_parse(keys, role, &signers, err) < 0 || json_may_array(role, "paths", &paths, err) < 0 ||
		json_may_array(role, "path_hash_prefixes", &prefixes, err) < 0 ||
		check_strings(paths, "paths", err) < 0 || check_strings(prefixes, "path_hash_prefixes", err) < 0)
		return error_context(err, "delegation to '%.100s'", name);
	if (paths && prefixes)
		return error_set(
			err, ERROR_INPUT, "delegation to '%.100s' has both paths and path_hash_prefixes", name);
	if (!json_is_boolean(json_object_get(role, "terminating")))
		return error_set(
			err, ERROR_INPUT, "delegation to '%.100s' does not say whether it is terminating", name);
	return 0;
}

static int check_roles(const json_t *roles, const json_t *keys, struct error *err)
{
	AUTO(json) json_t *names = json_object();

	for (size_t i = 0; i < json_array_size(roles); i++) {
		const json_t *role = json_array_get(roles, i);
		const char *name;

		if (!json_is_object(role))
			return error_set(err, ERROR_INPUT, "delegation %zu is not an object", i + 1);
		if (check_delegation(role, keys, err) < 0)
			return -1;
		name = json_string_value(json_object_get(role, "name"));
		if (json_object_get(names, name))
			return error_set(err, ERROR_INPUT, "two delegations to '%.100s'", name);
		if (json_object_set_new(names, name, json_true()) < 0)
			return error_set(err, ERROR_FAILED, "no memory for delegations");
	}
	return 0;
}

static int check_delegations(const json_t *delegations, struct error *err)
{
	const json_t *keys, *roles = NULL, *bins = NULL;
	struct metadata_signers signers;

	if (json_want_object(delegations, "keys", &keys, err) < 0 || metadata_check_keys(keys, err) < 0 ||
		json_may_array(delegations, "roles", &roles, err) < 0 ||
		json_may_object(delegations, "succinct_roles", &bins, err) < 0)
		return -1;
	if (!roles == !bins)
		return error_set(err, ERROR_INPUT, "there must be either 'roles' or 'succinct_roles'");
	if (bins && (metadata_signers_parse(keys, bins, &signers, err) < 0 || tuf_bins_check(bins, err) < 0))
		return -1;
	return check_roles(roles, keys, err);
}

int tuf_targets_parse(
	const void *data, size_t len, const char *role, struct metadata **ret_targets, struct error *err)
{
	AUTO(metadata) struct metadata *targets = NULL;
	const json_t *list, *delegations = NULL;

	if (metadata_parse(data, len, role, "targets", &targets, err) < 0)
		return -1;
	if (json_want_object(targets->body, "targets", &list, err) < 0 || check_targets(list, err) < 0 ||
		json_may_object(targets->body, "delegations", &delegations, err) < 0)
		return metadata_malformed(role, err);
	if (delegations && check_delegations(delegations, err) < 0) {
		(void)error_context(err, "delegations");
		return metadata_malformed(role, err);
	}
	*ret_targets = take_ptr(&targets);
	return 0;
}

/* Our own words about a target are optional, and others may use the name for theirs: what is no string says nothing.
 */
static int copy_word(const json_t *haishin, const char *name, char **ret_word, struct error *err)
{
	const char *word = metadata_text(json_object_get(haishin, name));

	if (word && !(*ret_word = strdup(word)))
		return error_set(err, ERROR_FAILED, "no memory for a target");
	return 0;
}

static int set_url(struct tuf_target *target, bool consistent, struct error *err)
{
	AUTO(buf) struct buf url = BUF_INIT(TUF_PATH_MAX_BYTES);
	enum digest_kind kind = tuf_content_hash(&target->content);
	char hash[2 * DIGEST_MOST_BYTES + 1];

	hex_encode(target->content.hashes[kind], digest_size(kind), hash);
	if (tuf_target_url(target->path, consistent ? hash : NULL, &url, err) < 0)
		return -1;
	if (!(target->url_path = strdup(buf_text(&url))))
		return error_set(err, ERROR_FAILED, "no memory for a target");
	return 0;
}

static int make_target(const struct metadata *targets, const char *path, const json_t *entry, bool consistent,
	struct tuf_target *ret_target, struct error *err)
{
	const json_t *haishin = json_object_get(json_object_get(entry, "custom"), "haishin");
	AUTO(tuf_target) struct tuf_target target = {.path = strdup(path), .role = strdup(targets->role)};
	struct tuf_content *content = &target.content;

	if (!target.path || !target.role)
		return error_set(err, ERROR_FAILED, "no memory for a target");
	if (tuf_content_parse(entry, true, content, err) < 0)
		return metadata_malformed(targets->role, err);
	if (tuf_content_hash(content) == DIGEST_KINDS)
		return error_set(err, ERROR_REFUSED,
			"malformed metadata: %s: none of the hashes of target '%.200s' is one of:" DIGEST_NAMES,
			targets->role, path);
	target.length = content->length;
	target.has_sha256 = content->is_listed[DIGEST_SHA256];
	memcpy(target.sha256.bytes, content->hashes[DIGEST_SHA256], SHA256_SIZE);
	if (set_url(&target, consistent, err) < 0 || copy_word(haishin, "package", &target.package, err) < 0 ||
		copy_word(haishin, "version", &target.version, err) < 0 ||
		copy_word(haishin, "kind", &target.kind, err) < 0)
		return -1;
	*ret_target = target;
	target = (struct tuf_target){0};
	return 0;
}

int tuf_targets_find(const struct metadata *targets, const char *path, bool consistent, bool *ret_found,
	struct tuf_target *ret_target, struct error *err)
{
	const json_t *entry = json_object_get(json_object_get(targets->body, "targets"), path);

	if (entry && make_target(targets, path, entry, consistent, ret_target, err) < 0)
		return -1;
	*ret_found = entry != NULL;
	return 0;
}

void tuf_target_clear(struct tuf_target *target)
{
	free(target->path);
	free(target->url_path);
	free(target->role);
	free(target->package);
	free(target->version);
	free(target->kind);
	*target = (struct tuf_target){0};
}

static bool delegation_matches(const json_t *role, const char *path, const char *path_hash)
{
	const json_t *paths = json_object_get(role, "paths");
	const json_t *prefixes = json_object_get(role, "path_hash_prefixes");

	for (size_t i = 0; i < json_array_size(paths); i++) {
		const char *pattern = metadata_text(json_array_get(paths, i));

		if (pattern && tuf_path_matches(pattern, path))
			return true;
	}
	for (size_t i = 0; i < json_array_size(prefixes); i++) {
		const char *prefix = metadata_text(json_array_get(prefixes, i));

		if (prefix && strncmp(path_hash, prefix, strlen(prefix)) == 0)
			return true;
	}
	return false;
}

/* Takes over ROLE, also on failure. */
static int add_delegation(struct tuf_delegations *delegations, char *take_role, bool terminating, const json_t *keys,
	const json_t *entry, struct error *err)
{
	struct tuf_delegation made = {.role = take_role, .terminating = terminating};

	if (!take_role)
		return error_set(err, ERROR_FAILED, "no memory for delegations");
	if (metadata_signers_parse(keys, entry, &made.signers, err) < 0) {
		free(take_role);
		return -1;
	}
	delegations->list[delegations->count++] = made;
	return 0;
}

int tuf_targets_delegations(
	const struct metadata *targets, const char *path, struct tuf_delegations *ret_delegations, struct error *err)
{
	const json_t *delegations = json_object_get(targets->body, "delegations");
	const json_t *keys = json_object_get(delegations, "keys");
	const json_t *roles = json_object_get(delegations, "roles");
	const json_t *bins = json_object_get(delegations, "succinct_roles");
	AUTO(tuf_delegations) struct tuf_delegations made = {0};
	char path_hash[SHA256_HEX_SIZE];
	struct sha256 digest;
	bool stop = false;

	if (!(made.list = calloc(json_array_size(roles) + 1, sizeof(*made.list))))
		return error_set(err, ERROR_FAILED, "no memory for delegations");
	sha256_of(path, strlen(path), &digest);
	(void)sha256_hex(&digest, path_hash);
	if (json_is_object(bins) && add_delegation(&made, tuf_bins_role(bins, path), true, keys, bins, err) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(roles) && !stop; i++) {
		const json_t *role = json_array_get(roles, i);
		const char *name = json_string_value(json_object_get(role, "name"));

		if (!delegation_matches(role, path, path_hash))
			continue;
		stop = json_is_true(json_object_get(role, "terminating"));
		if (add_delegation(&made, strdup(name), stop, keys, role, err) < 0)
			return -1;
	}
	*ret_delegations = made;
	made = (struct tuf_delegations){0};
	return 0;
}

void tuf_delegations_clear(struct tuf_delegations *delegations)
{
	for (size_t i = 0; i < delegations->count; i++)
		free(delegations->list[i].role);
	free(delegations->list);
	*delegations = (struct tuf_delegations){0};
}
