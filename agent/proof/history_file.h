/* The history as a file that can be verified without the agent: JSON Lines in one or more parts, each sealed with the
 * terminal's own key. An archived part is one; an export is all archived parts and what the store holds, as a last
 * one, behind the receipts of the ledger. docs/history-export.md describes the form. */
#ifndef AGENT_PROOF_HISTORY_FILE_H
#define AGENT_PROOF_HISTORY_FILE_H

#include <stdio.h>

#include "agent/proof/key_names.h"
#include "agent/proof/receipt_proof.h"
#include "agent/store/history.h"
#include "agent/store/history_chain.h"
#include "common/json.h"
#include "manifests/keys/key.h"
#include "manifests/keys/signer.h"

#define HISTORY_LINE_MAX_BYTES 8192
/* The operation of a row that tells of a new key; its digest is the id of the former one, "" where that is not known. */
#define HISTORY_NEW_KEY "key"

/* A row as the JSON object of such a line. */
json_t *history_row_json(const struct history_row *row);

/* ---- Writing. ---- */

struct history_seal {
	struct digest *digest;	     /* of all lines so far */
	struct history_chain before; /* where the part begins: behind this row */
	struct history_chain chain;  /* where it is */
};
void history_seal_clear(struct history_seal *seal);
DEFINE_AUTO(history_seal, struct history_seal, history_seal_clear);

/* Each appends a line to TEXT. The rows follow BEFORE without a gap: ERROR_DAMAGED otherwise, as in
 * history_chain_take(). */
WARN_UNUSED int history_seal_begin(struct history_seal *seal, const struct history_chain *before, int64_t now_s,
	const struct signer *signer, struct buf *text, struct error *err);
WARN_UNUSED int history_seal_row(
	struct history_seal *seal, const struct history_row *row, struct buf *text, struct error *err);
WARN_UNUSED int history_seal_end(
	struct history_seal *seal, const struct signer *signer, struct buf *text, struct error *err);

/* ---- Reading. ---- */

struct history_file_facts {
	struct history_chain before; /* the row that the first part follows */
	struct history_chain last;
	int64_t made_s;		/* the last part */
	size_t receipts;	/* of the ledger, before the first part; checked where there is a policy */
	struct receipt receipt; /* that of the highest row */
};

/* Whom to believe. Borrowed. */
struct history_file_trust {
	const struct key *key; /* the terminal's; parts before the last may be sealed by a former one, which a row names */
	const struct policy *policy; /* of the ledger; NULL: receipts are passed over */
};

/* Reads all of FILE and checks chain, digests, signatures and receipts. EACH (NULL: nobody) gets the rows before the seal is
 * known to hold. ERROR_DAMAGED: a row or the seal is wrong, or the ledger proves another history; ERROR_INPUT: no such file;
 * ERROR_REFUSED: another key; ERROR_ALTERED: a receipt does not hold under the policy. */
WARN_UNUSED int history_file_verify(FILE *file, const struct history_file_trust *trust, history_row_function *each,
	void *context, struct history_file_facts *ret_facts, struct error *err);

/* The same a few lines at a time, for who has other things to do between them. KEY is borrowed, and so are the terminal's FORMER
 * keys, which may have sealed any of the parts. */
struct history_reader;
WARN_UNUSED struct history_reader *history_reader_new(
	FILE *take_file, const struct key *key, const struct key_names *former, struct error *err);
/* Reads at most so many lines more. *RET_END: all has been read, and holds; *RET_FACTS is then set. */
WARN_UNUSED int history_reader_step(struct history_reader *reader, int lines, bool *ret_end,
	struct history_file_facts *ret_facts, struct error *err);
void history_reader_free(struct history_reader *reader);
DEFINE_AUTO_PTR(history_reader, struct history_reader, history_reader_free);

#endif
