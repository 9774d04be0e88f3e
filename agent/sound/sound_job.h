/* `haishin verify`: all contents now, with everything that is found. */
#ifndef AGENT_SOUND_SOUND_JOB_H
#define AGENT_SOUND_SOUND_JOB_H

#include "agent/base/job_lines.h"
#include "agent/base/terminal.h"

/* Of PACKAGE, or of all that this terminal runs (NULL). Goes on after a package that cannot be read, and returns the first such
 * error. *RET_RESULT counts the packages with damage. ERROR_STOPPED once STOP_FD (-1: none) is readable. ERROR_NOT_FOUND where the
 * terminal does not run PACKAGE. */
WARN_UNUSED int sound_job(struct terminal *terminal, const char *package, int stop_fd, struct job_lines *lines,
	struct job_result *ret_result, struct error *err);

#endif
