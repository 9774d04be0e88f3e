/* What happens at boot, before the applications start: repair what an interruption left, activate what is staged, run
 * self-tests, count the start, take back what failed. Never keeps a terminal from starting: a failure here leaves the
 * former releases current and says so in the journal. */
#ifndef ROLLBACK_GUARD_H
#define ROLLBACK_GUARD_H

#include "common/env.h"
#include "common/error.h"

/* The package that the agent itself comes in. */
#define GUARD_AGENT_PACKAGE "distro-app"

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

/* Takes PACKAGE back at once, with its group, if it is on trial or condemned; REASON holds where none is given in the
 * plan yet. At boot nothing runs what is taken back; whoever calls this later sees to the applications. Does nothing
 * where the package has nothing to be taken back. A failure leaves it to the next restart. */
WARN_UNUSED int guard_take_back(const struct env *env, const struct guard_options *options, const char *package,
	const char *reason, struct guard_result *ret_result, struct error *err);

#endif
