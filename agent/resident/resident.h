/* What the resident part of haishind knows: the job at work, when the next one is due and why, who may call. One
 * job is at work at a time. */
#ifndef AGENT_RESIDENT_RESIDENT_H
#define AGENT_RESIDENT_RESIDENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/base/job_kind.h"
#include "agent/base/terminal.h"
#include "agent/proof/announce.h"
#include "agent/power/wake.h"
#include "agent/proof/verification.h"
#include "agent/resident/allowance.h"
#include "agent/store/presence.h"
#include "common/json.h"

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
	int64_t killed_ms; /* asked to end, it has until then, on the monotonic clock; 0: not asked */
	bool is_night_due; /* asked to end for the night's sake, which goes on with what it began */
};

/* Who asks the resident part and listens to it: the control socket, once it is open. */
struct resident_callers {
	void *context;
	int fd; /* readable when there is something to do; -1: nobody may call */
	void (*dispatch)(void *context);
	/* Somebody is about to ask more, or has not read all yet. */
	bool (*are_busy)(void *context);
	/* Each line of a job's progress, and its last word. */
	void (*tell)(void *context, json_t *progress, bool is_last);
	/* What is the case may have changed. */
	void (*changed)(void *context);
	/* A child of this process has ended. */
	void (*child_ended)(void *context);
	/* Nobody is at work any more: those who wait for that may begin. */
	void (*job_ended)(void *context);
};

#define RESIDENT_NO_CALLERS ((struct resident_callers){.fd = -1})

struct resident {
	struct terminal *terminal;
	const char *config_file; /* handed to jobs */
	const char *root;	 /* handed to jobs; NULL: as configured */
	const char *program;	 /* our own, for jobs */
	struct resident_callers callers;
	struct resident_job job;
	int64_t next_s; /* when the next job is due; 0: none known */
	enum job_kind next_kind;
	char next_reason[STORE_TEXT_SIZE]; /* why then, for people */
	struct presence presence;
	struct announce announce;
	int64_t doctor_again_ms; /* on the monotonic clock: when who may not change anything may ask the doctor again */
	struct allowances allowances;
	struct permissions *permissions;   /* what polkit is asked (agent/rights/permission.h); NULL: nobody may call */
	struct verification *verification; /* NULL before somebody asks */
	struct wake_watch wake;
	int64_t wake_s; /* when the alarm of the machine's clock rings; 0: it does not */
	int64_t note_s; /* when the agent notes next that it is there */
	bool changed;	/* what is the case may have changed: those who watch are to be told */
	bool stop;	/* asked to end */
	bool reload;	/* asked to read the configuration and the clock anew: ends the run when no job is at work */
};

#define RESIDENT_RETRY_S 600 /* when what is due could not be worked out, or not be begun */

/* Has the machine been woken, or slept? Then what is due is worked out anew. */
void resident_notice_sleep(struct resident *resident);

/* Works out when the next job is due; after anything that may have changed it: a job's end, a pause, the clock. Notes what woke the
 * machine before it moves the alarm. */
void resident_plan_next(struct resident *resident);

/* The same after a job KIND that ended with WHY (NULL: well). One that is due again at once was not settled, as it
 * crashed or failed at its very beginning: it counts as a failed attempt, and waits like one. */
void resident_plan_after(struct resident *resident, enum job_kind kind, const struct error *why);

/* Notes that the agent is there, accounts for windows that have ended, and works out when to do so again. */
void resident_note_presence(struct resident *resident);

#endif
