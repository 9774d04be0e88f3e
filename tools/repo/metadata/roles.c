#include "tools/repo/metadata/roles.h"

#include <stdio.h>
#include <string.h>

#include "common/auto.h"

static int no_memory(struct error *err)
{
	return error_set(err, ERROR_FAILED, "no memory for metadata");
}

static json_t *find_delegation(json_t *delegations, const char *role, size_t *ret_index)
{
	json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(delegations, "roles"), i, entry) {
		const char *name = json_string_value(json_object_get(entry, "name"));

		if (name && strcmp(name, role) == 0) {
			*ret_index = i;
			return entry;
		}
	}
	return NULL;
}

json_t *roles_entry(json_t *body, const char *role, json_t **ret_keys)
{
	json_t *delegations = json_object_get(body, "delegations");
	json_t *top_level = json_object_get(body, "roles");
	size_t index;

	*ret_keys = json_object_get(top_level ? body : delegations, "keys");
	return top_level ? json_object_get(top_level, role) : find_delegation(delegations, role, &index);
}

static size_t find_text(const json_t *texts, const char *text)
{
	size_t i = 0;

	while (i < json_array_size(texts) && strcmp(json_string_value(json_array_get(texts, i)), text) != 0)
		i++;
	return i;
}

int roles_add_key(json_t *body, const char *role, const char *id, json_t *public_key, struct error *err)
{
	json_t *keys;
	json_t *key_ids = json_object_get(roles_entry(body, role, &keys), "keyids");

	if (!key_ids)
		return error_set(err, ERROR_NOT_FOUND, "there is no role '%s'", role);
	if (json_object_set(keys, id, public_key) < 0)
		return no_memory(err);
	if (find_text(key_ids, id) == json_array_size(key_ids) && json_array_append_new(key_ids, json_string(id)) < 0)
		return no_memory(err);
	return 0;
}

static bool key_is_used(const json_t *body, const char *id)
{
	const json_t *top_level = json_object_get(body, "roles");
	const json_t *delegated = json_object_get(json_object_get(body, "delegations"), "roles");
	const json_t *entry;
	const char *name;
	size_t i;

	json_object_foreach ((json_t *)top_level, name, entry)
		if (find_text(json_object_get(entry, "keyids"), id) <
			json_array_size(json_object_get(entry, "keyids")))
			return true;
	json_array_foreach (delegated, i, entry)
		if (find_text(json_object_get(entry, "keyids"), id) <
			json_array_size(json_object_get(entry, "keyids")))
			return true;
	return false;
}

int roles_remove_key(json_t *body, const char *role, const char *id, struct error *err)
{
	json_t *keys;
	json_t *key_ids = json_object_get(roles_entry(body, role, &keys), "keyids");
	size_t index = find_text(key_ids, id);

	if (index == json_array_size(key_ids))
		return error_set(err, ERROR_NOT_FOUND, "key %s is not one of role '%s'", id, role);
	(void)json_array_remove(key_ids, index);
	if (!key_is_used(body, id))
		(void)json_object_del(keys, id);
	return 0;
}

int roles_set_threshold(json_t *body, const char *role, int64_t threshold, struct error *err)
{
	json_t *keys;
	json_t *entry = roles_entry(body, role, &keys);
	size_t count = json_array_size(json_object_get(entry, "keyids"));

	if (threshold < 1 || (size_t)threshold > count)
		return error_set(err, ERROR_USAGE,
			"role '%s' would need %lld signatures of %zu keys: give it more keys, or a lower --threshold",
			role, (long long)threshold, count);
	return json_object_set_new(entry, "threshold", json_integer(threshold)) < 0 ? no_memory(err) : 0;
}

int roles_add_top_level(json_t *root, const char *role, struct error *err)
{
	json_t *entry = JSON_OBJECT({json_take("keyids", json_array()), json_number("threshold", 1)});

	return json_object_set_new(json_object_get(root, "roles"), role, entry) < 0 ? no_memory(err) : 0;
}

