/* What a policy says about a checkpoint: whose it is, who has cosigned it, and whether that is enough. */
#ifndef LEDGER_PROOF_POLICY_JUDGE_H
#define LEDGER_PROOF_POLICY_JUDGE_H

#include <stdint.h>

#include "common/error.h"
#include "ledger/note/checkpoint.h"
#include "ledger/note/span.h"
#include "ledger/proof/policy.h"

struct policy_verdict {
	struct checkpoint checkpoint;
	size_t log;				/* number in the policy */
	uint64_t witnesses;			/* bits of the members that have cosigned */
	int64_t cosigned_s[POLICY_MAX_MEMBERS]; /* when; 0 for the others */
	bool satisfied;				/* they make up the quorum */
	int64_t quorum_s; /* when there first were enough of them; 0 where none are asked for, or there are not enough */
};

/* Looks at a checkpoint. ERROR_REFUSED where it is none, is of no log of the policy, or a signature of a key that the
 * policy names does not hold. Cosignatures that are missing are no failure: see satisfied. */
WARN_UNUSED int policy_look(
	const struct policy *policy, struct span note, struct policy_verdict *ret_verdict, struct error *err);

/* The same, and ERROR_REFUSED, with who is missing, where the quorum is not reached. */
WARN_UNUSED int policy_judge(
	const struct policy *policy, struct span note, struct policy_verdict *ret_verdict, struct error *err);

#endif
