/* Takes a release through what a terminal does with it: staged, activated at a restart, its data migrated, tested, asked for its
 * health, through another restart, and back. */
#ifndef TOOLS_REPO_WORKBENCH_BENCH_TRIAL_H
#define TOOLS_REPO_WORKBENCH_BENCH_TRIAL_H

#include "common/error.h"
#include "tools/repo/workbench/bench.h"
#include "tools/repo/workbench/bench_release.h"
#include "tools/repo/workbench/bench_steps.h"

/* FORMER is what the terminal runs, in place already; NULL: nothing. 0: RET_REPORT says what a terminal makes of it. -1 where it
 * could not be found out. */
WARN_UNUSED int bench_try(struct bench *bench, const struct bench_release *release,
	const struct bench_release *former, struct bench_report *ret_report, struct error *err);

#endif
