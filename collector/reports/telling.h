/* What a report changes in the row of its terminal: pure functions. */
#ifndef COLLECTOR_REPORTS_TELLING_H
#define COLLECTOR_REPORTS_TELLING_H

#include "collector/identity/client.h"
#include "collector/reports/report.h"
#include "collector/store/terminal_row.h"

/* True where the report cannot be of the same terminal as what ROW knows: another machine, a number that was passed
 * already, fewer rows, or another digest for the same row. Then two machines have one key (a cloned disk), or the
 * terminal's store was made anew. */
bool telling_contradicts(const struct report *report, const struct terminal_row *row);

/* The next window of the terminal after RECEIVED_S: as the report says; else a day after those it told of; else the
 * night's hours that hold where nothing else is said (20:00 to 05:00 in Japan). */
void telling_next_window(
	const struct report *report, int64_t received_s, int64_t *ret_opens_s, int64_t *ret_closes_s);

/* Puts what the report says into ROW, which then is not silent. That two were seen is forgotten after two weeks without
 * another contradiction. ERROR_INPUT where its lists are longer than a row
 * holds; ERROR_REFUSED where the client may not speak for the terminal. ROW is then as it was. */
WARN_UNUSED int telling_apply(const struct report *report, const struct client *client, int64_t received_s,
	struct terminal_row *row, struct error *err);

#endif
