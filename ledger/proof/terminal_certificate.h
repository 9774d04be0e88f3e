/* Which institution a terminal is of: its client certificate names it, and the certificate's key vouches for the id of the
 * terminal's own key. What is signed is "haishin-terminal-1", a line feed, the id, a line feed; with SHA-256. */
#ifndef LEDGER_PROOF_TERMINAL_CERTIFICATE_H
#define LEDGER_PROOF_TERMINAL_CERTIFICATE_H

#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"

#define TERMINAL_INSTITUTION_SIZE 11 /* ten digits */

/* Appends the signature, in hex, with the certificate's private key (PEM). ERROR_CERTIFICATE where it is none. */
WARN_UNUSED int terminal_certificate_vouch(
	const struct buf *key_pem, const char *terminal, struct buf *ret_hex, struct error *err);

/* 0 if the first certificate of CHAIN has the key that made SIGNATURE_HEX; ERROR_REFUSED otherwise. */
WARN_UNUSED int terminal_certificate_check(
	const char *chain, const char *signature_hex, const char *terminal, struct error *err);

/* 0 if the chain led to one of the authorities in CA (PEM) at AT_S; ERROR_REFUSED says why not. RET_INSTITUTION is the first
 * ten digits in a row of its subject, "" where there are none. */
WARN_UNUSED int terminal_certificate_trust(const char *chain, const struct buf *ca, int64_t at_s,
	char ret_institution[static TERMINAL_INSTITUTION_SIZE], struct error *err);

#endif
