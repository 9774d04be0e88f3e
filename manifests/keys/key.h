/* Public keys as TUF writes them, their ids, and the check of a signature (TUF 4.2.2, 4.3). */
#ifndef MANIFESTS_KEYS_KEY_H
#define MANIFESTS_KEYS_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/json.h"

#define KEY_ID_SIZE SHA256_HEX_SIZE

struct key;

/* Reads a key object {"keytype", "scheme", "keyval": {"public"}}; other members have no effect but on the id. NULL
 * with ERROR_INPUT where the object is malformed, the scheme is unknown, or the key is not of the type, curve and
 * least strength that its scheme calls for. */
struct key *key_parse(const json_t *object, struct error *err);

/* The Ed25519 key of these 32 bytes (RFC 8032). NULL with ERROR_INPUT where they are no key. */
struct key *key_of_ed25519(const uint8_t public_key[static 32], struct error *err);

/* The id of a key object: SHA-256 over its canonical JSON, unknown members included. */
WARN_UNUSED int key_id_of(const json_t *object, char ret_id[static KEY_ID_SIZE], struct error *err);

/* 0 if the object's id is ID; ERROR_REFUSED, "wrong key", otherwise (4.3). */
WARN_UNUSED int key_check_id(const json_t *object, const char *id, struct error *err);

/* True if SIGNATURE_HEX is this key's signature over the bytes. Anything else, an empty or misshapen signature too,
 * is false. */
bool key_verify(const struct key *key, const void *data, size_t len, const char *signature_hex);

/* True if SIGNATURE is that of the Ed25519 key PUBLIC_KEY over the bytes (RFC 8032). */
typedef bool key_ed25519_verify(const uint8_t public_key[static 32], const void *data, size_t len,
	const uint8_t signature[static 64]);
/* From now on VERIFY judges the signatures of Ed25519 keys in this process, in place of libcrypto: for a program that is
 * asked for thousands a second. VERIFY stays. Called once, before there is a key or a second thread. */
void key_use_ed25519(key_ed25519_verify *verify);

/* True if both are the same key, however it is spelled and whatever the scheme: one key counts once. */
bool key_equal(const struct key *a, const struct key *b);

void key_free(struct key *key);
DEFINE_AUTO_PTR(key, struct key, key_free);

#endif
