/* Where the programs of packages run: self-tests, health checks, migrations; the same surroundings under the guard at boot,
 * under the agent, and below a private root as an ordinary user.
 *
 * Such a program sees the system's programs (/usr, /etc), the releases of all packages, to read only, the one folder of data
 * that is its own, and an empty /tmp; no process, message queue or socket of others, and no network but its own unless it may
 * have the machine's. It has no capability and gets none, and a bounded share of memory, processes, files and disk. Nothing it
 * started is left when sandbox_run() returns.
 *
 * That takes namespaces, which root can make, and most kernels let an ordinary user make. Where they are not to be had, what
 * remains is the account, no new privileges, the limits, and the end of all that it started; the log says so. */
#ifndef ROLLBACK_SANDBOX_SANDBOX_H
#define ROLLBACK_SANDBOX_SANDBOX_H

#include "common/env.h"
#include "common/error.h"
#include "rollback/sandbox/surroundings.h"

/* Runs REQUEST's program as env->processes->run() says, in such surroundings, in the folder of the release. It finds
 * HAISHIN_PACKAGE, HAISHIN_VERSION, HAISHIN_FORMER_VERSION and HAISHIN_DATA, the path of its data, in its environment. What
 * REQUEST says of folder, user, environment and cell does not count. -1 where no process could be made. */
WARN_UNUSED int sandbox_run(const struct env *env, const struct sandbox *sandbox,
	const struct process_request *request, struct process_result *ret_result, struct error *err);

#endif
