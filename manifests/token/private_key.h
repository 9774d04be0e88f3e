/* The private key of a program that runs unwatched, as its settings name it: a file (PKCS#8, PEM), or the URI of one in a token
 * (token.h), whose PIN stands in a file. */
#ifndef MANIFESTS_TOKEN_PRIVATE_KEY_H
#define MANIFESTS_TOKEN_PRIVATE_KEY_H

#include <stdbool.h>

#include "common/fs.h"
#include "manifests/keys/signer.h"

struct private_key_place {
	const char *key;	/* a path, or "pkcs11:..." */
	const char *passphrase; /* file with the passphrase that opens a file; NULL or "": it is not locked */
	const char *pin;	/* file with the token's PIN; NULL or "": there is none */
};

/* It is in a token. */
bool private_key_is_in_token(const char *key);

/* The key, ready to sign, from several threads. A token that was away (pulled out, its service started anew) is opened again at
 * the next signature. NULL: as signer_read() and token_signer() say; ERROR_INPUT where others may read a file of PLACE, or where
 * a wrong PIN was given to the token before, so that no service that starts over and over locks it; ERROR_NOT_FOUND. */
struct signer *private_key_open(struct fs *fs, const struct private_key_place *place, struct error *err);

#endif
