/* What the doctor finds at one hop of the way from this terminal's settings to the server's signed words. */
#ifndef AGENT_BASE_DOCTOR_HOP_H
#define AGENT_BASE_DOCTOR_HOP_H

#include "common/error.h"

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

/* Begins a hop: all is well so far with what FMT says was looked at. */
void doctor_hop_begin(struct doctor_hop *ret_hop, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
void doctor_hop_find(
	struct doctor_hop *hop, enum doctor_outcome outcome, const char *finding, const struct error *why);

#endif
