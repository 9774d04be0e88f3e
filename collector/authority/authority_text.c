#include "collector/authority/authority_text.h"

#include <ctype.h>
#include <string.h>

#include <openssl/evp.h>

#define LINE_BYTES 48

static int gather(const char *text, size_t len, struct buf *ret_plain, struct error *err)
{
	for (size_t i = 0; i < len; i++)
		if (!isspace((unsigned char)text[i]) && buf_append(ret_plain, &text[i], 1, err) < 0)
			return -1;
	return 0;
}

int authority_text_read(const char *text, size_t len, struct buf *ret_bytes, struct error *err)
{
	AUTO(buf) struct buf plain = BUF_INIT(len + 1);
	size_t padding = 0;
	char *room;
	int got;

	if (gather(text, len, &plain, err) < 0)
		return -1;
	while (padding < 2 && padding < plain.len && plain.data[plain.len - 1 - padding] == '=')
		padding++;
	if (plain.len == 0 || plain.len % 4 != 0)
		return error_set(err, ERROR_INPUT, "this is no base64");
	if (buf_extend(ret_bytes, plain.len / 4 * 3, &room, err) < 0)
		return error_set(err, ERROR_INPUT, "this is too long");
	got = EVP_DecodeBlock((unsigned char *)room, (const unsigned char *)plain.data, (int)plain.len);
	if (got < 0)
		return error_set(err, ERROR_INPUT, "this is no base64");
	ret_bytes->len -= padding;
	return 0;
}

int authority_text_write(const void *bytes, size_t len, struct buf *ret_text, struct error *err)
{
	const unsigned char *at = bytes;
	char line[LINE_BYTES / 3 * 4 + 2];

	for (size_t part; len > 0; at += part, len -= part) {
		int written;

		part = len < LINE_BYTES ? len : LINE_BYTES;
		written = EVP_EncodeBlock((unsigned char *)line, at, (int)part);
		line[written] = '\n';
		if (buf_append(ret_text, line, (size_t)written + 1, err) < 0)
			return -1;
	}
	return 0;
}
