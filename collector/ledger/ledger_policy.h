/* The policy of the settings ([ledger] policy): which witnesses the ledger asks. */
#ifndef COLLECTOR_LEDGER_LEDGER_POLICY_H
#define COLLECTOR_LEDGER_LEDGER_POLICY_H

#include "collector/config/config.h"
#include "ledger/note/vkey.h"
#include "ledger/proof/policy.h"

/* *RET_POLICY stays NULL where the settings name none. */
WARN_UNUSED int ledger_policy_read(const struct config *config, struct policy **ret_policy, struct error *err);

/* ERROR_INPUT where the policy does not name the log of this key: no terminal would accept what it says. */
WARN_UNUSED int ledger_policy_check(
	const struct config *config, const struct policy *policy, const struct vkey *key, struct error *err);

#endif
