#include "common/digest.h"

#include <assert.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "common/hex.h"

static const struct {
	const char *name;
	const char *title;
	size_t size;
} kinds[] = {
#define DIGEST_ROW(enumerator, name, title, size) {name, title, size},
	EACH_DIGEST(DIGEST_ROW)
#undef DIGEST_ROW
};

const char *digest_name(enum digest_kind kind)
{
	return kinds[kind].name;
}

const char *digest_title(enum digest_kind kind)
{
	return kinds[kind].title;
}

size_t digest_size(enum digest_kind kind)
{
	return kinds[kind].size;
}

struct digest {
	EVP_MD_CTX *context;
	const EVP_MD *kind;
};

struct digest *digest_new(enum digest_kind kind, struct error *err)
{
	AUTO(digest) struct digest *digest = calloc(1, sizeof(*digest));

	if (!digest || !(digest->context = EVP_MD_CTX_new())) {
		(void)error_set(err, ERROR_FAILED, "no memory for a digest");
		return NULL;
	}
	digest->kind = EVP_get_digestbyname(digest_name(kind));
	if (!digest->kind || !EVP_DigestInit_ex(digest->context, digest->kind, NULL)) {
		(void)error_set(err, ERROR_FAILED, "libcrypto does not offer %s", digest_name(kind));
		return NULL;
	}
	return take_ptr(&digest);
}

void digest_free(struct digest *digest)
{
	if (!digest)
		return;
	EVP_MD_CTX_free(digest->context);
	free(digest);
}

void digest_update(struct digest *digest, const void *data, size_t len)
{
	int done = EVP_DigestUpdate(digest->context, data, len);

	assert(done == 1); /* fails only where the context was never begun */
	(void)done;
}

void digest_finish(struct digest *digest, void *ret_bytes)
{
	int done = EVP_DigestFinal_ex(digest->context, ret_bytes, NULL) &&
		   EVP_DigestInit_ex(digest->context, digest->kind, NULL);

	assert(done);
	(void)done;
}

void sha256_of(const void *data, size_t len, struct sha256 *ret_digest)
{
	(void)SHA256(data, len, ret_digest->bytes);
}

bool sha256_equal(const struct sha256 *a, const struct sha256 *b)
{
	return memcmp(a->bytes, b->bytes, SHA256_SIZE) == 0;
}

const char *sha256_hex(const struct sha256 *digest, char ret_text[static SHA256_HEX_SIZE])
{
	hex_encode(digest->bytes, SHA256_SIZE, ret_text);
	return ret_text;
}

int sha256_parse(const char *hex, struct sha256 *ret_digest, struct error *err)
{
	if (hex_decode(hex, ret_digest->bytes, SHA256_SIZE, err) < 0)
		return error_context(err, "SHA-256");
	return 0;
}
