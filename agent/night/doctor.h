/* Walks the way from this terminal's settings to the server's signed words, hop by hop, and says at each what is
 * wrong in one word that the command line has a sentence for. What is on the network is tried by haishin-fetch. */
#ifndef AGENT_NIGHT_DOCTOR_H
#define AGENT_NIGHT_DOCTOR_H

#include "agent/base/job_report.h"
#include "agent/base/terminal.h"

enum doctor_outcome {
	DOCTOR_OK,
	DOCTOR_WARNING, /* it works, and somebody should know */
	DOCTOR_FAILED,
	DOCTOR_SKIPPED, /* there is nothing to try, or an earlier hop failed */
};

/* What was found at one hop. */
struct doctor_hop {
	const char *name; /* "configuration", "service", "clock", "disk", "certificate", "proxy", "name", "address",
			   * "tls", "server", "trust" */
	enum doctor_outcome outcome;
	const char *finding;  /* what is wrong, such as "clock-behind"; NULL: nothing */
	enum error_code code; /* of what failed */
	char subject[256];    /* what was looked at: a file, a host, an address, a date */
	char detail[512];     /* for support; "" for nothing */
};

const char *doctor_outcome_name(enum doctor_outcome outcome);

/* Takes the hops in their order. */
typedef void doctor_take(void *context, const struct doctor_hop *hop);

/* The whole way; STOP_FD as in http_options. */
void doctor_walk(struct terminal *terminal, int stop_fd, doctor_take *take, void *context);

/* What is to be told where the walk cannot begin: the configuration cannot be read, or what it names cannot be
 * opened.
 */
void doctor_tell_configuration(const struct error *why, doctor_take *take, void *context);
void doctor_tell_terminal(const struct error *why, doctor_take *take, void *context);

#endif
