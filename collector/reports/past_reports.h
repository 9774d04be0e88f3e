/* The reports of one terminal, newest first, as it sent them. */
#ifndef COLLECTOR_REPORTS_PAST_REPORTS_H
#define COLLECTOR_REPORTS_PAST_REPORTS_H

#include "collector/store/report_row.h"
#include "common/buf.h"
#include "common/json.h"

/* Hands over the last MOST reports of TERMINAL, byte for byte, with their rows; all is borrowed. BODY is NULL of one that cannot be read
 * any more: the others can. */
WARN_UNUSED int past_reports_each_body(struct database *database, int64_t terminal, int64_t most,
	int (*each)(void *context, const struct report_row *row, const struct buf *body, struct error *err),
	void *context, struct error *err);

/* The same, read: REPORT is NULL of one that cannot be. */
WARN_UNUSED int past_reports_each(struct database *database, int64_t terminal, int64_t most,
	int (*each)(void *context, const struct report_row *row, const json_t *report, struct error *err),
	void *context, struct error *err);

#endif
