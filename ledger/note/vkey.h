/* Keys of logs and witnesses as signed notes name them (c2sp.org/signed-note): a name, a type, Ed25519. As text
 * (vkey): NAME+HEX-OF-THE-ID+BASE64-OF-TYPE-AND-KEY. */
#ifndef LEDGER_NOTE_VKEY_H
#define LEDGER_NOTE_VKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "ledger/note/span.h"
#include "manifests/keys/signer.h"

#define VKEY_NAME_SIZE 256
#define VKEY_ID_BYTES 4
#define VKEY_PUBLIC_BYTES 32
#define VKEY_SIGNATURE_BYTES 64

enum vkey_type {
	VKEY_NOTE = 0x01,	 /* Ed25519 over the note's text: a log */
	VKEY_COSIGNATURE = 0x04, /* Ed25519 over time and text (c2sp.org/tlog-cosignature): a witness */
};

struct vkey {
	char name[VKEY_NAME_SIZE]; /* not empty; no space of any kind, no plus sign, no control character */
	enum vkey_type type;
	uint8_t id[VKEY_ID_BYTES]; /* first bytes of SHA-256(name, line feed, type, public key) */
	uint8_t public_key[VKEY_PUBLIC_BYTES];
};

/* True if a key may be called so. */
bool vkey_name_is_valid(struct span name);

/* The key with which SIGNER signs under NAME. ERROR_INPUT where the name may not be, or the key is not Ed25519. */
WARN_UNUSED int vkey_of_signer(
	const struct signer *signer, const char *name, enum vkey_type type, struct vkey *ret_key, struct error *err);

/* Reads the text form. ERROR_INPUT says what is wrong: another id than the key's is wrong too. */
WARN_UNUSED int vkey_parse(struct span text, struct vkey *ret_key, struct error *err);
WARN_UNUSED int vkey_write(const struct vkey *key, struct buf *ret_text, struct error *err);

/* Signs bytes with the signer behind the key. */
WARN_UNUSED int vkey_sign(const struct signer *signer, const void *data, size_t len,
	uint8_t ret_signature[static VKEY_SIGNATURE_BYTES], struct error *err);
/* True if the signature over the bytes is this key's. */
bool vkey_verify(
	const struct vkey *key, const void *data, size_t len, const uint8_t signature[static VKEY_SIGNATURE_BYTES]);

#endif
