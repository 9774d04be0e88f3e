/* At every start of the agent: what the guard did is read into the history, and disk, plan and store are made to
 * agree. The disk is the truth about what is current. Safe to run again. */
#ifndef AGENT_RESTART_BOOT_H
#define AGENT_RESTART_BOOT_H

#include "agent/restart/boot_step.h"

WARN_UNUSED int boot_reconcile(const struct env *env, struct store *store, const struct boot_options *options,
	struct boot_result *ret_result, struct error *err);

/* The same for an open terminal, as it is configured. */
WARN_UNUSED int boot_reconcile_terminal(struct terminal *terminal, struct boot_result *ret_result, struct error *err);

#endif
