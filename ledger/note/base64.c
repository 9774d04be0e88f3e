#include "ledger/note/base64.h"

#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>

int base64_write(const void *data, size_t len, struct buf *ret_text, struct error *err)
{
	const unsigned char *rest = data;
	unsigned char group[5];

	for (size_t done = 0; done < len; done += 3) {
		int bytes = len - done < 3 ? (int)(len - done) : 3;

		(void)EVP_EncodeBlock(group, rest + done, bytes);
		if (buf_append(ret_text, group, 4, err) < 0)
			return -1;
	}
	return 0;
}

/* One group of four characters; the bytes it stands for, or -1. */
static int read_group(const char *text, unsigned char ret_bytes[static 3])
{
	unsigned char again[5];
	int bytes = text[2] == '=' ? 1 : text[3] == '=' ? 2 : 3;

	if (EVP_DecodeBlock(ret_bytes, (const unsigned char *)text, 4) != 3)
		return -1;
	(void)EVP_EncodeBlock(again, ret_bytes, bytes); /* another spelling of the same bytes is refused */
	return memcmp(again, text, 4) == 0 ? bytes : -1;
}

int base64_read(const char *text, size_t len, void *ret_data, size_t size, size_t *ret_len, struct error *err)
{
	unsigned char group[3];
	size_t filled = 0;

	if (len % 4 != 0)
		return error_set(err, ERROR_REFUSED, "not base64");
	for (size_t at = 0; at < len; at += 4) {
		int bytes = read_group(text + at, group);

		if (bytes < 0 || (bytes < 3 && at + 4 < len))
			return error_set(err, ERROR_REFUSED, "not base64");
		if ((size_t)bytes > size - filled)
			return error_set(err, ERROR_REFUSED, "base64 of more than %zu bytes", size);
		memcpy((char *)ret_data + filled, group, (size_t)bytes);
		filled += (size_t)bytes;
	}
	*ret_len = filled;
	return 0;
}
