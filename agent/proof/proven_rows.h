/* What the ledger proves of a history that is being read: the receipts that stand before it, and whether the rows that they name
 * go by. */
#ifndef AGENT_PROOF_PROVEN_ROWS_H
#define AGENT_PROOF_PROVEN_ROWS_H

#include "agent/proof/key_names.h"
#include "agent/proof/receipt_proof.h"
#include "agent/store/history_chain.h"

#define PROVEN_ROWS_MOST 16

struct proven_rows {
	const struct policy *policy; /* whom to believe, borrowed; NULL: receipts are counted, and not looked at */
	size_t receipts;
	size_t count; /* of those that hold */
	struct receipt items[PROVEN_ROWS_MOST];
	bool was_seen[PROVEN_ROWS_MOST]; /* the row that each names */
};

/* Takes a line that is a receipt. ERROR_ALTERED where it does not hold under the policy. */
WARN_UNUSED int proven_rows_take(struct proven_rows *proven, const json_t *line, struct error *err);

/* ERROR_DAMAGED where the ledger proves another row in the place of this one. */
WARN_UNUSED int proven_rows_compare(struct proven_rows *proven, const struct history_row *row, struct error *err);

/* At the end of the history of TERMINAL (the id of its key), which had FORMER ones, behind row LAST. ERROR_DAMAGED where the ledger proves more rows;
 * ERROR_ALTERED where a receipt is another terminal's. A row before the first one was in a part that the terminal has dropped.
 * *RET_RECEIPT is the one of the highest row; left alone where there is none. */
WARN_UNUSED int proven_rows_end(const struct proven_rows *proven, const char *terminal, const struct key_names *former,
	int64_t last, struct receipt *ret_receipt, struct error *err);

#endif
