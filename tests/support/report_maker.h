/* Reports as terminals make them (docs/reports.md), for tests of those who take them. */
#ifndef TESTS_SUPPORT_REPORT_MAKER_H
#define TESTS_SUPPORT_REPORT_MAKER_H

#include <stdint.h>

#include "common/buf.h"
#include "common/json.h"
#include "manifests/keys/signer.h"
#include "tests/support/pki.h"

/* A terminal with a key of its own, and what its next report would say. Tests change what they like. */
struct report_maker {
	struct signer *signer;
	int64_t number, rows;
	int64_t made_s;
	int64_t seed; /* of the heads of its history: another one is another history */
	const char *agent, *environment, *verdict, *reason;
	const char *machine;	    /* NULL: it does not say */
	int64_t opens_s, closes_s; /* its next window; 0: it does not say */
	json_t *problems, *packages, *deliveries, *windows;
};

/* Up to date at NOW_S, with three packages. */
void report_maker_init(struct report_maker *maker, int64_t now_s);
void report_maker_clear(struct report_maker *maker);

void report_maker_add_problem(struct report_maker *maker, const char *reason, const char *package);
void report_maker_set_package(struct report_maker *maker, const char *name, const char *version, const char *state);
void report_maker_add_delivery(struct report_maker *maker, const char *package, const char *version,
	const char *state, int64_t planned_s, int64_t changed_s);
/* A window of nine hours that opened at OPENS_S. */
void report_maker_add_window(struct report_maker *maker, int64_t opens_s, const char *outcome);

/* The report, of form 1 and signed; and the next one will have the next number and another head. */
void report_maker_make(struct report_maker *maker, struct buf *ret_report);
/* The same of form 2, signed whole: the holder of SIGNING vouches, and the certificate of SHOWN is in it. */
void report_maker_make_whole(struct report_maker *maker, const struct pki_pair *signing, const struct pki_pair *shown,
	struct buf *ret_report);

#endif
