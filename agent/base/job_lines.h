/* How a job says how far it is: lines of JSON on a descriptor, the last of which is the result. */
#ifndef AGENT_BASE_JOB_LINES_H
#define AGENT_BASE_JOB_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/base/doctor_hop.h"
#include "agent/store/soundness.h"
#include "common/error.h"

#define JOB_LINE_MAX_BYTES 4096
#define JOB_LINES_FD 3 /* of a job's process: where its lines go, if that is open */

/* How a job tells how far it is. */
struct job_lines {
	int fd;		     /* -1: nobody listens */
	int64_t packages;    /* to be delivered in this job */
	int64_t number;	     /* the one at work, from 1 */
	const char *package; /* NULL: none */
	const char *version;
};

struct job_progress {
	uint64_t bytes;				  /* fetched of this package */
	uint64_t total;				  /* to be fetched of it */
	uint64_t saved;				  /* of its payload, that need not be fetched */
	uint64_t saved_by_delta, saved_by_resume; /* so much of SAVED */
	uint64_t rate;				  /* bytes each second */
	int64_t left_s;				  /* -1: cannot be told */
};

/* One line {"state": STATE, "package": ..., "number": n, "of": m} and the members of PROGRESS (NULL: all 0). Errors
 * are not the job's concern: nobody may be listening. */
void job_lines_progress(struct job_lines *lines, const char *state, const struct job_progress *progress);
/* One line {"state": "hop", "hop": ..., "outcome": ..., "finding": ..., "subject": ..., "code": ..., "exit": ...,
 * "detail": ...} of the job that walks the way to the server; a doctor_take, whose context is a struct job_lines. */
void job_lines_hop(void *lines, const struct doctor_hop *hop);

/* One line {"state": "finding", "package": ..., "version": ..., "kind": ..., "path": ...} of the job that reads the files of current
 * releases. */
void job_lines_damage(struct job_lines *lines, enum inspect_kind kind, const char *path);

/* What came of one package. */
struct job_verified {
	bool is_installed;
	const struct soundness *soundness;
	uint64_t files;
	uint64_t bytes;
};
/* One line {"state": "verified", "package": ..., "version": ..., "files": n, "bytes": n, "sound": BOOL (null where there is no
 * release), "list_fault": ..., and a number for each kind of finding}. */
void job_lines_verified(struct job_lines *lines, const struct job_verified *verified);

/* The last line: {"state": "end", "staged": n, "available": n, "not_its_turn": n, "confirmed": n, "rolled_back": n, "damaged": n,
 * "agent_replaced": BOOL, "contact": BOOL,
 * "error": NAME, "exit": STATUS, "message": TEXT}. */
struct job_result {
	int64_t staged;	   /* packages staged in this job: a restart is due */
	int64_t available; /* packages that have a newer release and could not be brought in this job */
	int64_t not_its_turn; /* packages whose newer release is being rolled out, and has not come to this terminal */
	int64_t held; /* of these, such as the brake holds for now: they may come in this night still. Not told in the line */
	bool owes_report; /* nobody took it, and a candidate is on its way, of which it tells: once more in this night. Not told in the line */
	int64_t confirmed;
	int64_t rolled_back;
	int64_t damaged; /* packages whose files are not what was delivered */
	bool agent_replaced; /* the agent's own package was taken back: the one that runs is not the current one */
	bool contact;	     /* the server answered and its metadata was verified */
};
void job_lines_end(struct job_lines *lines, const struct job_result *result, const struct error *why);

#endif
