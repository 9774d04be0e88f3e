/* The kinds of jobs: what haishind --job can be asked to do, and what the agenda puts in its order. */
#ifndef AGENT_BASE_JOB_KIND_H
#define AGENT_BASE_JOB_KIND_H

#include "common/error.h"

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

#endif
