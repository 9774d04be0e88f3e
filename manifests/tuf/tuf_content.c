#include "manifests/tuf/tuf_content.h"

#include <inttypes.h>
#include <string.h>

#include "common/hex.h"

/* A hash that is listed but misshapen matches nothing; it must not be dropped as if it were not listed. */
static int parse_hash(const json_t *hashes, enum digest_kind kind, struct tuf_content *content, struct error *err)
{
	const char *text = NULL;

	if (json_may_string(hashes, digest_name(kind), &text, err) < 0)
		return error_context(err, "hashes");
	if (!text)
		return 0;
	if (hex_decode(text, content->hashes[kind], digest_size(kind), err) < 0)
		return error_context(err, "hashes: %s", digest_name(kind));
	content->is_listed[kind] = true;
	return 0;
}

static int parse_hashes(const json_t *hashes, struct tuf_content *content, struct error *err)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)hashes, name, value)
		if (!json_is_string(value))
			return error_set(err, ERROR_INPUT, "hash '%s' is not a string", name);
	content->has_hashes = true;
	for (int kind = 0; kind < DIGEST_KINDS; kind++)
		if (parse_hash(hashes, (enum digest_kind)kind, content, err) < 0)
			return -1;
	return 0;
}

int tuf_content_parse(const json_t *object, bool required, struct tuf_content *ret_content, struct error *err)
{
	struct tuf_content content = {0};
	const json_t *hashes = NULL;
	int64_t length = -1;

	if (required && (json_want_integer(object, "length", 0, INT64_MAX, &length, err) < 0 ||
				json_want_object(object, "hashes", &hashes, err) < 0))
		return -1;
	if (!required && (json_may_integer(object, "length", 0, INT64_MAX, &length, err) < 0 ||
				 json_may_object(object, "hashes", &hashes, err) < 0))
		return -1;
	content.has_length = length >= 0;
	content.length = length >= 0 ? (uint64_t)length : 0;
	if (hashes && parse_hashes(hashes, &content, err) < 0)
		return -1;
	*ret_content = content;
	return 0;
}

enum digest_kind tuf_content_hash(const struct tuf_content *content)
{
	int kind = 0;

	while (kind < DIGEST_KINDS && !content->is_listed[kind])
		kind++;
	return (enum digest_kind)kind;
}

int tuf_content_check_init(struct tuf_content_check *check, const struct tuf_content *content, struct error *err)
{
	AUTO(tuf_content_check) struct tuf_content_check made = {.content = content};

	for (int kind = 0; kind < DIGEST_KINDS; kind++)
		if (content->is_listed[kind] && !(made.digests[kind] = digest_new((enum digest_kind)kind, err)))
			return -1;
	*check = made;
	made = (struct tuf_content_check){0};
	return 0;
}

void tuf_content_check_add(struct tuf_content_check *check, const void *data, size_t len)
{
	for (int kind = 0; kind < DIGEST_KINDS; kind++)
		if (check->digests[kind])
			digest_update(check->digests[kind], data, len);
	check->length += len;
}

int tuf_content_check_finish(struct tuf_content_check *check, struct error *err)
{
	const struct tuf_content *content = check->content;
	uint8_t bytes[DIGEST_MOST_BYTES];

	if (content->has_length && check->length != content->length)
		return error_set(err, ERROR_REFUSED, "%" PRIu64 " bytes where %" PRIu64 " are listed", check->length,
			content->length);
	if (content->has_hashes && tuf_content_hash(content) == DIGEST_KINDS)
		return error_set(err, ERROR_REFUSED, "none of the listed hashes is one of:" DIGEST_NAMES);
	for (int kind = 0; kind < DIGEST_KINDS; kind++) {
		if (!check->digests[kind])
			continue;
		digest_finish(check->digests[kind], bytes);
		if (memcmp(bytes, content->hashes[kind], digest_size((enum digest_kind)kind)) != 0)
			return error_set(err, ERROR_REFUSED, "the %s is not the one that is listed",
				digest_title((enum digest_kind)kind));
	}
	return 0;
}

void tuf_content_check_clear(struct tuf_content_check *check)
{
	for (int kind = 0; kind < DIGEST_KINDS; kind++)
		digest_free(check->digests[kind]);
	*check = (struct tuf_content_check){0};
}

int tuf_content_verify(const struct tuf_content *content, const void *data, size_t len, struct error *err)
{
	AUTO(tuf_content_check) struct tuf_content_check check = {0};

	if (tuf_content_check_init(&check, content, err) < 0)
		return -1;
	tuf_content_check_add(&check, data, len);
	return tuf_content_check_finish(&check, err);
}
