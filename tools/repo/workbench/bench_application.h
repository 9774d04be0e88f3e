/* The application of a release that is tried, at work for as long as its health is asked for: what a terminal's service
 * manager keeps running. It runs in the sandbox, with the machine's network, and nothing of it is left behind. */
#ifndef TOOLS_REPO_WORKBENCH_BENCH_APPLICATION_H
#define TOOLS_REPO_WORKBENCH_BENCH_APPLICATION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/auto.h"
#include "common/env.h"
#include "common/error.h"
#include "rollback/sandbox/surroundings.h"

struct bench_application {
	pid_t pid;  /* of the process that watches it; 0: none was started */
	int end_fd; /* where that tells how it ended */
	int64_t begun_ms;
	bool has_ended;
	char how[256]; /* it ended */
};

#define BENCH_APPLICATION_INIT                                                                                       \
	{                                                                                                            \
		.end_fd = -1                                                                                         \
	}

/* Starts ARGV, whose first word is the program's path below the release's folder. ENV and SANDBOX are not needed once this
 * has returned. To be called while there is one thread. */
WARN_UNUSED int bench_application_start(const struct env *env, const struct sandbox *sandbox,
	const char *const *argv, struct bench_application *ret_application, struct error *err);

/* Whether it has ended by now; APPLICATION->how then says how. */
bool bench_application_has_ended(struct bench_application *application);

/* Ends it with all that it started, and waits for that. Accepts one that was never started. */
void bench_application_clear(struct bench_application *application);
DEFINE_AUTO(bench_application, struct bench_application, bench_application_clear);

#endif
