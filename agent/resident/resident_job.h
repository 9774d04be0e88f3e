/* The job at work, as the resident part sees it: a process of its own, whose lines come over a pipe. */
#ifndef AGENT_RESIDENT_RESIDENT_JOB_H
#define AGENT_RESIDENT_RESIDENT_JOB_H

#include "agent/resident/resident.h"

/* Starts a job now. ERROR_BUSY while one runs. */
WARN_UNUSED int resident_job_start(struct resident *resident, enum job_kind kind, struct error *err);

/* The same for JOB_INSTALL, from the folder PATH. */
WARN_UNUSED int resident_job_start_install(struct resident *resident, const char *path, struct error *err);

/* Is the job at work one that brings or looks for something? It gives way to what helps: what has come is kept. */
bool resident_job_gives_way(const struct resident *resident);
/* Asks such a job to end, without waiting for it. */
void resident_job_ask_to_end(struct resident *resident);
/* The night's turn has come: a delivery by hand at work ends, and its followers follow the night. */
void resident_job_give_to_night(struct resident *resident);
/* Ends the job that was asked to and has not. Returns when that is to be done, in ms from now; -1: nothing is. */
int64_t resident_job_see_to_end(struct resident *resident);
/* The same for JOB_VERIFY, of PACKAGE alone, or of all (NULL). */
WARN_UNUSED int resident_job_start_verify(struct resident *resident, const char *package, struct error *err);

/* Takes whole lines out of what has come, and passes them on to callers. */
void resident_job_take_lines(struct resident *resident);
/* A child has ended: if it is the job, callers get its last word, and the next one is planned. */
void resident_job_reap(struct resident *resident);
/* Ends the job at work and waits for it: what it has done stays for the next time. */
void resident_job_stop(struct resident *resident);

#endif
