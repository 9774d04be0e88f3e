/* Walks a whole log: every entry, every hash, and what the terminals said. */
#ifndef TOOLS_AUDIT_AUDIT_LOG_H
#define TOOLS_AUDIT_AUDIT_LOG_H

#include <stdint.h>

#include "ledger/proof/policy.h"
#include "ledger/proof/policy_judge.h"
#include "tools/audit/audit_findings.h"
#include "tools/audit/audit_source.h"
#include "tools/audit/audit_state.h"

struct audit_log {
	const struct policy *policy; /* borrowed, as all here */
	struct audit_source *source;
	struct findings *findings;
	struct audit_state *state;     /* of the last audit, or empty; afterwards that of this one */
	struct policy_verdict verdict; /* of the newest checkpoint */
	uint64_t before;	       /* size at the last audit; 0: there was none */
	uint64_t from;		       /* the first entry that was walked */
	struct error unread;	       /* why the rest could not be read: nothing is known of it; code 0: all was */
};

/* What does not hold is in FINDINGS; what could not be reached is no finding, but in UNREAD. -1 only where the audit could not be
 * done: no memory, or a state of the last audit that is none. */
WARN_UNUSED int audit_log_walk(struct audit_log *audit, struct error *err);

#endif
