/* A report as JSON: what this terminal runs, what became of deliveries and of windows, and the head of its
 * history. Nothing personal. docs/reports.md describes it. */
#ifndef AGENT_STATUS_REPORT_JSON_H
#define AGENT_STATUS_REPORT_JSON_H

#include "agent/base/terminal.h"
#include "common/json.h"

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
