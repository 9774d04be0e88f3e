/* The programs of a release that is tried: run as they are on terminals, and timed. */
#ifndef TOOLS_REPO_WORKBENCH_BENCH_PROGRAMS_H
#define TOOLS_REPO_WORKBENCH_BENCH_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/process.h"
#include "tools/repo/workbench/bench_application.h"

#define BENCH_RUNS_MOST 4 /* so many are remembered; the others are counted */

struct bench_programs {
	struct processes watched; /* hand this one in */
	struct processes real;
	const struct clock *clock;
	int64_t ms[BENCH_RUNS_MOST]; /* how long each took, in their order */
	size_t count;
	/* At work: the service manager is asked for its unit, and it answers in that one's place. NULL: none is; borrowed */
	struct bench_application *application;
	bool without_walls; /* one ran without namespaces: this machine gives none */
};

/* PROGRAMS must stay where it is. CLOCK is borrowed. */
void bench_programs_init(struct bench_programs *programs, const struct clock *clock);
/* Forgets the runs so far. */
void bench_programs_forget(struct bench_programs *programs);

#endif
