/* The ledger's policy, as the operator's role signs it: kept in the state folder for whoever checks receipts. */
#ifndef AGENT_SERVER_KEPT_POLICY_H
#define AGENT_SERVER_KEPT_POLICY_H

#include "agent/base/terminal.h"
#include "manifests/tuf/tuf_client.h"

/* Brings what is kept in line with what TRUST, which is refreshed, vouches for: where there is no policy any more, none is kept. On
 * failure the former one stays. */
WARN_UNUSED int kept_policy_refresh(
	struct terminal *terminal, struct tuf_client *trust, const char *targets_url, struct error *err);

#endif
