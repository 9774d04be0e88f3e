/* The health of a release that is tried, asked for as a terminal does once its applications have been started. */
#ifndef TOOLS_REPO_WORKBENCH_BENCH_HEALTH_H
#define TOOLS_REPO_WORKBENCH_BENCH_HEALTH_H

#include "manifests/release/release.h"
#include "tools/repo/workbench/bench.h"

/* Why the health of RELEASE cannot be asked for on this bench; NULL where it can. */
const char *bench_health_obstacle(const struct bench *bench, const struct release *release);

/* 0: healthy. ERROR_REFUSED: it is not, or its application does not stay; other errors: it could not be told. A check runs in
 * SANDBOX; the application, if the settings name one, is at work meanwhile and has their start_delay_s to come up. */
WARN_UNUSED int bench_health_ask(
	struct bench *bench, const struct release *release, const struct sandbox *sandbox, struct error *err);

#endif
