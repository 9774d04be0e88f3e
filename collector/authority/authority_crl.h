/* The list of certificates that are revoked (RFC 5280). */
#ifndef COLLECTOR_AUTHORITY_AUTHORITY_CRL_H
#define COLLECTOR_AUTHORITY_AUTHORITY_CRL_H

#include "collector/authority/authority.h"

/* A list is good for so long; a web server that finds it older lets nobody in. */
#define AUTHORITY_CRL_DAYS 30

struct authority_crl;

/* Begins a list as of NOW_S, which is its number too: a later one is always greater. */
WARN_UNUSED int authority_crl_begin(
	const struct authority *authority, int64_t now_s, struct authority_crl **ret_crl, struct error *err);
void authority_crl_free(struct authority_crl *crl);
DEFINE_AUTO_PTR(authority_crl, struct authority_crl, authority_crl_free);
/* SERIAL in hexadecimal; SUPERSEDED: another took its place, nothing is wrong with its bearer. */
WARN_UNUSED int authority_crl_add(struct authority_crl *crl, const char *serial, int64_t revoked_s, bool superseded,
	struct error *err);
/* Signs it; PEM. */
WARN_UNUSED int authority_crl_write(
	const struct authority *authority, struct authority_crl *crl, struct buf *ret_pem, struct error *err);

#endif
