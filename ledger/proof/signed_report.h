/* Reports of form 2 (docs/reports.md): signed whole by the terminal's own key, over the canonical JSON of all members but
 * `signature`. The ledger has the digest of the bytes as they were sent. */
#ifndef LEDGER_PROOF_SIGNED_REPORT_H
#define LEDGER_PROOF_SIGNED_REPORT_H

#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/json.h"
#include "ledger/note/span.h"
#include "ledger/proof/ledger_entry.h"
#include "manifests/keys/signer.h"

#define SIGNED_REPORT_FORM "haishin-report-2"
#define SIGNED_REPORT_MAX_BYTES 65536

struct signed_report {
	json_t *json;		   /* the whole; what is borrowed below stands in it */
	struct ledger_entry entry; /* what the ledger says of this report */
	int64_t made_s;
	const char *chain;	     /* the client certificate with its chain, PEM */
	const char *chain_signature; /* by its key, over the terminal's id (terminal_certificate.h), hex */
};

void signed_report_clear(struct signed_report *report);
DEFINE_AUTO(signed_report, struct signed_report, signed_report_clear);

/* Reads a report and checks that `terminal` is the id of the key in it, and that this key has signed all of it. Whether the
 * certificate is that key's, and of whom, is another question. ERROR_REFUSED says what is wrong. */
WARN_UNUSED int signed_report_read(struct span bytes, struct signed_report *ret_report, struct error *err);

/* Puts member `signature` into REPORT, which has all others. */
WARN_UNUSED int signed_report_sign(json_t *report, const struct signer *signer, struct error *err);

#endif
