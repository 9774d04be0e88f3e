/* Numbers shared out over processes, as many as there are processors. Each takes the next number when it has done with
 * the last. */
#ifndef TESTS_PROOFS_WORKERS_H
#define TESTS_PROOFS_WORKERS_H

#include <stdint.h>

/* What a process does from its start to its end; it asks workers_next() for its numbers. */
struct workers;
typedef void workers_task(struct workers *workers, void *context);

struct workers_options {
	uint64_t first, last; /* the numbers */
	unsigned most;	      /* processes; 0: as many as there are processors */
	workers_task *task;
	void *context;
	/* Tells of a process that ended in any other way than by returning from its task; NUMBER is the one that it
	 * was at, 0 before its first. */
	void (*died)(void *context, uint64_t number, int wait_status);
};

/* Runs them, and returns when all have ended. Each has a folder of its own as TMPDIR, which is removed with all that is in
 * it, also where the process died, or where a signal (SIGINT, SIGTERM, SIGHUP, SIGPIPE) ends all of them and this process. */
void workers_run(const struct workers_options *options);

/* The next number for this process; 0 where there is none left. */
uint64_t workers_next(struct workers *workers);

#endif
