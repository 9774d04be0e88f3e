/* A receipt as it is kept and handed on (form haishin-receipt-1): the entry that the ledger has of a report of this terminal, and
 * the proof that it is logged. Whoever has the policy checks it without asking anybody. */
#ifndef AGENT_PROOF_RECEIPT_PROOF_H
#define AGENT_PROOF_RECEIPT_PROOF_H

#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "common/json.h"
#include "ledger/note/checkpoint.h"
#include "ledger/proof/ledger_entry.h"
#include "ledger/proof/policy.h"
#include "ledger/proof/tlog_proof.h"

#define RECEIPT_FORM "haishin-receipt-1"
/* As JSON: the line feeds of a proof take two bytes each there. */
#define RECEIPT_MAX_BYTES (2 * TLOG_PROOF_MAX_BYTES + LEDGER_ENTRY_MAX_BYTES)

/* What one proves: an entry, where it is logged, and in which state of the ledger. */
struct receipt {
	struct ledger_entry entry;
	uint64_t index;
	struct checkpoint checkpoint;
	int64_t logged_s; /* before then, as the witnesses say; 0: none is asked for */
};

/* Checks that ENTRY is logged as the policy asks for it. ERROR_REFUSED says what does not hold. */
WARN_UNUSED int receipt_proof_check(const struct ledger_entry *entry, const char *proof, const struct policy *policy,
	struct receipt *ret_receipt, struct error *err);

/* The receipt. NULL on failure. */
json_t *receipt_proof_json(const struct ledger_entry *entry, const char *proof, struct error *err);

/* Reads one and checks it. ERROR_REFUSED says what does not hold. Which terminal's it is, whoever asks looks at. */
WARN_UNUSED int receipt_proof_read(
	const json_t *json, const struct policy *policy, struct receipt *ret_receipt, struct error *err);

#endif
