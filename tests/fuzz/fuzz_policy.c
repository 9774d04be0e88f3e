/* Policies: none is satisfied by nobody unless it says so, and all are by everybody. */
#include <stdlib.h>

#include "ledger/proof/policy.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(policy) struct policy *policy = policy_parse((struct span){(const char *)data, len}, NULL);
	uint64_t everybody = 0;

	if (!policy)
		return 0;
	for (size_t i = 0; i < policy->member_count; i++)
		if (!policy->members[i].is_group)
			everybody |= (uint64_t)1 << i;
	if (!policy_is_satisfied(policy, everybody) || (policy->quorum >= 0 && policy_is_satisfied(policy, 0)))
		abort();
	return 0;
}
