/* What the doctor finds at one hop of the way from this terminal's settings to the server's signed words. */
#ifndef AGENT_BASE_DOCTOR_HOP_H
#define AGENT_BASE_DOCTOR_HOP_H

#include "agent/base/doctor_lists.h"
#include "common/error.h"

/* What was found at one hop. */
struct doctor_hop {
	enum doctor_hop_kind at;
	enum doctor_outcome outcome;
	enum doctor_finding finding;
	enum error_code code; /* of what failed */
	char subject[256];    /* what was looked at: a file, a host, an address, a date */
	char detail[512];     /* for support; "" for nothing */
};

const char *doctor_hop_kind_name(enum doctor_hop_kind kind);
const char *doctor_outcome_name(enum doctor_outcome outcome);
const char *doctor_finding_name(enum doctor_finding finding);

/* Takes the hops in their order. */
typedef void doctor_take(void *context, const struct doctor_hop *hop);

/* Begins a hop: all is well so far with what FMT says was looked at. */
void doctor_hop_begin(struct doctor_hop *ret_hop, enum doctor_hop_kind at, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Says what is wrong there. WHY NULL: nothing failed that has a code. */
void doctor_hop_blame(
	struct doctor_hop *hop, enum doctor_outcome outcome, enum doctor_finding finding, const struct error *why);

#endif
