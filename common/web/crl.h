/* Which client certificates an authority has revoked. The file may be replaced while the server runs, by renaming a new
 * one into place: it holds from the next question on. */
#ifndef COMMON_WEB_CRL_H
#define COMMON_WEB_CRL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/log.h"

struct crl;

/* Reads FILE, one or more revocation lists in PEM, each signed by an authority in CA_PEM. A list whose next update is
 * past still counts: who was revoked stays so. ERROR_CERTIFICATE says what is wrong. LOG is borrowed, and told of a
 * later file that is of no use: the former then goes on to hold. */
WARN_UNUSED int crl_open(
	const char *file, const struct buf *ca_pem, const struct log *log, struct crl **ret_crl, struct error *err);
void crl_free(struct crl *crl);
DEFINE_AUTO_PTR(crl, struct crl, crl_free);

/* True if a certificate of the chain that the client behind SESSION, a gnutls_session_t, showed is revoked, or cannot be
 * read. Safe from any thread. */
bool crl_revokes(struct crl *crl, void *session);
/* The same of one certificate as DER. */
bool crl_revokes_der(struct crl *crl, const void *der, size_t len);
/* Another number whenever another list holds: what was said of a certificate under the same number is still so. Safe from any
 * thread. */
uint64_t crl_version(struct crl *crl);

#endif
