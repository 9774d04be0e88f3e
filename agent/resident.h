/* The resident part of haishind: waits for the terminal's next moment and for callers, and starts one job at a time.
 * It wakes up for a caller, a signal, the end of a job, or the moment it waits for; for nothing else. */
#ifndef AGENT_RESIDENT_H
#define AGENT_RESIDENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/base/job_kind.h"
#include "agent/base/terminal.h"
#include "agent/proof/announce.h"
#include "agent/store/presence.h"
#include "common/json.h"

struct control;

/* What the resident part knows of the job at work. */
struct resident_job {
	bool running;
	enum job_kind kind;
	pid_t pid;
	int fd; /* its lines; -1 while none runs */
	int64_t started_s;
	json_t *progress; /* its last line; NULL before the first */
	bool fd_ended;	  /* it has closed its end */
	struct buf line;  /* a line that has come in part */
};

struct resident {
	struct terminal *terminal;
	const char *config_file; /* handed to jobs */
	const char *root;	 /* handed to jobs; NULL: as configured */
	const char *program;	 /* our own, for jobs */
	struct control *control;
	struct resident_job job;
	int64_t next_s; /* when the next job is due; 0: none known */
	enum job_kind next_kind;
	char next_reason[STORE_TEXT_SIZE]; /* why then, for people */
	struct presence presence;
	struct announce announce;
	int64_t note_s; /* when the agent notes next that it is there */
	bool stop;	/* asked to end */
	bool reload;	/* asked to read the configuration and the clock anew: ends the run when no job is at work */
};

/* Starts a job now. ERROR_BUSY while one runs. */
WARN_UNUSED int resident_start_job(struct resident *resident, enum job_kind kind, struct error *err);

/* The same for JOB_INSTALL, from the folder PATH. */
WARN_UNUSED int resident_start_install(struct resident *resident, const char *path, struct error *err);

/* Works out when the next job is due; after anything that may have changed it: a job's end, a pause, the clock. */
void resident_plan_next(struct resident *resident);

/* The same after a job KIND that ended with WHY (NULL: well). One that is due again at once was not settled, as it crashed or
 * failed at its very beginning: it counts as a failed attempt, and waits like one. */
void resident_plan_after(struct resident *resident, enum job_kind kind, const struct error *why);

/* Runs until a signal asks it to stop, or to reload; see the members of that name. */
WARN_UNUSED int resident_run(struct resident *resident, struct error *err);

/* For the control socket: called with each line of progress and with the last one. */
void control_job_progress(struct control *control, json_t *progress, bool is_last);

#endif
