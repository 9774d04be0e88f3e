/* A job: the work of one night, one press of the button, one check, one confirmation, in a process of its own, so that the
 * resident part stays small, answers while the work goes on, and survives whatever happens to it. The job is haishind itself,
 * started with --job. It says how far it is in lines of JSON on descriptor 3, the last of which is the result. */
#ifndef AGENT_JOB_H
#define AGENT_JOB_H

#include <stdint.h>

#include "agent/terminal.h"
#include "common/json.h"

enum job_kind {
	JOB_NIGHT,   /* the terminal's slot in the window */
	JOB_BUTTON,  /* download now: ignores the window, not the rest */
	JOB_CHECK,   /* asks what is new, fetches no payload */
	JOB_CONFIRM, /* health checks of what was activated */
};

const char *job_kind_name(enum job_kind kind);
WARN_UNUSED int job_kind_parse(const char *name, enum job_kind *ret_kind, struct error *err);

#define JOB_LINE_MAX_BYTES 4096

/* How a job tells how far it is. */
struct job_report {
	int fd;              /* -1: nobody listens */
	int64_t packages;    /* to be delivered in this job */
	int64_t number;      /* the one at work, from 1 */
	const char *package; /* NULL: none */
	const char *version;
};

/* One line {"state": STATE, "package": ..., "number": n, "of": m, "bytes": ..., "total": ..., "saved": ...}. Errors are not the
 * job's concern: nobody may be listening. */
void job_report_progress(struct job_report *report, const char *state, uint64_t bytes, uint64_t total, uint64_t saved);
/* The last line: {"state": "end", "staged": n, "pending": n, "error": NAME, "exit": STATUS, "message": TEXT}. */
struct job_result {
	int64_t staged;     /* packages staged in this job: a restart is due */
	int64_t available;  /* packages that have a newer release and could not be brought in this job */
	int64_t confirmed;
	int64_t rolled_back;
	bool contact;       /* the server answered and its metadata was verified */
};
void job_report_end(struct job_report *report, const struct job_result *result, const struct error *why);

/* Does the work; the result is filled in on failure too. */
WARN_UNUSED int job_run(struct terminal *terminal, enum job_kind kind, struct job_report *report,
	struct job_result *ret_result, struct error *err);

#endif
