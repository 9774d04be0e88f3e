/* A report as a terminal sent it (docs/reports.md): read within bounds, then verified. Nothing of it is believed
 * before. */
#ifndef COLLECTOR_REPORTS_REPORT_H
#define COLLECTOR_REPORTS_REPORT_H

#include "common/digest.h"
#include "common/json.h"

#define REPORT_MOST_BYTES 65536

struct report {
	json_t *body;
	int64_t form;	      /* 1 or 2 */
	struct sha256 digest; /* of the bytes as they came */
	const char *terminal; /* id of its own key, 64 digits; this and the rest are borrowed from the body */
	int64_t number;
	int64_t made_s;
	const char *agent, *environment, *verdict, *reason;
	const json_t *problems, *packages, *deliveries, *windows;
	int64_t rows; /* of the history, and the digest of the last one */
	const char *head;
	const char *certificate;   /* that the report carries; "" */
	const char *machine;	   /* a digest that stands for the machine; "" where it does not say */
	int64_t opens_s, closes_s; /* the next window after that of this contact; 0: it does not say */
};

/* Reads BYTES and checks the signatures. ERROR_INPUT: it is no report; ERROR_REFUSED: it is one, and not by the
 * terminal whose name it bears. The sentence says which member is wrong. */
WARN_UNUSED int report_read(const void *bytes, size_t len, struct report *ret_report, struct error *err);
void report_clear(struct report *report);
DEFINE_AUTO(report, struct report, report_clear);

#endif
