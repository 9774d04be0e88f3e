/* The site's applications, where they have to be stopped and started while the machine runs: by [install]
 * applications_command, or through the unit that is the package's (application_unit.h).
 *
 * Which ones were stopped stands in the store, from before the first is stopped until they run again: an agent that was
 * killed in between starts them when it is back. A start of the machine starts them anyway. */
#ifndef AGENT_RESTART_APPLICATIONS_H
#define AGENT_RESTART_APPLICATIONS_H

#include <stdbool.h>

#include "agent/base/terminal.h"
#include "agent/restart/application_unit.h"
#include "rollback/plan.h"

struct application {
	char package[PLAN_NAME_SIZE];
	char unit[APPLICATION_UNIT_SIZE]; /* "" where the command does without */
};

/* The application of an entry's release. ERROR_NOT_FOUND where nothing here can stop and start it. */
WARN_UNUSED int application_find(struct terminal *terminal, const struct plan_entry *entry,
	struct application *ret_application, struct error *err);

/* Stops them, the last one first. After a failure all run, as far as they can be started. */
WARN_UNUSED int applications_stop(
	struct terminal *terminal, const struct application *applications, int count, struct error *err);
/* Starts them, the first one first. What does not start is in the log; the next restart of the machine starts it. Errors
 * are those of the store. */
WARN_UNUSED int applications_start(
	struct terminal *terminal, const struct application *applications, int count, struct error *err);

/* True where some were stopped in this start of the machine, and not started again. */
WARN_UNUSED int applications_are_stopped(struct terminal *terminal, bool *ret_stopped, struct error *err);
/* Starts those, as applications_start() does. */
WARN_UNUSED int applications_start_stopped(struct terminal *terminal, struct error *err);

#endif
