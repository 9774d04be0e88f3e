#include "manifests/tuf/tuf_listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/transport.h"

static int parse_listed(const json_t *entry, struct tuf_listed *ret_listed, struct error *err)
{
	if (!json_is_object(entry))
		return error_set(err, ERROR_INPUT, "not an object");
	if (json_want_integer(entry, "version", 1, INT64_MAX, &ret_listed->version, err) < 0)
		return -1;
	return tuf_content_parse(entry, false, &ret_listed->content, err);
}

static int check_body(const struct metadata *listing, bool only_snapshot, struct error *err)
{
	struct tuf_listed listed;
	const json_t *meta;
	const char *name;
	json_t *entry;

	if (json_want_object(listing->body, "meta", &meta, err) < 0)
		return -1;
	if (only_snapshot && (json_object_size(meta) != 1 || !json_object_get(meta, "snapshot.json")))
		return error_set(err, ERROR_INPUT, "member 'meta' does not list snapshot.json and nothing else");
	json_object_foreach ((json_t *)meta, name, entry)
		if (parse_listed(entry, &listed, err) < 0)
			return error_context(err, "meta: %.100s", name);
	return 0;
}

static int parse(const void *data, size_t len, const char *type, struct metadata **ret_listing, struct error *err)
{
	AUTO(metadata) struct metadata *listing = NULL;

	if (metadata_parse(data, len, type, type, &listing, err) < 0)
		return -1;
	if (check_body(listing, strcmp(type, "timestamp") == 0, err) < 0)
		return metadata_malformed(type, err);
	*ret_listing = take_ptr(&listing);
	return 0;
}

int tuf_timestamp_parse(const void *data, size_t len, struct metadata **ret_timestamp, struct error *err)
{
	return parse(data, len, "timestamp", ret_timestamp, err);
}

int tuf_snapshot_parse(const void *data, size_t len, struct metadata **ret_snapshot, struct error *err)
{
	return parse(data, len, "snapshot", ret_snapshot, err);
}

int tuf_listing_find(
	const struct metadata *listing, const char *role, struct tuf_listed *ret_listed, struct error *err)
{
	AUTO(free) char *name = NULL;
	const json_t *entry;

	if (asprintf(&name, "%s.json", role) < 0) {
		name = NULL;
		return error_set(err, ERROR_FAILED, "no memory for a role's name");
	}
	if (!(entry = json_object_get(json_object_get(listing->body, "meta"), name)))
		return error_set(err, ERROR_NOT_FOUND, "%s %" PRId64 " does not list role '%s'", listing->role,
			listing->version, role);
	return parse_listed(entry, ret_listed, err);
}

/* One entry of the old listing against the new; a name is compared whole, U+0000 included. */
static int check_entry(
	const struct metadata *new, const char *name, size_t len, const json_t *old_entry, struct error *err)
{
	const json_t *new_entry = json_object_getn(json_object_get(new->body, "meta"), name, len);
	struct tuf_listed before, after;

	if (!new_entry)
		return error_set(err, ERROR_REFUSED, "rollback attack: %s %" PRId64 " no longer lists %.100s",
			new->role, new->version, name);
	if (parse_listed(old_entry, &before, err) < 0 || parse_listed(new_entry, &after, err) < 0)
		return metadata_malformed(new->role, err);
	if (after.version < before.version)
		return error_set(err, ERROR_REFUSED,
			"rollback attack: %s %" PRId64 " lists %.100s %" PRId64 ", the trusted one %" PRId64,
			new->role, new->version, name, after.version, before.version);
	return 0;
}

int tuf_listing_check_rollback(const struct metadata *old, const struct metadata *new, struct error *err)
{
	json_t *meta = json_object_get(old->body, "meta");

	for (void *at = json_object_iter(meta); at; at = json_object_iter_next(meta, at))
		if (check_entry(new, json_object_iter_key(at), json_object_iter_key_len(at),
			    json_object_iter_value(at), err) < 0)
			return -1;
	return 0;
}

int tuf_listed_check_version(const struct tuf_listed *listed, const struct metadata *metadata, struct error *err)
{
	if (metadata->version == listed->version)
		return 0;
	return error_set(err, ERROR_REFUSED,
		"mix-and-match attack: %s has version %" PRId64 " where %" PRId64 " is listed", metadata->role,
		metadata->version, listed->version);
}

int tuf_listed_check_bytes(
	const struct tuf_listed *listed, const char *role, const void *data, size_t len, struct error *err)
{
	if (tuf_content_verify(&listed->content, data, len, err) == 0)
		return 0;
	if (!transport_is_strange(data, len) && !metadata_is_strange(data, len))
		return error_context(err, "mix-and-match attack: %s %" PRId64, role, listed->version);
	if (err)
		err->code = ERROR_STRANGER;
	return error_context(err, "something else came in place of %s %" PRId64, role, listed->version);
}
