/* The server's side of TLS: its own certificate, and whether a client's is accepted. */
#ifndef COMMON_WEB_TLS_H
#define COMMON_WEB_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/log.h"
#include "common/web/crl.h"

#define TLS_SUBJECT_SIZE 256

#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
/* How libmicrohttpd waits for the clients of a server with TLS. By poll: with epoll it believes that a connection can be read
 * until a read of it said otherwise, which a handshake does not tell it, so that it asks again and again, with a whole core,
 * while a client takes its time over its part of the handshake. */
#define TLS_WAITING (MHD_USE_TLS | MHD_USE_POLL_INTERNAL_THREAD)

struct tls {
	struct buf certificate_pem;
	struct buf key_pem;
	struct buf client_ca_pem; /* empty: no client certificate is asked for */
	struct crl *client_crl;	  /* NULL: none */
	struct buf own_der;	  /* the server's own certificate */
};

struct tls_files {
	const char *certificate;
	const char *key;
	const char *client_ca;	/* NULL or "": no client certificate is asked for */
	const char *client_crl; /* NULL or "": none is revoked */
};

/* Reads and checks the files. ERROR_CERTIFICATE: a file is missing, is no PEM, the key does not belong to the
 * certificate, the certificate is not valid at NOW_S, or the revocation list is nobody's. LOG is borrowed. */
WARN_UNUSED int tls_load(
	const struct tls_files *files, int64_t now_s, const struct log *log, struct tls *ret_tls, struct error *err);
void tls_clear(struct tls *tls);
DEFINE_AUTO(tls, struct tls, tls_clear);

/* Checks the certificate of the client behind SESSION, a gnutls_session_t: of an authority, valid now, a client's (not
 * made for servers alone, not an authority's, not this server's own), not revoked. Writes its subject, "" where there is
 * none. NULL if it is accepted; else the reason, as a sentence for the client. */
const char *tls_check_client(const struct tls *tls, void *session, char ret_subject[static TLS_SUBJECT_SIZE]);

/* How long a client that was accepted stays so on one connection: until another list of the revoked holds, or its certificate
 * ends. Noted before it is checked. */
struct tls_stay {
	uint64_t list;
	int64_t ends_s;
};
void tls_stay_note(const struct tls *tls, void *session, struct tls_stay *ret_stay);
bool tls_stay_holds(const struct tls *tls, const struct tls_stay *stay, int64_t now_s);

/* The client's own certificate as DER; NULL where it showed none. Borrowed from SESSION. */
const void *tls_client_certificate(void *session, size_t *ret_len);

#endif
