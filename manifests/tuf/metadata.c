#include "manifests/tuf/metadata.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "manifests/keys/canonical_json.h"
#include "manifests/keys/key.h"
#include "manifests/tuf/metadata_json.h"

int metadata_malformed(const char *role, struct error *err)
{
	if (!err)
		return -1;
	if (err->code == ERROR_INPUT)
		err->code = ERROR_REFUSED;
	return error_context(err, "malformed metadata: %s", role);
}

const char *metadata_text(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && strlen(text) == json_string_length(value) ? text : NULL;
}

/* Each key id may sign once. */
static int check_signatures(const json_t *signatures, struct error *err)
{
	AUTO(json) json_t *seen = json_object();
	const char *key_id, *signature;

	for (size_t i = 0; i < json_array_size(signatures); i++) {
		const json_t *entry = json_array_get(signatures, i);

		if (!json_is_object(entry))
			return error_set(err, ERROR_INPUT, "signature %zu is not an object", i + 1);
		if (json_want_string(entry, "keyid", &key_id, err) < 0 ||
			json_want_string(entry, "sig", &signature, err) < 0)
			return error_context(err, "signature %zu", i + 1);
		if (json_object_get(seen, key_id))
			return error_set(err, ERROR_INPUT, "two signatures by key %.64s", key_id);
		if (json_object_set_new(seen, key_id, json_true()) < 0)
			return error_set(err, ERROR_FAILED, "no memory for a key id");
	}
	return 0;
}

static int parse_envelope(struct metadata *metadata, const void *data, size_t len, struct error *err)
{
	if (len > METADATA_MAX_BYTES)
		return error_set(err, ERROR_INPUT, "%zu bytes are more than any metadata needs", len);
	if (!(metadata->document = metadata_json_parse(data, len, err)) ||
		json_want_object(metadata->document, "signed", &metadata->body, err) < 0 ||
		json_want_array(metadata->document, "signatures", &metadata->signatures, err) < 0 ||
		check_signatures(metadata->signatures, err) < 0)
		return -1;
	metadata->canonical.limit = len;
	return canonical_json_write(metadata->body, &metadata->canonical, err);
}

/* "1.N" or "1.N.M". */
static int check_spec_version(const char *text, struct error *err)
{
	const char *at = text;
	size_t digits;
	int parts = 1;

	while ((digits = strspn(at, "0123456789")) > 0 && at[digits] == '.') {
		at += digits + 1;
		parts++;
	}
	if (digits == 0 || at[digits] != '\0' || parts < 2 || parts > 3 || strncmp(text, "1.", 2) != 0)
		return error_set(err, ERROR_INPUT, "spec_version '%.40s' is not 1.x", text);
	return 0;
}

/* When our publisher signed. Others may use the name otherwise: what is not a date says nothing. */
static int64_t issued_of(const json_t *body)
{
	const json_t *haishin = json_object_get(body, "haishin");
	const char *text = metadata_text(json_object_get(haishin, "issued"));
	int64_t issued_s;

	return text && clock_parse(text, &issued_s, NULL) == 0 && issued_s > 0 ? issued_s : 0;
}

static int parse_common(struct metadata *metadata, const char *wanted_type, struct error *err)
{
	const char *type, *spec_version, *expires;

	if (json_want_string(metadata->body, "_type", &type, err) < 0 ||
		json_want_string(metadata->body, "spec_version", &spec_version, err) < 0 ||
		json_want_integer(metadata->body, "version", 1, INT64_MAX, &metadata->version, err) < 0 ||
		json_want_string(metadata->body, "expires", &expires, err) < 0)
		return -1;
	if (strcmp(type, wanted_type) != 0)
		return error_set(err, ERROR_INPUT, "its _type is '%.40s', not '%s'", type, wanted_type);
	if (check_spec_version(spec_version, err) < 0)
		return -1;
	if (clock_parse(expires, &metadata->expires_s, err) < 0)
		return error_context(err, "expires");
	metadata->issued_s = issued_of(metadata->body);
	return 0;
}

int metadata_parse(const void *data, size_t len, const char *role, const char *type, struct metadata **ret_metadata,
	struct error *err)
{
	AUTO(metadata) struct metadata *metadata = calloc(1, sizeof(*metadata));

	if (!metadata || !(metadata->role = strdup(role)))
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	if (parse_envelope(metadata, data, len, err) < 0 || parse_common(metadata, type, err) < 0)
		return metadata_malformed(role, err);
	*ret_metadata = take_ptr(&metadata);
	return 0;
}

int metadata_signers_parse(
	const json_t *keys, const json_t *role, struct metadata_signers *ret_signers, struct error *err)
{
	struct metadata_signers signers = {.keys = keys};

	if (json_want_array(role, "keyids", &signers.key_ids, err) < 0 ||
		json_want_integer(role, "threshold", 1, INT64_MAX, &signers.threshold, err) < 0)
		return -1;
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

static bool lists(const json_t *key_ids, const char *key_id)
{
	for (size_t i = 0; i < json_array_size(key_ids); i++) {
		const char *listed = metadata_text(json_array_get(key_ids, i));

		if (listed && strcmp(listed, key_id) == 0)
			return true;
	}
	return false;
}

/* The key behind one signature if that signature counts; NULL with the reason otherwise. */
static struct key *counting_key(const struct metadata *metadata, const struct metadata_signers *signers,
	const json_t *entry, struct error *why)
{
	const char *key_id = json_string_value(json_object_get(entry, "keyid"));
	const json_t *object = json_object_get(signers->keys, key_id);
	AUTO(key) struct key *key = NULL;

	if (!lists(signers->key_ids, key_id) || !object)
		(void)error_set(why, ERROR_REFUSED, "key %.8s is not one of this role's", key_id);
	else if (key_check_id(object, key_id, why) < 0 || !(key = key_parse(object, why)))
		(void)error_context(why, "key %.8s", key_id);
	else if (!key_verify(key, metadata->canonical.data, metadata->canonical.len,
			 json_string_value(json_object_get(entry, "sig"))))
		(void)error_set(why, ERROR_REFUSED, "the signature by key %.8s does not hold", key_id);
	else
		return take_ptr(&key);
	return NULL;
}

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
	struct error why = {.text = "nobody signed it"};

	if (!counted.keys)
		return error_set(err, ERROR_FAILED, "no memory for %zu signatures", signatures);
	for (size_t i = 0; i < signatures && (int64_t)counted.count < signers->threshold; i++) {
		AUTO(key)
		struct key *key = counting_key(metadata, signers, json_array_get(metadata->signatures, i), &why);

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

int metadata_check_time(const struct metadata *metadata, int64_t now_s, struct error *err)
{
	char expires[CLOCK_TEXT_SIZE], now[CLOCK_TEXT_SIZE];

	if (metadata->expires_s > now_s)
		return 0;
	return error_set(err, ERROR_REFUSED,
		"freeze attack: %s %" PRId64
		" expired at %s, and it is %s; check the clock, or ask for newer metadata",
		metadata->role, metadata->version, clock_text(metadata->expires_s, expires), clock_text(now_s, now));
}

void metadata_free(struct metadata *metadata)
{
	if (!metadata)
		return;
	free(metadata->role);
	json_decref(metadata->document);
	buf_clear(&metadata->canonical);
	free(metadata);
}
