#include "collector/api/pseudonym.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/hex.h"

const char *pseudonym_of(const char *secret, const char *role, const char *key, char ret_name[static PSEUDONYM_SIZE])
{
	unsigned char mac[EVP_MAX_MD_SIZE] = {0};
	unsigned int len = sizeof(mac);
	char text[256];
	int text_len = snprintf(text, sizeof(text), "%s\n%s\n", role, key);

	(void)HMAC(
		EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)text, (size_t)text_len, mac, &len);
	hex_encode(mac, (PSEUDONYM_SIZE - 1) / 2, ret_name);
	return ret_name;
}

/* One block, closed or opened. */
static int turn_block(const char *secret, unsigned char block[static 16], int closing, struct error *err)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	unsigned char key[EVP_MAX_MD_SIZE], out[32];
	unsigned int key_len = sizeof(key);
	int len = 0, done;

	done = context &&
	       HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)"cursor", 6, key, &key_len) &&
	       EVP_CipherInit_ex(context, EVP_aes_128_ecb(), NULL, key, NULL, closing) &&
	       EVP_CIPHER_CTX_set_padding(context, 0) && EVP_CipherUpdate(context, out, &len, block, 16) && len == 16;
	if (done)
		memcpy(block, out, 16);
	EVP_CIPHER_CTX_free(context);
	return done ? 0 : error_set(err, ERROR_FAILED, "libcrypto cannot close a cursor");
}

int pseudonym_close_cursor(const char *secret, int64_t terminal, int64_t second,
	char ret_cursor[static PSEUDONYM_CURSOR_SIZE], struct error *err)
{
	unsigned char block[16];

	memcpy(block, &terminal, 8);
	memcpy(block + 8, &second, 8);
	if (turn_block(secret, block, 1, err) < 0)
		return -1;
	hex_encode(block, sizeof(block), ret_cursor);
	return 0;
}

int pseudonym_open_cursor(
	const char *secret, const char *cursor, int64_t *ret_terminal, int64_t *ret_second, struct error *err)
{
	unsigned char block[16];

	*ret_terminal = *ret_second = 0;
	if (!*cursor)
		return 0;
	if (hex_decode(cursor, block, sizeof(block), err) < 0)
		return error_set(err, ERROR_INPUT, "'after' is not what a page before gave as its next");
	if (turn_block(secret, block, 0, err) < 0)
		return -1;
	memcpy(ret_terminal, block, 8);
	memcpy(ret_second, block + 8, 8);
	return 0;
}
