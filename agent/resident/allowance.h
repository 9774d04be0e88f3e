/* How many changes a caller of the control socket may make: many at once, and one more every half minute. Who may change things
 * could fill the records of a terminal otherwise, and push out older ones. */
#ifndef AGENT_RESIDENT_ALLOWANCE_H
#define AGENT_RESIDENT_ALLOWANCE_H

#include <stddef.h>
#include <sys/types.h>

#include "common/error.h"

#define ALLOWANCE_AT_ONCE 60
#define ALLOWANCE_EVERY_S 30
#define ALLOWANCE_CALLERS 32

/* Those who asked lately. Zeroed: nobody has. */
struct allowances {
	struct allowance {
		uid_t uid;
		int64_t spent_ms; /* on the monotonic clock: all that was asked for is earned then */
	} items[ALLOWANCE_CALLERS];
	size_t count;
};

/* A change that UID asks for at NOW_MS. ERROR_THROTTLED where there were too many; *RET_LEFT_S is then in how many seconds there
 * may be another. */
WARN_UNUSED int allowance_take(
	struct allowances *allowances, uid_t uid, int64_t now_ms, int64_t *ret_left_s, struct error *err);

#endif
