/* Receipts: the proof that a report of this terminal is logged (c2sp.org/tlog-proof), checked against the policy that the
 * operator signed. The newest one is kept in the state folder; from then on a history that lacks the row which that report
 * named, or holds another in its place, is found without asking anybody. */
#ifndef AGENT_PROOF_RECEIPT_H
#define AGENT_PROOF_RECEIPT_H

#include "agent/base/terminal.h"
#include "agent/proof/receipt_proof.h"
#include "common/buf.h"

/* The operator's policy as it was kept by the last refresh, below the state folder. Without it no receipt is asked for. */
#define RECEIPT_POLICY_FILE "ledger.policy"
#define RECEIPT_FILE "receipt.json"

/* What the server answered to a report. */
struct receipt_answer {
	const char *proof;
	const char *
		growth; /* that the ledger only grew since the receipt that is kept (ledger/proof/growth_proof.h); NULL: it does not
			       say */
};

/* Takes what the server answered to REPORT, as it was sent: checks it, keeps it, and adds a row `receipt` to the history, refused
 * or not. Does nothing where there is no policy. ERROR_REFUSED where the proof does not hold, or its ledger is older than, or
 * contradicts, the one of the receipt that is kept, or where no witness is asked for and it does not prove that it grew from
 * there; the one that is kept then stays. */
WARN_UNUSED int receipt_take(
	struct terminal *terminal, const struct buf *report, const struct receipt_answer *answer, struct error *err);

/* The one that is kept, where it holds under the policy of its time, and is of a ledger that today's names; *RET_FOUND is false
 * where there is none such. */
WARN_UNUSED int receipt_find(
	struct terminal *terminal, struct receipt *ret_receipt, bool *ret_found, struct error *err);

/* Appends the one that is kept, as it is, as a line with its end; nothing where there is none. */
WARN_UNUSED int receipt_export(struct terminal *terminal, struct buf *ret_line, struct error *err);

/* ERROR_DAMAGED where the history is not the one that the kept receipt proves, or that receipt was altered. Without one, all
 * is well. */
WARN_UNUSED int receipt_verify(struct terminal *terminal, struct error *err);

#endif
