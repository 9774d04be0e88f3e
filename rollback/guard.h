/* What happens at boot, before the applications start: repair what an interruption left, activate what is staged, run
 * self-tests, count the start, take back what failed. Never keeps a terminal from starting: a failure here leaves the
 * former releases current and says so in the journal. */
#ifndef ROLLBACK_GUARD_H
#define ROLLBACK_GUARD_H

#include "common/env.h"
#include "common/error.h"
#include "rollback/guard_options.h"

/* Safe to run again at any point of the same boot: the start is counted once, nothing is activated twice. */
WARN_UNUSED int guard_boot(const struct env *env, const struct guard_options *options,
	struct guard_result *ret_result, struct error *err);

/* Takes PACKAGE back at once, with its group, if it is on trial or condemned; REASON holds where none is given in the
 * plan yet. At boot nothing runs what is taken back; whoever calls this later sees to the applications. Does nothing
 * where the package has nothing to be taken back. A failure leaves it to the next restart. */
WARN_UNUSED int guard_take_back(const struct env *env, const struct guard_options *options, const char *package,
	const char *reason, struct guard_result *ret_result, struct error *err);

#endif