int roles_add_delegation(json_t *targets, const char *role, const char *pattern, struct error *err)
{
	json_t *delegations = json_object_get(targets, "delegations");
	size_t index;

	if (!delegations) {
		if (json_object_set_new(targets, "delegations",
			    JSON_OBJECT({json_take("keys", json_object()), json_take("roles", json_array())})) < 0)
			return no_memory(err);
		delegations = json_object_get(targets, "delegations");
	}
	if (find_delegation(delegations, role, &index))
		return error_set(err, ERROR_USAGE,
			"'%s' is delegated already; \"haishin-repo rotate\" changes its keys", role);
	if (json_array_append_new(
		    json_object_get(delegations, "roles"), JSON_OBJECT({
								   json_text("name", role),
								   json_take("keyids", json_array()),
								   json_number("threshold", 1),
								   json_flag("terminating", true),
								   json_take("paths", json_pack("[s]", pattern)),
							   })) < 0)
		return no_memory(err);
	return 0;
}

int roles_add_path(json_t *targets, const char *role, const char *pattern, struct error *err)
{
	const json_t *entry = find_delegation(json_object_get(targets, "delegations"), role, &(size_t){0});
	json_t *paths = json_object_get(entry, "paths"), *path;
	size_t i;

	if (!paths)
		return error_set(err, ERROR_NOT_FOUND, "'%s' is no role that signs paths of this repository", role);
	json_array_foreach (paths, i, path)
		if (strcmp(json_string_value(path), pattern) == 0)
			return 0;
	return json_array_append_new(paths, json_string(pattern)) < 0 ? no_memory(err) : 1;
}

int roles_remove_delegation(json_t *targets, const char *role, struct error *err)
{
	json_t *delegations = json_object_get(targets, "delegations");
	AUTO(json) json_t *key_ids = NULL;
	const json_t *id;
	size_t index;
	size_t i;

	if (!find_delegation(delegations, role, &index))
		return error_set(err, ERROR_NOT_FOUND, "'%s' is not delegated", role);
	key_ids =
		json_incref(json_object_get(json_array_get(json_object_get(delegations, "roles"), index), "keyids"));
	(void)json_array_remove(json_object_get(delegations, "roles"), index);
	json_array_foreach (key_ids, i, id)
		if (!key_is_used(targets, json_string_value(id)))
			(void)json_object_del(json_object_get(delegations, "keys"), json_string_value(id));
	return 0;
}

int roles_put_target(json_t *body, const struct roles_target *target, struct error *err)
{
	json_t *targets = json_object_get(body, "targets");
	char hex[SHA256_HEX_SIZE];

	if (json_object_set_new(targets, target->path,
		    JSON_OBJECT({
			    json_number("length", (int64_t)target->length),
			    json_take("hashes", JSON_OBJECT({json_text("sha256", sha256_hex(&target->sha256, hex))})),
			    json_take("custom",
				    JSON_OBJECT({
					    json_take("haishin", JSON_OBJECT({
									 json_text_if("package", target->package),
									 json_text_if("version", target->version),
									 json_text("kind", target->kind),
								 })),
				    })),
		    })) < 0)
		return no_memory(err);
	return 0;
}

bool roles_target_digest(const json_t *body, const char *path, struct sha256 *ret_digest)
{
	const json_t *target = json_object_get(json_object_get(body, "targets"), path);
	const char *hex = json_string_value(json_object_get(json_object_get(target, "hashes"), "sha256"));

	return hex && sha256_parse(hex, ret_digest, NULL) == 0;
}

void roles_target_file(const char *path, const struct sha256 *digest, char ret_path[static ROLES_TARGET_FILE_SIZE])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char hex[SHA256_HEX_SIZE];

	(void)snprintf(ret_path, ROLES_TARGET_FILE_SIZE, "%.*s%s.%s", (int)(name - path), path,
		sha256_hex(digest, hex), name);
}
