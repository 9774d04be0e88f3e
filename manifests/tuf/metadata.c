#include "manifests/tuf/metadata.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "manifests/keys/canonical_json.h"
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

	if (json_array_size(signatures) > METADATA_SIGNATURES_MAX)
		return error_set(err, ERROR_INPUT, "%zu signatures; %d are allowed", json_array_size(signatures),
			METADATA_SIGNATURES_MAX);
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

/* An object that ends before its last brace: a transfer that was cut, or a copy that is still under way. */
static bool is_cut(const char *data, size_t len)
{
	bool in_string = false;
	size_t depth = 0;

	for (size_t at = 0; at < len; at++) {
		if (data[at] == '\x22')
			in_string = !in_string;
		else if (in_string && data[at] == '\\')
			at++;
		else if (!in_string && data[at] == '{')
			depth++;
		else if (!in_string && data[at] == '}' && depth-- == 0)
			return false;
	}
	return in_string || depth > 0;
}

/* A login page, an empty answer, the words of a proxy, half a document: nobody signed it, so nobody forged it either. JSON stands in it where
 * it was read. */
static bool is_no_document(const json_t *json, const char *data, size_t len)
{
	size_t at = 0;

	if (json)
		return !json_object_get(json, "signed") && !json_object_get(json, "signatures");
	while (at < len && strchr(" \t\r\n", data[at]) && data[at])
		at++;
	return at == len || data[at] != '{' || is_cut(data + at, len - at);
}

bool metadata_is_strange(const void *data, size_t len)
{
	json_t *json = metadata_json_parse(data, len, NULL);
	bool is_strange = is_no_document(json, data, len);

	json_decref(json);
	return is_strange;
}

static int parse_envelope(struct metadata *metadata, const void *data, size_t len, struct error *err)
{
	if (len > METADATA_MAX_BYTES)
		return error_set(err, ERROR_INPUT, "%zu bytes are more than any metadata needs", len);
	if (!(metadata->document = metadata_json_parse(data, len, err)) ||
		json_want_object(metadata->document, "signed", &metadata->body, err) < 0 ||
		json_want_array(metadata->document, "signatures", &metadata->signatures, err) < 0 ||
		check_signatures(metadata->signatures, err) < 0) {
		if (err && err->code == ERROR_INPUT && is_no_document(metadata->document, data, len))
			err->code = ERROR_STRANGER;
		return -1;
	}
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

int metadata_check_time(const struct metadata *metadata, int64_t now_s, struct error *err)
{
	char expires[CLOCK_TEXT_SIZE], now[CLOCK_TEXT_SIZE];

	if (metadata->expires_s > now_s)
		return 0;
	return error_set(err, ERROR_EXPIRED,
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
