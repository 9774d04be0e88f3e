#include "ledger/note/span.h"

#include <string.h>

#include "ledger/note/base64.h"

bool span_is(struct span span, const char *text)
{
	return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

static void drop(struct span *span, size_t len)
{
	span->at += len;
	span->len -= len;
}

bool span_take_line(struct span *rest, struct span *ret_line)
{
	const char *end = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;

	if (!end)
		return false;
	*ret_line = (struct span){rest->at, (size_t)(end - rest->at)};
	drop(rest, ret_line->len + 1);
	return true;
}

bool span_take_prefix(struct span *rest, const char *prefix)
{
	size_t len = strlen(prefix);

	if (rest->len < len || memcmp(rest->at, prefix, len) != 0)
		return false;
	drop(rest, len);
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

bool span_take_word(struct span *rest, struct span *ret_word)
{
	size_t len = 0;

	while (rest->len && is_space(*rest->at))
		drop(rest, 1);
	while (len < rest->len && !is_space(rest->at[len]))
		len++;
	*ret_word = (struct span){rest->at, len};
	drop(rest, len);
	return len > 0;
}

bool span_number(struct span span, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (span.len == 0 || (span.len > 1 && *span.at == '0'))
		return false;
	for (size_t i = 0; i < span.len; i++) {
		unsigned digit = (unsigned)(unsigned char)span.at[i] - '0';

		if (digit > 9 || number > ((uint64_t)INT64_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return true;
}

bool span_hash(struct span span, struct sha256 *ret_hash)
{
	struct sha256 hash;
	size_t len;

	if (span.len != BASE64_LENGTH(SHA256_SIZE) ||
		base64_read(span.at, span.len, hash.bytes, sizeof(hash.bytes), &len, NULL) < 0 || len != SHA256_SIZE)
		return false;
	*ret_hash = hash;
	return true;
}

bool span_copy(struct span span, char *ret_text, size_t size)
{
	if (span.len >= size || memchr(span.at, '\0', span.len))
		return false;
	memcpy(ret_text, span.at, span.len);
	ret_text[span.len] = '\0';
	return true;
}
