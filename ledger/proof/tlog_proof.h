/* Proofs that an entry is logged (c2sp.org/tlog-proof): index, inclusion proof, and the checkpoint with its
 * cosignatures. Checked offline, against a policy: the receipt of a report. */
#ifndef LEDGER_PROOF_TLOG_PROOF_H
#define LEDGER_PROOF_TLOG_PROOF_H

#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "ledger/note/note.h"
#include "ledger/note/span.h"
#include "ledger/proof/policy.h"
#include "ledger/proof/policy_judge.h"
#include "ledger/tree/merkle.h"

#define TLOG_PROOF_MAX_BYTES (NOTE_MAX_BYTES + 16384)

struct tlog_proof {
	struct span extra; /* base64; at NULL where there is none; nothing vouches for it */
	uint64_t index;
	struct merkle_path path;
	struct span checkpoint; /* the note as it came */
};

/* Takes a proof apart without believing it; what is returned is borrowed from DATA. ERROR_REFUSED where it is none. */
WARN_UNUSED int tlog_proof_parse(struct span data, struct tlog_proof *ret_proof, struct error *err);
WARN_UNUSED int tlog_proof_write(const struct tlog_proof *proof, struct buf *ret_text, struct error *err);

/* 0 if the proof shows that ENTRY is logged as the policy asks for it; ERROR_REFUSED says what does not hold. RET_VERDICT
 * is then what the policy says of the checkpoint. */
WARN_UNUSED int tlog_proof_check(const struct tlog_proof *proof, struct span entry, const struct policy *policy,
	struct policy_verdict *ret_verdict, struct error *err);

#endif
