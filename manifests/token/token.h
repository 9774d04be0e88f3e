/* Private keys in a token (a smart card, an HSM), which never leave it: by PKCS#11 through p11-kit. A key is named by a
 * URI (RFC 7512), "pkcs11:token=Publisher;object=root-1"; "module-path" names the token's library where p11-kit does not
 * know it. A PIN is never in the URI: it would be seen by whoever sees a command line or a file. */
#ifndef MANIFESTS_TOKEN_TOKEN_H
#define MANIFESTS_TOKEN_TOKEN_H

#include "common/error.h"
#include "manifests/keys/signer.h"
#include "manifests/token/token_pin.h"

/* The private key that URI names, ready to sign. NULL: ERROR_USAGE for what is no such URI, or holds a PIN;
 * ERROR_NOT_FOUND for no such token or key; ERROR_INPUT for more than one, a wrong PIN, or a kind that TUF clients do not
 * know. One wrong PIN ends it: tokens count them. Several threads may sign with it. */
struct signer *token_signer(const char *uri, const struct token_pin *pin, struct error *err);

/* Makes a key in the token that URI names, under LABEL, which must be new there; it cannot be read out. RET_URI, to
 * be freed, names it for token_signer. NULL on failure: nothing is left in the token then. */
struct signer *token_generate(const char *uri, const char *label, enum key_kind kind, const struct token_pin *pin,
	char **ret_uri, struct error *err);

#endif
