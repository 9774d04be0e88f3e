/* What does not hold, as an auditor reads it: each kind has a name, a sentence, and what it means. */
#ifndef TOOLS_AUDIT_AUDIT_FINDINGS_H
#define TOOLS_AUDIT_AUDIT_FINDINGS_H

#include <stddef.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/json.h"

enum finding_kind {
	FINDING_CHECKPOINT,  /* the policy does not accept what is served as the newest checkpoint */
	FINDING_BACK,	     /* the log is smaller than it was */
	FINDING_HISTORY,     /* it is not the continuation of what it was */
	FINDING_TILE,	     /* a tile is not what the entries make */
	FINDING_ROOT,	     /* nor is the root */
	FINDING_MISSING,     /* something cannot be read */
	FINDING_ENTRY,	     /* an entry has not the form of one */
	FINDING_ROW,	     /* a terminal has two histories: one row, two heads */
	FINDING_FEWER,	     /* a terminal's history lost rows */
	FINDING_REPORT,	     /* a terminal's report number came twice */
	FINDING_EXPORT,	     /* an exported history does not hold */
	FINDING_RECEIPT,     /* nothing in the ledger vouches for it */
	FINDING_SEAL,	     /* of a delivery certificate: the report is not the terminal's */
	FINDING_DELIVERY,    /* it does not say that the delivery was confirmed */
	FINDING_CERTIFICATE, /* the institution has not vouched for the terminal */
	FINDING_PROOF,	     /* the report is not logged */
	FINDING_RELEASE,     /* the release is not what its vendor signed */
	FINDING_TIMES,	     /* what it says of when cannot all be true */
	FINDING_KINDS,
};

#define FINDINGS_MOST 1000 /* are kept; all are counted */

struct findings {
	size_t count;
	json_t *list; /* of {"kind", "detail"}, and "entry" where it is of one, "cause" where another part of us said so */
};

/* Zeroes are no findings. */
void findings_clear(struct findings *findings);
DEFINE_AUTO(findings, struct findings, findings_clear);

/* Adds a finding; ENTRY is the number of the entry that shows it, or -1. What FMT makes is for people, in their language. */
void findings_add(struct findings *findings, enum finding_kind kind, int64_t entry, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
/* The same for what ERR tells, in English, of WHERE: a file, a package; "" where that is known. */
void findings_add_error(
	struct findings *findings, enum finding_kind kind, int64_t entry, const char *where, const struct error *why);

/* Prints them in the language that was chosen: what, where, and what it means. */
void findings_print(const struct findings *findings);

#endif
