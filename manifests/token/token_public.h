/* The public half of a key in a token, as libcrypto knows it. Part of manifests/token. */
#ifndef MANIFESTS_TOKEN_TOKEN_PUBLIC_H
#define MANIFESTS_TOKEN_TOKEN_PUBLIC_H

#include "manifests/keys/signer.h"
#include "manifests/token/token_session.h"

/* DER of the curves' names in CKA_EC_PARAMS. */
extern const CK_BYTE token_p256[10];
extern const CK_BYTE token_ed25519[5];

/* Appends the SubjectPublicKeyInfo, DER, of the private key KEY, read from the public key of the same id. ERROR_INPUT
 * where it is of a kind that TUF clients do not know. */
WARN_UNUSED int token_public(const struct token_session *session, CK_OBJECT_HANDLE key, enum key_kind *ret_kind,
	struct buf *ret_der, struct error *err);

#endif
