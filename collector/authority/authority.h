/* An authority for client certificates: its own certificate, and the key that signs. */
#ifndef COLLECTOR_AUTHORITY_AUTHORITY_H
#define COLLECTOR_AUTHORITY_AUTHORITY_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/authority/authority_request.h"
#include "common/buf.h"
#include "manifests/token/private_key.h"

#define AUTHORITY_NAME_SIZE 65	     /* a common name has at most 64 characters */
#define AUTHORITY_INSTITUTION_SIZE 11 /* ten digits */
#define AUTHORITY_SERIAL_SIZE 41

/* In front of the key of the terminal whose place the bearer takes, in the names of a certificate. */
#define AUTHORITY_FORMER "haishin:former-terminal:"

struct authority;

/* Reads the certificate and opens the key (manifests/token/private_key.h; one in a file has no passphrase, and is of any kind).
 * ERROR_CERTIFICATE: one is missing, the key is open to others, does not belong to the certificate, or that is no authority's,
 * or not valid at NOW_S. */
WARN_UNUSED int authority_open(const char *certificate_file, const struct private_key_place *key, int64_t now_s,
	struct authority **ret_authority, struct error *err);
void authority_free(struct authority *authority);
DEFINE_AUTO_PTR(authority, struct authority, authority_free);

/* Makes an authority called NAME, for ten years: both as PEM. */
WARN_UNUSED int authority_make(const char *name, int64_t now_s, struct buf *ret_certificate_pem,
	struct buf *ret_key_pem, struct error *err);

/* The same for a key that is in a token already: its certificate as PEM. */
WARN_UNUSED int authority_make_for(const struct private_key_place *key, const char *name, int64_t now_s,
	struct buf *ret_certificate_pem, struct error *err);

/* Its certificate as EST's cacerts: base64 of PKCS#7. */
WARN_UNUSED int authority_write_own(const struct authority *authority, struct buf *ret_text, struct error *err);

/* Whose a certificate is to be. */
struct authority_bearer {
	const char *name;
	const char *institution; /* "" for none */
	bool as_requested;	 /* the subject is the request's: it was compared with what its bearer has */
	const char *former;	 /* key of the terminal whose place it takes, 64 digits; "" for none */
};
/* What it will be called, as RFC 4514 writes it. ERROR_INPUT where the name cannot stand in a certificate. */
WARN_UNUSED int authority_name(const struct authority_bearer *bearer, char ret_subject[static AUTHORITY_SUBJECT_SIZE],
	struct error *err);

struct authority_issued {
	void *certificate; /* X509 */
	char fingerprint[SHA256_HEX_SIZE];
	char serial[AUTHORITY_SERIAL_SIZE];
	char subject[AUTHORITY_SUBJECT_SIZE];
	int64_t from_s, ends_s;
};
/* A client's certificate for the key of REQUEST, from five minutes before NOW_S on for DAYS, or as long as the authority's own. */
WARN_UNUSED int authority_issue(const struct authority *authority, const struct authority_request *request,
	const struct authority_bearer *bearer, int64_t now_s, int64_t days, struct authority_issued *ret_issued,
	struct error *err);
void authority_issued_clear(struct authority_issued *issued);
DEFINE_AUTO(authority_issued, struct authority_issued, authority_issued_clear);
/* As EST answers: base64 of PKCS#7 that holds just this certificate. */
WARN_UNUSED int authority_issued_write(
	const struct authority_issued *issued, struct buf *ret_text, struct error *err);

/* True if the first certificate of PEM is one of those in TRUSTED_PEM. */
bool authority_is_among(const char *pem, const char *trusted_pem);

/* True if the certificate (DER) was signed by this authority. */
bool authority_signed(const struct authority *authority, const void *der, size_t len);
/* The same of the first certificate in PEM. */
bool authority_signed_pem(const struct authority *authority, const char *pem);

#endif
