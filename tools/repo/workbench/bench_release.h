/* A release as a terminal gets it: from the files that `pack` wrote, by the terminal's own staging. */
#ifndef TOOLS_REPO_WORKBENCH_BENCH_RELEASE_H
#define TOOLS_REPO_WORKBENCH_BENCH_RELEASE_H

#include <stdbool.h>

#include "common/error.h"
#include "manifests/base/package.h"
#include "tools/repo/release/release_files.h"
#include "tools/repo/workbench/bench.h"
#include "updater/stage/stage_request.h"

struct bench_release {
	const struct release_files *files; /* borrowed */
	char folder[PACKAGE_FOLDER_SIZE];  /* its name on the terminal */
};

void bench_release_init(struct bench_release *release, const struct release_files *files);

/* Stages it beside FORMER, which is current (NULL: none is), from the payload and, where one stands beside it, a delta.
 * RET_PROGRESS is set after a failure, too. Errors are those of stage_release(); ERROR_NOT_FOUND where there is no payload. */
WARN_UNUSED int bench_release_stage(const struct bench *bench, const struct bench_release *release,
	const struct bench_release *former, struct stage_progress *ret_progress, struct error *err);

/* Makes it what the terminal has been running for long. */
WARN_UNUSED int bench_release_install(
	const struct bench *bench, const struct bench_release *release, struct error *err);

#endif
