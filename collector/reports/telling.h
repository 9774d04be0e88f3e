/* What a report changes in the row of its terminal: pure functions. */
#ifndef COLLECTOR_REPORTS_TELLING_H
#define COLLECTOR_REPORTS_TELLING_H

#include "collector/identity/client.h"
#include "collector/reports/report.h"
#include "collector/store/terminal_row.h"

/* ERROR_INPUT where a row does not hold the report's lists: no terminal becomes known by it. */
WARN_UNUSED int telling_check(const struct report *report, struct error *err);

/* Puts what the report says into ROW, which then is not silent. That two were seen is forgotten after two weeks without
 * another contradiction. ERROR_INPUT where its lists are longer than a row
 * holds; ERROR_REFUSED where the client may not speak for the terminal. ROW is then as it was. */
WARN_UNUSED int telling_apply(const struct report *report, const struct client *client, int64_t received_s,
	struct terminal_row *row, struct error *err);

#endif
