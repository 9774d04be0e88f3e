/* Private keys behind one interface, whether they lie in files or in tokens (manifests/token). */
#ifndef MANIFESTS_KEYS_SIGNER_H
#define MANIFESTS_KEYS_SIGNER_H

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/json.h"

enum key_kind { KEY_ED25519, KEY_ECDSA_P256, KEY_RSA_PSS };

struct signer;

/* Makes a new private key. NULL on failure. */
struct signer *signer_generate(enum key_kind kind, struct error *err);

/* Reads a private key from PKCS#8 PEM. PASSPHRASE is for an encrypted one; NULL or empty for a plain one. ERROR_INPUT
 * where the passphrase is wrong or the key is of a kind that TUF clients do not know. */
struct signer *signer_read(const void *pem, size_t len, const struct buf *passphrase, struct error *err);

/* Bytes of the longest signature. */
#define SIGNER_SIGNATURE_MAX_BYTES 2048

/* A private key that somebody else keeps, who signs with it. */
struct signer_outside {
	/* The signature as TUF has it (ECDSA in DER), of at most SIGNER_SIGNATURE_MAX_BYTES. */
	int (*sign)(void *context, enum key_kind kind, const void *data, size_t len, unsigned char *ret_signature,
		size_t *ret_len, struct error *err);
	void (*free)(void *context);
};

/* Such a key, by its public half as SubjectPublicKeyInfo in DER; OUTSIDE is borrowed, CONTEXT taken over, also on
 * failure. NULL with ERROR_INPUT where it is of a kind that TUF clients do not know. */
struct signer *signer_from_outside(const void *public_der, size_t len, const struct signer_outside *outside,
	void *take_context, struct error *err);

/* Writes PKCS#8 PEM, encrypted (scrypt, AES-256) where PASSPHRASE is not empty. ERROR_USAGE where it is kept outside. */
WARN_UNUSED int signer_write(
	const struct signer *signer, const struct buf *passphrase, struct buf *ret_pem, struct error *err);

/* The public key as TUF's key object ({"keytype", "scheme", "keyval"}), a new reference. */
json_t *signer_public_key(const struct signer *signer, struct error *err);
/* Its key id (4.3): SHA-256 over the canonical JSON of that object, in hex. */
const char *signer_key_id(const struct signer *signer);

/* Appends the public half as SubjectPublicKeyInfo, DER. */
WARN_UNUSED int signer_public_der(const struct signer *signer, struct buf *ret_der, struct error *err);

/* Signs bytes; the signature as TUF has it (ECDSA in DER). */
WARN_UNUSED int signer_sign_bytes(const struct signer *signer, const void *data, size_t len,
	unsigned char ret_signature[static SIGNER_SIGNATURE_MAX_BYTES], size_t *ret_len, struct error *err);
/* The same, in hex. */
WARN_UNUSED int signer_sign(
	const struct signer *signer, const void *data, size_t len, struct buf *ret_hex, struct error *err);

void signer_free(struct signer *signer);
DEFINE_AUTO_PTR(signer, struct signer, signer_free);

#endif
