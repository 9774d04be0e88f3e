/* The job at work, as the resident part sees it: a process of its own, whose lines come over a pipe. */
#ifndef AGENT_RESIDENT_RESIDENT_JOB_H
#define AGENT_RESIDENT_RESIDENT_JOB_H

#include "agent/resident/resident.h"

/* Starts a job now. ERROR_BUSY while one runs. */
WARN_UNUSED int resident_job_start(struct resident *resident, enum job_kind kind, struct error *err);

/* The same for JOB_INSTALL, from the folder PATH. */
WARN_UNUSED int resident_job_start_install(struct resident *resident, const char *path, struct error *err);

/* Takes whole lines out of what has come, and passes them on to callers. */
void resident_job_take_lines(struct resident *resident);
/* A child has ended: if it is the job, callers get its last word, and the next one is planned. */
void resident_job_reap(struct resident *resident);
/* Ends the job at work and waits for it: what it has done stays for the next time. */
void resident_job_stop(struct resident *resident);

#endif
