/* Which unit of the service manager is the application of a package: never what a release says alone, as root stops and
 * starts it. */
#ifndef AGENT_RESTART_APPLICATION_UNIT_H
#define AGENT_RESTART_APPLICATION_UNIT_H

#include "agent/base/terminal.h"

#define APPLICATION_UNIT_SIZE 256

/* The unit that [install] units binds to PACKAGE; else the one that its release has NAMED ("" for none), if the service
 * manager has it from a file of the package's own releases. ERROR_NOT_FOUND where there is neither, with what to do. */
WARN_UNUSED int application_unit_find(struct terminal *terminal, const char *package, const char *named,
	char ret_unit[static APPLICATION_UNIT_SIZE], struct error *err);

#endif
