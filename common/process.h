/* Other programs: self-tests, health checks, notices. */
#ifndef COMMON_PROCESS_H
#define COMMON_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include "common/buf.h"
#include "common/error.h"

struct process_request;

/* Surroundings of a program of its own, set apart from the rest of the machine (rollback/sandbox). */
struct process_cell {
	unsigned long namespaces; /* CLONE_NEW... that its first process is made with */
	/* Called in that process, with the output in place: makes the surroundings, becomes whom the program is to be, and
	 * returns 0 in the process that shall run it, which may be another one. On -1 the program is not run. */
	int (*enter)(const struct process_cell *cell, const struct process_request *request, struct error *err);
	/* The first process sees to it that nothing outlives it, and wants to be asked to (SIGTERM) before it is killed. */
	bool ends_when_asked;
	bool is_missing; /* set by run(): it could not be made; run() says why */
	void *context;	 /* for enter */
};

struct process_request {
	const char *const *argv; /* absolute path first; NULL ends it. No shell */
	const char *folder;	 /* where it runs; NULL: "/" */
	const char *user;	 /* whom to become where this process is root; NULL: stay who we are */
	/* "NAME=value" besides what is passed on; NULL ends it; NULL: none. */
	const char *const *environment;
	struct process_cell *cell; /* NULL: it runs among all others. Else USER is the cell's affair */
	int64_t timeout_ms;	   /* then the whole process group is killed; must be above 0 */
	struct buf *output;	   /* what it prints on stdout and stderr, cut at the limit; NULL: thrown away */
	bool ends_when_full;	   /* it is killed once OUTPUT has come to its limit */
	bool keeps_end;		   /* what does not fit in OUTPUT is cut off its beginning, not its end */
};

struct process_result {
	bool timed_out;
	int exit_status; /* 0 to 255, or 128 + the signal that ended it */
};

/* How programs are run; a test may hand in its own. */
struct processes {
	/* Runs it to its end, and ends what it left running in its process group. Its environment is PATH, the locale
	 * and HAISHIN_* only; it has no input, no descriptor and no signal mask of ours. 0 however it ended: see
	 * RET_RESULT; a program that cannot be executed ends with 127 and says why in OUTPUT. -1 where no process
	 * could be made. */
	int (*run)(struct processes *processes, const struct process_request *request,
		struct process_result *ret_result, struct error *err);
	void *context;
};

/* The last line in OUTPUT that is not blank, or "": what a failing program says last is mostly the reason. Cuts
 * OUTPUT. */
const char *process_last_line(struct buf *output);

/* The real ones. */
void processes_init(struct processes *processes);

/* The most of a resource that this process, and what it starts, may have from now on. */
struct process_limit {
	__rlimit_resource_t resource; /* RLIMIT_... */
	rlim_t most;
};
/* A limit that is lower already stays; none of them can raise it again. */
WARN_UNUSED int process_limit(const struct process_limit *limits, size_t count, struct error *err);

/* AddressSanitizer reserves more memory than any machine has: a limit of that is for other builds. */
#ifdef __SANITIZE_ADDRESS__
#define PROCESS_IS_SANITIZED 1
#else
#define PROCESS_IS_SANITIZED 0
#endif

#endif
