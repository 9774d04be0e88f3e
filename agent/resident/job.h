/* A job: the work of one night, one press of the button, one check, one confirmation, in a process of its own, so
 * that the resident part stays small, answers while the work goes on, and survives whatever happens to it. The job is
 * haishind itself, started with --job. */
#ifndef AGENT_RESIDENT_JOB_H
#define AGENT_RESIDENT_JOB_H

#include "agent/base/job_kind.h"
#include "agent/base/job_lines.h"
#include "agent/base/terminal.h"

/* Does the work; the result is filled in on failure too. Not for JOB_INSTALL. */
WARN_UNUSED int job_run(struct terminal *terminal, enum job_kind kind, struct job_lines *lines,
	struct job_result *ret_result, struct error *err);

/* The same for JOB_INSTALL: the repository is the folder PATH. */
WARN_UNUSED int job_install(struct terminal *terminal, const char *path, struct job_lines *lines,
	struct job_result *ret_result, struct error *err);

/* The same for JOB_VERIFY, of PACKAGE alone. */
WARN_UNUSED int job_verify(struct terminal *terminal, const char *package, struct job_lines *lines,
	struct job_result *ret_result, struct error *err);

#endif
