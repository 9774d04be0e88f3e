/* What happens at boot, before the applications start: repair what an interruption left, activate what is staged, run
 * self-tests, count the start, take back what failed. Never keeps a terminal from starting: a failure here leaves the
 * former releases current and says so in the journal. */
#ifndef ROLLBACK_GUARD_H
#define ROLLBACK_GUARD_H

#include "common/env.h"
#include "common/error.h"

struct guard_options {
	int boot_dir_fd;	    /* /var/lib/haishin/boot */
	int packages_dir_fd;	    /* /opt/haishin */
	const char *packages_path;  /* the same as a path: self-tests run there */
	const char *self_test_user; /* whom self-tests become where we are root */
};

struct guard_result {
	int activated;
	int rolled_back;
	int on_trial; /* left to be confirmed by the agent */
};

/* Safe to run again at any point of the same boot: the start is counted once, nothing is activated twice. */
WARN_UNUSED int guard_boot(const struct env *env, const struct guard_options *options,
	struct guard_result *ret_result, struct error *err);

/* The agent keeps failing (the service manager says so): takes back the agent's own package if it is on trial, at
 * once. */
WARN_UNUSED int guard_agent_failed(const struct env *env, const struct guard_options *options, const char *package,
	const char *reason, struct guard_result *ret_result, struct error *err);

#endif
