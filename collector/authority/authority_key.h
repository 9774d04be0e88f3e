/* What is in the authority's hand: for authority_crl.c. */
#ifndef COLLECTOR_AUTHORITY_AUTHORITY_KEY_H
#define COLLECTOR_AUTHORITY_AUTHORITY_KEY_H

#include <openssl/evp.h>
#include <openssl/x509.h>

struct authority {
	X509 *certificate;
	EVP_PKEY *key;
};

/* With what it signs; NULL where the key's kind says so itself. */
static inline const EVP_MD *authority_digest(const struct authority *authority)
{
	return EVP_PKEY_get_base_id(authority->key) == EVP_PKEY_ED25519 ? NULL : EVP_sha256();
}

#endif
