/* What is in the authority's hand, and how it signs: for authority.c and authority_crl.c. */
#ifndef COLLECTOR_AUTHORITY_AUTHORITY_KEY_H
#define COLLECTOR_AUTHORITY_AUTHORITY_KEY_H

#include <stdbool.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "common/error.h"
#include "manifests/keys/signer.h"

struct authority {
	X509 *certificate;
	EVP_PKEY *key;	       /* its own, or, where a token keeps that, a stand-in of the same kind */
	struct signer *signer; /* the key in a token; NULL: KEY is the one */
};

/* A new key of the kind of PUBLIC_KEY, in place of one that cannot be had. NULL on failure. */
EVP_PKEY *authority_stand_in(const EVP_PKEY *public_key);

/* Signs what was filled in. *CERTIFICATE and *LIST may be other ones afterwards; left alone on failure. */
WARN_UNUSED int authority_sign_certificate(const struct authority *authority, X509 **certificate, struct error *err);
WARN_UNUSED int authority_sign_list(const struct authority *authority, X509_CRL **list, struct error *err);

#endif
