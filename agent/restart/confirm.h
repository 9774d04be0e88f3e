/* After the applications have started: is what was activated healthy? Then it is confirmed, or taken back. */
#ifndef AGENT_RESTART_CONFIRM_H
#define AGENT_RESTART_CONFIRM_H

#include "agent/base/job_lines.h"
#include "agent/base/terminal.h"

/* Goes through what is on trial, group by group: all members healthy confirms them all; one that is not condemns them
 * all; what is condemned, by this or by staff, is taken back now or at the next restart, as [install] rollback says.
 * A group whose health could not be told stays on trial; the error is returned after all have been looked at. */
WARN_UNUSED int confirm_run(
	struct terminal *terminal, struct job_lines *lines, struct job_result *ret_result, struct error *err);

#endif
