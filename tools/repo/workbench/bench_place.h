/* Where packages stand on a terminal, for this process alone. */
#ifndef TOOLS_REPO_WORKBENCH_BENCH_PLACE_H
#define TOOLS_REPO_WORKBENCH_BENCH_PLACE_H

#include "common/error.h"

#define BENCH_PACKAGES_PATH "/opt/haishin"

/* From now on this process, and those it starts, find what is in the folder PACKAGES at BENCH_PACKAGES_PATH; nobody else sees
 * that. An ordinary user gives up what the namespace of users lets him do besides. To be called while there is one thread.
 * -1 where this machine does not let it: nothing that matters here has changed then. */
WARN_UNUSED int bench_place_enter(const char *packages, struct error *err);

#endif
