/* The sandbox in a unit of its own, haishin-check@.service, where units that are shut in themselves, as the agent's and the
 * guard's are, leave a check to the service manager: they can make no namespaces, and what they forbid a check would inherit.
 *
 * A request is a file NAME.request in the folder for them, its answer NAME.answer; both are root's alone. A request
 * lives until its check begins, an answer until it is read. Request: texts ended by NUL, KEY=VALUE, each of "packages",
 * "package", "folder", "former", "data", "user", "network" (yes or no), "timeout_ms" once, "shown" and "argument" as often as
 * needed, in order. Answer: "timed-out yes" or "timed-out no", a line break, "status NUMBER", a line break, and what the program
 * printed. */
#ifndef ROLLBACK_SANDBOX_SERVICE_H
#define ROLLBACK_SANDBOX_SERVICE_H

#include "common/env.h"
#include "common/error.h"
#include "rollback/sandbox/surroundings.h"

/* Set in the units that leave checks to the service manager: the folder for requests. */
#define SERVICE_FOLDER_VARIABLE "HAISHIN_CHECK_FOLDER"

/* Has the check run, as sandbox_run() does, by the unit. -1 where the service manager does not, or where it ended the unit before
 * there was an answer, as it does where memory ends or the machine goes off. RET_BEGAN tells the two apart: what began is not to be
 * run again by whoever asked, with less around it; who wins by ending its unit would win that. */
WARN_UNUSED int service_run(const struct env *env, const char *folder, const struct sandbox *sandbox,
	const struct process_request *request, struct process_result *ret_result, bool *ret_began, struct error *err);

/* How a check is run: sandbox_run(). */
typedef int service_runner(const struct env *env, const struct sandbox *sandbox,
	const struct process_request *request, struct process_result *ret_result, struct error *err);

/* The unit's side: takes the request NAME, which is no longer there when the check begins, runs it and answers. ERROR_INPUT where it
 * is not well formed. */
WARN_UNUSED int service_answer(
	const struct env *env, const char *folder, const char *name, service_runner *runner, struct error *err);

#endif
