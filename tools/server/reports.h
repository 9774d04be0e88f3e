/* The reports that terminals send: small JSON objects, each kept durably as a file named by its digest, with who sent it
 * in a file beside it. */
#ifndef TOOLS_SERVER_REPORTS_H
#define TOOLS_SERVER_REPORTS_H

#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/digest.h"
#include "common/error.h"

#define REPORT_MOST_BYTES 65536
#define REPORTS_MOST 100000

struct reports;

/* The client certificate that a report came with; empty texts where there was none. */
struct reports_sender {
	char subject[256];
	char certificate[SHA256_HEX_SIZE]; /* its SHA-256 */
};

/* Opens the folder, which must exist. MOST is the number of reports it may hold, SHARE those that came with one
 * certificate. */
WARN_UNUSED int reports_open(
	const char *folder, uint64_t most, uint64_t share, struct reports **ret_reports, struct error *err);
void reports_free(struct reports *reports);
DEFINE_AUTO_PTR(reports, struct reports, reports_free);

/* Keeps a report, "SHA256.json", and who sent it, "SHA256.sender" (the same words as the receipt, "subject" and
 * "certificate"), and appends its receipt, {"receipt": "SHA-256 of the body", "at": "time"}, to RET_RECEIPT. One that
 * is there already is acknowledged again. ERROR_INPUT: no JSON object; ERROR_NO_SPACE: the folder, or the sender's share
 * of it, holds as many as it may, or the disk is full. */
WARN_UNUSED int reports_store(struct reports *reports, const struct reports_sender *sender, const void *body,
	size_t len, struct buf *ret_receipt, struct error *err);

#endif
