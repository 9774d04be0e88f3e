/* A job: the work of one night, one press of the button, one check, one confirmation, in a process of its own, so
 * that the resident part stays small, answers while the work goes on, and survives whatever happens to it. The job is
 * haishind itself, started with --job. */
#ifndef AGENT_JOB_H
#define AGENT_JOB_H

#include <stdint.h>

#include "agent/base/job_report.h"
#include "agent/base/terminal.h"

enum job_kind {
	JOB_NIGHT,   /* the terminal's slot in the window */
	JOB_BUTTON,  /* download now: ignores the window, not the rest */
	JOB_INSTALL, /* by hand, from a folder */
	JOB_CHECK,   /* asks what is new, fetches no payload */
	JOB_CONFIRM, /* health checks of what was activated */
	JOB_DOCTOR,  /* walks the way to the server and says what is wrong */
	JOB_RESTART, /* restarts the machine at the configured time, unless it is in use */
};

const char *job_kind_name(enum job_kind kind);
WARN_UNUSED int job_kind_parse(const char *name, enum job_kind *ret_kind, struct error *err);

/* Does the work; the result is filled in on failure too. Not for JOB_INSTALL. */
WARN_UNUSED int job_run(struct terminal *terminal, enum job_kind kind, struct job_report *report,
	struct job_result *ret_result, struct error *err);

/* The same for JOB_INSTALL: the repository is the folder PATH. */
WARN_UNUSED int job_install(struct terminal *terminal, const char *path, struct job_report *report,
	struct job_result *ret_result, struct error *err);

#endif
