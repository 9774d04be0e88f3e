/* The auditor's policy, and who of it has cosigned. */
#ifndef TOOLS_AUDIT_AUDIT_POLICY_H
#define TOOLS_AUDIT_AUDIT_POLICY_H

#include <stddef.h>

#include "common/error.h"
#include "ledger/proof/policy.h"
#include "ledger/proof/policy_judge.h"
#include "tools/audit/audit_findings.h"

/* NULL on failure. */
struct policy *audit_policy_read(const char *path, struct error *err);

/* "W1, W2"; "" for nobody. Cut at SIZE. */
const char *audit_policy_witnesses(
	const struct policy *policy, const struct policy_verdict *verdict, char *ret_names, size_t size);

/* Adds a finding of KIND: the policy does not accept the checkpoint NOTE, as WHY tells. Who of the witnesses has cosigned it is said in
 * the language of people. */
void audit_policy_blame(const struct policy *policy, struct span note, enum finding_kind kind,
	const struct error *why, struct findings *findings);

#endif
