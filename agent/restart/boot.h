/* At every start of the agent: what the guard did is read into the history, and disk, plan and store are made to
 * agree. The disk is the truth about what is current. Safe to run again. */
#ifndef AGENT_RESTART_BOOT_H
#define AGENT_RESTART_BOOT_H

#include "agent/base/terminal.h"

struct boot_options {
	int boot_dir_fd;	     /* plan and journal */
	int packages_dir_fd;	     /* /opt/haishin */
	const char *const *packages; /* names this terminal runs; NULL-terminated */
	int starts_max;		     /* for a release whose plan was lost while it was on trial; 0: 3 */
};

struct boot_result {
	int activated; /* journal lines taken over in this call */
	int rolled_back;
	int repaired; /* places where disk, plan and store disagreed */
	int on_trial; /* entries of the plan that wait to be confirmed */
};

WARN_UNUSED int boot_reconcile(const struct env *env, struct store *store, const struct boot_options *options,
	struct boot_result *ret_result, struct error *err);

/* The same for an open terminal, as it is configured. */
WARN_UNUSED int boot_reconcile_terminal(struct terminal *terminal, struct boot_result *ret_result, struct error *err);

#endif
