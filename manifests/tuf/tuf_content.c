#include "manifests/tuf/tuf_content.h"

#include <inttypes.h>
#include <string.h>

#include "common/hex.h"

/* A hash that is listed but misshapen matches nothing; it must not be dropped as if it were not listed. */
static int parse_hash(
	const json_t *hashes, const char *name, size_t size, bool *ret_listed, void *ret_bytes, struct error *err)
{
	const char *text = NULL;

	if (json_may_string(hashes, name, &text, err) < 0)
		return error_context(err, "hashes");
	if (!text)
		return 0;
	if (hex_decode(text, ret_bytes, size, err) < 0)
		return error_context(err, "hashes: %s", name);
	*ret_listed = true;
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
	if (parse_hash(hashes, "sha256", SHA256_SIZE, &content->has_sha256, content->sha256.bytes, err) < 0)
		return -1;
	return parse_hash(hashes, "sha512", SHA512_SIZE, &content->has_sha512, content->sha512, err);
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

int tuf_content_check_init(struct tuf_content_check *check, const struct tuf_content *content, struct error *err)
{
	AUTO(tuf_content_check) struct tuf_content_check made = {.content = content};

	if ((content->has_sha256 && !(made.sha256 = digest_new(DIGEST_SHA256, err))) ||
		(content->has_sha512 && !(made.sha512 = digest_new(DIGEST_SHA512, err))))
		return -1;
	*check = made;
	made = (struct tuf_content_check){0};
	return 0;
}

void tuf_content_check_add(struct tuf_content_check *check, const void *data, size_t len)
{
	if (check->sha256)
		digest_update(check->sha256, data, len);
	if (check->sha512)
		digest_update(check->sha512, data, len);
	check->length += len;
}

int tuf_content_check_finish(struct tuf_content_check *check, struct error *err)
{
	const struct tuf_content *content = check->content;
	uint8_t bytes[SHA512_SIZE];

	if (content->has_length && check->length != content->length)
		return error_set(err, ERROR_REFUSED, "%" PRIu64 " bytes where %" PRIu64 " are listed", check->length,
			content->length);
	if (content->has_hashes && !check->sha256 && !check->sha512)
		return error_set(err, ERROR_REFUSED, "none of the listed hashes is sha256 or sha512");
	if (check->sha256) {
		digest_finish(check->sha256, bytes);
		if (memcmp(bytes, content->sha256.bytes, SHA256_SIZE) != 0)
			return error_set(err, ERROR_REFUSED, "the SHA-256 is not the one that is listed");
	}
	if (check->sha512) {
		digest_finish(check->sha512, bytes);
		if (memcmp(bytes, content->sha512, SHA512_SIZE) != 0)
			return error_set(err, ERROR_REFUSED, "the SHA-512 is not the one that is listed");
	}
	return 0;
}

void tuf_content_check_clear(struct tuf_content_check *check)
{
	digest_free(check->sha256);
	digest_free(check->sha512);
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
