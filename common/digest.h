/* SHA-256 and SHA-512 of bytes as they pass by. */
#ifndef COMMON_DIGEST_H
#define COMMON_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"

#define SHA256_SIZE 32
#define SHA512_SIZE 64
#define SHA256_HEX_SIZE (2 * SHA256_SIZE + 1)

struct sha256 {
	uint8_t bytes[SHA256_SIZE];
};

enum digest_kind { DIGEST_SHA256, DIGEST_SHA512 };

struct digest;

/* NULL when libcrypto cannot give this digest. */
struct digest *digest_new(enum digest_kind kind, struct error *err);
void digest_free(struct digest *digest);
void digest_update(struct digest *digest, const void *data, size_t len);
/* Writes SHA256_SIZE or SHA512_SIZE bytes and begins anew. */
void digest_finish(struct digest *digest, void *ret_bytes);
DEFINE_AUTO_PTR(digest, struct digest, digest_free);

/* The whole in one call. */
void sha256_of(const void *data, size_t len, struct sha256 *ret_digest);
bool sha256_equal(const struct sha256 *a, const struct sha256 *b);
const char *sha256_hex(const struct sha256 *digest, char ret_text[static SHA256_HEX_SIZE]);
WARN_UNUSED int sha256_parse(const char *hex, struct sha256 *ret_digest, struct error *err);

#endif
