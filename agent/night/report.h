/* Reports to the server: what this terminal runs, what became of deliveries and of windows, and the head of its
 * history. Nothing personal. docs/reports.md describes the JSON.
 *
 * A report tells all since the last one that the server took, so that one which cannot be sent loses nothing: the next
 * contact sends a report that tells it too. */
#ifndef AGENT_NIGHT_REPORT_H
#define AGENT_NIGHT_REPORT_H

#include "agent/base/terminal.h"
#include "agent/server/distribution.h"
#include "common/json.h"

struct report_row {
	int64_t number; /* from 1 */
	int64_t made_s;
	int64_t sent_s; /* 0: not yet */
	int64_t attempts;
	int64_t last_row; /* of the history, when it was made */
	char last_digest[SHA256_HEX_SIZE];
	int64_t windows_until_s;      /* the windows that opened before then are told */
	int64_t deliveries_until_s;   /* and the deliveries that changed before then */
	char error[16];		      /* error_code_name() of the last attempt; "none" */
	char detail[STORE_TEXT_SIZE]; /* of the last attempt: why not, or the server's receipt */
};

/* The newest report. *RET_FOUND is false before the first. */
WARN_UNUSED int report_newest(struct store *store, struct report_row *ret_row, bool *ret_found, struct error *err);

/* The newest that the server took; likewise. */
WARN_UNUSED int report_taken(struct store *store, struct report_row *ret_row, bool *ret_found, struct error *err);

/* Makes a report of now and sends it over the connection of a contact, where [server] report_url says so. What goes
 * wrong is recorded and logged, and is nobody else's business. */
void report_send(struct distribution *distribution);

/* ---- For report.c: agent/status/report_json.c ---- */

/* What a report covers: behind what the last one that was taken told, up to now. */
struct report_span {
	int64_t number;
	int64_t made_s;
	int64_t windows_from_s, windows_until_s;
	int64_t deliveries_from_s, deliveries_until_s;
};

/* The report as JSON, with both ends of SPAN where they came to be: what one report cannot hold, and a window that is
 * not over, come with the next one. NULL on failure. */
json_t *report_json(struct terminal *terminal, struct report_span *span, struct error *err);

#endif
