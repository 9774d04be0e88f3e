/* Other programs: self-tests, health checks, notices. */
#ifndef COMMON_PROCESS_H
#define COMMON_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"

struct process_request {
	const char *const *argv; /* absolute path first; NULL ends it. No shell */
	const char *folder;      /* where it runs; NULL: "/" */
	const char *user;        /* whom to become where this process is root; NULL: stay who we are */
	int64_t timeout_ms;      /* then the whole process group is killed; must be above 0 */
	struct buf *output;      /* what it prints on stdout and stderr, cut at the limit; NULL: thrown away */
};

struct process_result {
	bool timed_out;
	int exit_status; /* 0 to 255, or 128 + the signal that ended it */
};

/* How programs are run; a test may hand in its own. */
struct processes {
	/* Runs it to its end with an environment of PATH, LANG and HAISHIN_* only, no input, and no descriptor of ours.
	 * 0 however it ended: see RET_RESULT. -1 where it could not be started. */
	int (*run)(struct processes *processes, const struct process_request *request, struct process_result *ret_result,
		struct error *err);
	void *context;
};

/* The real ones. */
void processes_init(struct processes *processes);

#endif
