#include "manifests/tuf/metadata_signers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "manifests/keys/key.h"

int metadata_signers_parse(
	const json_t *keys, const json_t *role, struct metadata_signers *ret_signers, struct error *err)
{
	struct metadata_signers signers = {.keys = keys};

	if (json_want_array(role, "keyids", &signers.key_ids, err) < 0 ||
		json_want_integer(role, "threshold", 1, INT64_MAX, &signers.threshold, err) < 0)
		return -1;
	if (json_array_size(signers.key_ids) > METADATA_KEY_IDS_MAX)
		return error_set(err, ERROR_INPUT, "%zu key ids; %d are allowed", json_array_size(signers.key_ids),
			METADATA_KEY_IDS_MAX);
	for (size_t i = 0; i < json_array_size(signers.key_ids); i++)
		if (!json_is_string(json_array_get(signers.key_ids, i)))
			return error_set(err, ERROR_INPUT, "key id %zu is not a string", i + 1);
	*ret_signers = signers;
	return 0;
}

int metadata_check_keys(const json_t *keys, struct error *err)
{
	const char *id, *text;
	const json_t *keyval;
	json_t *key;

	json_object_foreach ((json_t *)keys, id, key) {
		if (!json_is_object(key))
			return error_set(err, ERROR_INPUT, "key %.64s is not an object", id);
		if (json_want_string(key, "keytype", &text, err) < 0 ||
			json_want_string(key, "scheme", &text, err) < 0 ||
			json_want_object(key, "keyval", &keyval, err) < 0)
			return error_context(err, "key %.64s", id);
	}
	return 0;
}

/* The listed key ids as members of an object, to look them up in. What holds U+0000 is nobody's id. NULL: no memory. */
static json_t *listed_ids(const struct metadata_signers *signers)
{
	AUTO(json) json_t *ids = json_object();

	for (size_t i = 0; i < json_array_size(signers->key_ids); i++) {
		const char *id = metadata_text(json_array_get(signers->key_ids, i));

		if (id && json_object_set_new(ids, id, json_true()) < 0)
			return NULL;
	}
	return take_ptr(&ids);
}

/* The key that is listed under an id, if it is the one that the id stands for; NULL with the reason otherwise. */
static struct key *listed_key(const json_t *keys, const char *key_id, struct error *why)
{
	const json_t *object = json_object_get(keys, key_id);
	AUTO(key) struct key *key = NULL;

	if (!object)
		(void)error_set(why, ERROR_REFUSED, "key %.8s is not one of this role's", key_id);
	else if (key_check_id(object, key_id, why) < 0 || !(key = key_parse(object, why)))
		(void)error_context(why, "key %.8s", key_id);
	return take_ptr(&key);
}

/* The key behind one signature if that signature counts; NULL with the reason otherwise. */
static struct key *counting_key(const struct metadata *metadata, const json_t *keys, const json_t *ids,
	const json_t *entry, struct error *why)
{
	const char *key_id = json_string_value(json_object_get(entry, "keyid"));
	AUTO(key) struct key *key = listed_key(json_object_get(ids, key_id) ? keys : NULL, key_id, why);

	if (!key || key_verify(key, metadata->canonical.data, metadata->canonical.len,
			    json_string_value(json_object_get(entry, "sig"))))
		return take_ptr(&key);
	(void)error_set(why, ERROR_REFUSED, "the signature by key %.8s does not hold", key_id);
	return NULL;
}

/* Different keys. */
struct key_list {
	struct key **keys;
	size_t count;
};

static void key_list_clear(struct key_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		key_free(list->keys[i]);
	free(list->keys);
}
DEFINE_AUTO(key_list, struct key_list, key_list_clear);

static bool key_list_holds(const struct key_list *list, const struct key *key)
{
	for (size_t i = 0; i < list->count; i++)
		if (key_equal(list->keys[i], key))
			return true;
	return false;
}

int metadata_verify(
	const struct metadata *metadata, const struct metadata_signers *signers, const char *by, struct error *err)
{
	size_t signatures = json_array_size(metadata->signatures);
	AUTO(key_list) struct key_list counted = {.keys = calloc(signatures + 1, sizeof(struct key *))};
	AUTO(json) json_t *ids = listed_ids(signers);
	struct error why = {.text = "nobody signed it"};

	if (!counted.keys || !ids)
		return error_set(err, ERROR_FAILED, "no memory for %zu signatures", signatures);
	for (size_t i = 0; i < signatures && (int64_t)counted.count < signers->threshold; i++) {
		const json_t *entry = json_array_get(metadata->signatures, i);
		AUTO(key) struct key *key = counting_key(metadata, signers->keys, ids, entry, &why);

		if (key && key_list_holds(&counted, key))
			(void)error_set(&why, ERROR_REFUSED, "the same key signed under two ids");
		else if (key)
			counted.keys[counted.count++] = take_ptr(&key);
	}
	if ((int64_t)counted.count >= signers->threshold)
		return 0;
	return error_set(err, ERROR_REFUSED,
		"wrong key: %s %" PRId64 " is signed by %zu of the %" PRId64 " keys that %s asks for (%.200s)",
		metadata->role, metadata->version, counted.count, signers->threshold, by, why.text);
}

/* The different keys that a role lists; false where there is no memory. */
static bool keys_of(const struct metadata_signers *signers, struct key_list *ret_list)
{
	AUTO(json) json_t *ids = listed_ids(signers);
	const char *id;
	json_t *value;

	if (!ids || !(ret_list->keys = calloc(json_object_size(ids) + 1, sizeof(struct key *))))
		return false;
	json_object_foreach (ids, id, value) {
		AUTO(key) struct key *key = listed_key(signers->keys, id, NULL);

		if (key && !key_list_holds(ret_list, key))
			ret_list->keys[ret_list->count++] = take_ptr(&key);
	}
	return true;
}

static bool has_signed(const struct key *key, const struct metadata *metadata)
{
	for (size_t i = 0; i < json_array_size(metadata->signatures); i++)
		if (key_verify(key, metadata->canonical.data, metadata->canonical.len,
			    json_string_value(json_object_get(json_array_get(metadata->signatures, i), "sig"))))
			return true;
	return false;
}

bool metadata_is_signed(const struct metadata *metadata, const struct metadata_signers *signers)
{
	AUTO(key_list) struct key_list keys = {0};
	int64_t count = 0;

	if (metadata_verify(metadata, signers, "root", NULL) == 0)
		return true;
	if (!keys_of(signers, &keys))
		return false;
	for (size_t i = 0; i < keys.count && count < signers->threshold; i++)
		count += has_signed(keys.keys[i], metadata);
	return count >= signers->threshold;
}

bool metadata_signers_overlap(const struct metadata_signers *before, const struct metadata_signers *next)
{
	AUTO(key_list) struct key_list old = {0};
	AUTO(key_list) struct key_list new = {0};
	int64_t common = 0;

	if (!keys_of(before, &old) || !keys_of(next, &new))
		return true; /* the careful answer */
	for (size_t i = 0; i < new.count; i++)
		common += key_list_holds(&old, new.keys[i]);
	return common >= next->threshold;
}
