/* The auditor's policy, and who of it has cosigned. */
#ifndef TOOLS_AUDIT_AUDIT_POLICY_H
#define TOOLS_AUDIT_AUDIT_POLICY_H

#include <stddef.h>

#include "common/error.h"
#include "ledger/proof/policy.h"
#include "ledger/proof/policy_judge.h"

/* NULL on failure. */
struct policy *audit_policy_read(const char *path, struct error *err);

/* "W1, W2"; "" for nobody. Cut at SIZE. */
const char *audit_policy_witnesses(
	const struct policy *policy, const struct policy_verdict *verdict, char *ret_names, size_t size);

#endif
