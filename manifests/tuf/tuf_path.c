#include "manifests/tuf/tuf_path.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/digest.h"

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define UNRESERVED LETTERS_AND_DIGITS "-._~"
/* What RFC 3986 lets stand in a path. */
#define PATH_CHARACTERS UNRESERVED "!$&'()*+,;=:@/"

/* Longer names of target files are replaced by a digest; file systems hold 255 bytes, and a temporary name adds five.
 */
#define TARGET_FILE_NAME_MAX 200

/* One character: code point and where the next begins. A byte that begins none stands for itself. */
static const char *next_character(const char *at, uint32_t *ret_character)
{
	const unsigned char *bytes = (const unsigned char *)at;
	int more = bytes[0] >= 0xf0 ? 3 : bytes[0] >= 0xe0 ? 2 : bytes[0] >= 0xc0 ? 1 : 0;
	uint32_t character = more == 3	 ? bytes[0] & 7u
			     : more == 2 ? bytes[0] & 15u
			     : more == 1 ? bytes[0] & 31u
					 : bytes[0];

	for (int i = 1; i <= more; i++) {
		if ((bytes[i] & 0xc0) != 0x80) {
			*ret_character = bytes[0];
			return at + 1;
		}
		character = character << 6 | (bytes[i] & 63u);
	}
	*ret_character = character;
	return at + more + 1;
}

/* The ']' that closes the set that begins after '[' at SET; NULL where none does in this component. */
static const char *set_end(const char *set)
{
	const char *at = set;

	if (*at == '!')
		at++;
	if (*at == ']')
		at++;
	at += strcspn(at, "]/");
	return *at == ']' ? at : NULL;
}

static bool set_holds(const char *set, const char *end, uint32_t character)
{
	bool negated = *set == '!';
	bool found = false;

	for (const char *at = negated ? set + 1 : set; at < end;) {
		uint32_t low, high;

		at = next_character(at, &low);
		high = low;
		if (*at == '-' && at + 1 < end)
			at = next_character(at + 1, &high);
		found = found || (low <= character && character <= high);
	}
	return found != negated;
}

/* Matches one character of the path against one element of the pattern, neither being '*', '/' or the end. */
static bool match_one(const char **pattern, const char **path)
{
	const char *end = **pattern == '[' ? set_end(*pattern + 1) : NULL;
	uint32_t wanted, character;
	bool matches;

	*path = next_character(*path, &character);
	if (end) {
		matches = set_holds(*pattern + 1, end, character);
		*pattern = end + 1;
		return matches;
	}
	matches = **pattern == '?';
	*pattern = next_character(*pattern, &wanted);
	return matches || wanted == character;
}

static bool component_ends(const char *at)
{
	return *at == '/' || *at == '\0';
}

/* One component. A later '*' makes an earlier one's choice final, so this takes no more than pattern times path
 * steps. */
static bool match_component(const char *pattern, const char *path)
{
	const char *star = NULL, *star_path = NULL;

	while (!component_ends(path)) {
		uint32_t ignored;

		if (*pattern == '*') {
			star = ++pattern;
			star_path = path;
		} else if (!component_ends(pattern) && match_one(&pattern, &path)) {
			continue;
		} else if (star) {
			star_path = next_character(star_path, &ignored);
			pattern = star;
			path = star_path;
		} else {
			return false;
		}
	}
	pattern += strspn(pattern, "*");
	return component_ends(pattern);
}

bool tuf_path_matches(const char *pattern, const char *path)
{
	for (;;) {
		if (!match_component(pattern, path))
			return false;
		pattern += strcspn(pattern, "/");
		path += strcspn(path, "/");
		if (*pattern != *path)
			return false;
		if (*pattern == '\0')
			return true;
		pattern++;
		path++;
	}
}

static int append_encoded(const char *text, size_t len, const char *kept, struct buf *ret_text, struct error *err)
{
	for (size_t i = 0; i < len; i++) {
		if (strchr(kept, text[i]) && text[i] != '\0') {
			if (buf_append(ret_text, text + i, 1, err) < 0)
				return -1;
		} else if (buf_printf(ret_text, err, "%%%02X", (unsigned char)text[i]) < 0) {
			return -1;
		}
	}
	return 0;
}

int tuf_role_encode(const char *role, struct buf *ret_name, struct error *err)
{
	return append_encoded(role, strlen(role), UNRESERVED, ret_name, err);
}

/* What stands for a name that is too long: no encoded name holds '='. */
static int append_digest_name(const char *text, struct buf *ret_name, struct error *err)
{
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;

	sha256_of(text, strlen(text), &digest);
	return buf_printf(ret_name, err, "sha256=%s", sha256_hex(&digest, hex));
}

int tuf_role_file_name(const char *role, struct buf *ret_name, struct error *err)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);

	if (tuf_role_encode(role, &name, err) < 0)
		return -1;
	if (name.len + strlen(".json") > NAME_MAX) /* file systems hold no more */ {
		buf_empty(&name);
		if (append_digest_name(role, &name, err) < 0)
			return -1;
	}
	return buf_printf(ret_name, err, "%s.json", buf_text(&name));
}

int tuf_target_file_name(const char *path, struct buf *ret_name, struct error *err)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);
	size_t dots =
		strspn(path, ".") > 0; /* a leading dot is escaped: no ".", no "..", no clash with temporary names */

	if (*path == '\0')
		return error_set(err, ERROR_NOT_FOUND, "a target's path is empty");
	if (append_encoded(path, dots, "", &name, err) < 0 ||
		append_encoded(path + dots, strlen(path) - dots, UNRESERVED, &name, err) < 0)
		return -1;
	if (name.len <= TARGET_FILE_NAME_MAX)
		return buf_append(ret_name, name.data, name.len, err);
	return append_digest_name(path, ret_name, err);
}

int tuf_target_url(const char *path, const char *hash, struct buf *ret_url, struct error *err)
{
	const char *slash = strrchr(path, '/');
	size_t folder = slash ? (size_t)(slash + 1 - path) : 0;

	if (append_encoded(path, folder, PATH_CHARACTERS, ret_url, err) < 0 ||
		(hash && buf_printf(ret_url, err, "%s.", hash) < 0))
		return -1;
	return append_encoded(path + folder, strlen(path + folder), PATH_CHARACTERS, ret_url, err);
}

int tuf_url_join(const char *base, const char *name, struct buf *ret_url, struct error *err)
{
	size_t len = strlen(base);

	while (len > 0 && base[len - 1] == '/')
		len--;
	return buf_printf(ret_url, err, "%.*s/%s", (int)len, base, name);
}
