/* Enrolment over Secure Transport (RFC 7030), the terminal's side: a key of its own, which never leaves it, and a certificate
 * for it. Any EST server will do. */
#ifndef UPDATER_ENROL_EST_H
#define UPDATER_ENROL_EST_H

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/transport.h"

/* Longer ones are none. */
#define EST_CODE_MOST 200
#define EST_PEM_MOST 65536

/* A new P-256 key as PKCS#8 PEM: a secret. */
WARN_UNUSED int est_make_key(struct buf *ret_key_pem, struct error *err);

struct est_order {
	const char *url;     /* of the server, such as https://collector.example.jp:8444 */
	const char *code;    /* one-time code; NULL: the certificate that the connection shows is renewed */
	const char *bearer;  /* that certificate in PEM, whose subject the new one is to have; NULL with a code */
	const struct buf *key_pem;
	int64_t time_limit_s;
};
/* Asks for a certificate for the key, and appends it as PEM, with its chain where the server sends one. ERROR_ENROLMENT: the code
 * is none, was used, or is past its time; ERROR_BUSY: somebody has to let it through first, or it was tried too often, and
 * retry_after_s says when to come again; ERROR_REFUSED: what came is no certificate for this key; else as the transport. */
WARN_UNUSED int est_ask(
	struct transport *transport, const struct est_order *order, struct buf *ret_pem, struct error *err);

/* Of the first certificate in PEM: its number in hexadecimal, for the names of files. */
#define EST_SERIAL_SIZE 65
WARN_UNUSED int est_serial(const char *pem, char ret_serial[static EST_SERIAL_SIZE], struct error *err);

#endif
