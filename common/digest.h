/* Digests of bytes as they pass by. */
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

/* DIGEST(enumerator, its name in metadata and in libcrypto, what people call it, its bytes); where several are listed, the first names a file. */
#define EACH_DIGEST(DIGEST)                                                                                          \
	DIGEST(SHA256, "sha256", "SHA-256", SHA256_SIZE)                                                             \
	DIGEST(SHA512, "sha512", "SHA-512", SHA512_SIZE)

enum digest_kind {
#define DIGEST_ENUMERATOR(enumerator, name, title, size) DIGEST_##enumerator,
	EACH_DIGEST(DIGEST_ENUMERATOR)
#undef DIGEST_ENUMERATOR
		DIGEST_KINDS
};
union digest_of_any {
#define DIGEST_BYTES(enumerator, name, title, size) uint8_t of_##enumerator[size];
	EACH_DIGEST(DIGEST_BYTES)
#undef DIGEST_BYTES
};
#define DIGEST_MOST_BYTES sizeof(union digest_of_any)
#define DIGEST_NAMED(enumerator, name, title, size) " " name
#define DIGEST_NAMES EACH_DIGEST(DIGEST_NAMED) /* " sha256 ..." */

const char *digest_name(enum digest_kind kind);
const char *digest_title(enum digest_kind kind);
size_t digest_size(enum digest_kind kind);

struct digest;

/* NULL when libcrypto cannot give this digest. */
struct digest *digest_new(enum digest_kind kind, struct error *err);
void digest_free(struct digest *digest);
void digest_update(struct digest *digest, const void *data, size_t len);
/* Writes digest_size() bytes and begins anew. */
void digest_finish(struct digest *digest, void *ret_bytes);
DEFINE_AUTO_PTR(digest, struct digest, digest_free);

/* The whole in one call. */
void sha256_of(const void *data, size_t len, struct sha256 *ret_digest);
bool sha256_equal(const struct sha256 *a, const struct sha256 *b);
const char *sha256_hex(const struct sha256 *digest, char ret_text[static SHA256_HEX_SIZE]);
WARN_UNUSED int sha256_parse(const char *hex, struct sha256 *ret_digest, struct error *err);

#endif
