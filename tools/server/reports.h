/* The reports that terminals send: small JSON objects, each kept durably as a file named by its digest. */
#ifndef TOOLS_SERVER_REPORTS_H
#define TOOLS_SERVER_REPORTS_H

#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"

#define REPORT_MOST_BYTES 65536
#define REPORTS_MOST 100000

struct reports;

/* Opens the folder, which must exist. MOST is the number of reports it may hold. */
WARN_UNUSED int reports_open(const char *folder, uint64_t most, struct reports **ret_reports, struct error *err);
void reports_free(struct reports *reports);
DEFINE_AUTO_PTR(reports, struct reports, reports_free);

/* Keeps a report and appends its receipt, {"receipt": "SHA-256 of the body", "at": "time"}, to RET_RECEIPT. One that
 * is there already is acknowledged again. ERROR_INPUT: no JSON object; ERROR_NO_SPACE: the folder holds as many as it
 * may, or the disk is full. */
WARN_UNUSED int reports_store(
	struct reports *reports, const void *body, size_t len, struct buf *ret_receipt, struct error *err);

#endif
