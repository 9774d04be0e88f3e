/* What somebody who wants a certificate sends (PKCS#10): a public key, and the proof of having its private one. */
#ifndef COLLECTOR_AUTHORITY_AUTHORITY_REQUEST_H
#define COLLECTOR_AUTHORITY_AUTHORITY_REQUEST_H

#include "common/auto.h"
#include "common/digest.h"
#include "common/error.h"

#define AUTHORITY_SUBJECT_SIZE 512

struct authority_request {
	void *request;			      /* X509_REQ */
	char key[SHA256_HEX_SIZE];	      /* SHA-256 of its public key (SubjectPublicKeyInfo) */
	char subject[AUTHORITY_SUBJECT_SIZE]; /* as RFC 4514 writes it; "" where it names nobody */
};

/* Reads base64 of DER, and checks the signature. ERROR_INPUT: it is no such request, its key is neither P-256, P-384,
 * Ed25519 nor RSA of 2,048 to 8,192 bits, or it was not signed with that key. */
WARN_UNUSED int authority_request_read(
	const char *text, size_t len, struct authority_request *ret_request, struct error *err);
void authority_request_clear(struct authority_request *request);
DEFINE_AUTO(authority_request, struct authority_request, authority_request_clear);

#endif
