#include <stdlib.h>
#include <string.h>

#include "agent/control/method.h"
#include "agent/proof/history_file.h"
#include "agent/status/status_json.h"
#include "agent/store/history.h"

#define PAGE_ROWS 100
#define ROWS_A_STEP 500 /* looked at before others have their turn */

/* A history that goes out page by page. Rows are looked at a few hundred at a time, whether they match or not. */
struct pages {
	struct resident *resident; /* borrowed */
	char *package, *outcome;
	struct history_filter filter;
	int64_t last;	/* the newest row when it was asked for */
	int64_t newest; /* so many rows are still to be found, from the newest back; 0: it is known where to begin */
	int64_t left;	/* rows still wanted; -1: all */
	json_t *rows;	/* the page as far as it is */
};

static void pages_free(void *state)
{
	struct pages *pages = state;

	if (!pages)
		return;
	json_decref(pages->rows);
	free(pages->package);
	free(pages->outcome);
	free(pages);
}
DEFINE_AUTO_PTR(pages, struct pages, pages_free);

static bool is_full(const struct pages *pages)
{
	return json_array_size(pages->rows) == PAGE_ROWS || pages->left == 0;
}

static int take_row(void *context, const struct history_row *row, struct error *err)
{
	struct pages *pages = context;

	pages->filter.after = row->number;
	if (pages->left > 0)
		pages->left--;
	if (json_array_append_new(pages->rows, history_row_json(row)) < 0)
		return error_set(err, ERROR_DAMAGED, "history row %lld is not text", (long long)row->number);
	return is_full(pages) ? EACH_ENOUGH : 0;
}

/* Takes rows off the history, up to the end of the page. */
static int take_rows(struct pages *pages, struct error *err)
{
	pages->filter.before = pages->filter.after + 1 + ROWS_A_STEP;
	if (history_each(pages->resident->terminal->store, &pages->filter, take_row, pages, err) < 0)
		return -1;
	if (!is_full(pages))
		pages->filter.after = pages->filter.before - 1;
	return 0;
}

/* ---- Where it begins. ---- */

struct numbers {
	int64_t items[ROWS_A_STEP];
	int64_t count;
};

static int take_number(void *context, const struct history_row *row, struct error *err)
{
	struct numbers *numbers = context;

	(void)err;
	numbers->items[numbers->count++] = row->number;
	return 0;
}

/* Of the newest rows that match: one step back, to where enough of them are ahead. */
static int step_back(struct pages *pages, struct error *err)
{
	struct history_filter filter = pages->filter;
	struct numbers numbers = {.count = 0};

	filter.before = pages->filter.after + 1;
	filter.after = filter.before > ROWS_A_STEP ? filter.before - 1 - ROWS_A_STEP : 0;
	if (history_each(pages->resident->terminal->store, &filter, take_number, &numbers, err) < 0)
		return -1;
	if (numbers.count >= pages->newest) {
		pages->filter.after = numbers.items[numbers.count - pages->newest] - 1;
		pages->newest = 0;
		return 0;
	}
	pages->filter.after = filter.after;
	pages->newest = filter.after ? pages->newest - numbers.count : 0;
	return 0;
}

/* ---- The whole. ---- */

static void send_page(struct varlink_call *call, void *state)
{
	struct pages *pages = state;
	struct error err = {0};
	bool is_end;
	json_t *answer;

	if ((pages->newest ? step_back(pages, &err) : take_rows(pages, &err)) < 0) {
		varlink_fail(call, &err, NULL);
		return;
	}
	is_end = !pages->newest && (pages->left == 0 || pages->filter.after >= pages->last);
	if (!is_end && (pages->newest || !is_full(pages)))
		return;
	answer = JSON_OBJECT({json_take("rows", take_ptr(&pages->rows)),
		json_text("time_zone", pages->resident->terminal->config->zone_name)});
	pages->rows = json_array();
	if (is_end)
		varlink_reply(call, answer);
	else
		varlink_reply_part(call, answer);
}

static int check_outcome(const char *outcome, struct error *err)
{
	static const char *const outcomes[] = {"begun", "done", "failed", "refused", "stopped"};

	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++)
		if (!outcome || strcmp(outcome, outcomes[i]) == 0)
			return 0;
	return error_set(err, ERROR_USAGE, "outcome: '%.40s' is none of begun, done, failed, refused, stopped", outcome);
}

static int set_filter(struct pages *pages, const struct varlink_call *call, struct error *err)
{
	const char *package = method_text(call, "package"), *outcome = method_text(call, "outcome");

	if (check_outcome(outcome, err) < 0)
		return -1;
	if (!pages->rows || (package && !(pages->package = strdup(package))) ||
		(outcome && !(pages->outcome = strdup(outcome))))
		return error_set(err, ERROR_FAILED, "out of memory");
	pages->filter.package = pages->package;
	pages->filter.outcome = pages->outcome;
	if (method_moment(pages->resident, call, "since", NIGHT_DATE_LAST, false, &pages->filter.since_s, err) < 0 ||
		method_moment(pages->resident, call, "until", NIGHT_DATE_LAST, true, &pages->filter.until_s, err) < 0)
		return -1;
	return 0;
}

static int get_history(struct resident *resident, struct varlink_call *call, struct error *err)
{
	AUTO(pages) struct pages *pages = calloc(1, sizeof(*pages));
	int64_t limit = json_integer_value(json_object_get(varlink_parameters(call), "limit"));
	struct history_chain head;

	if (!pages)
		return error_set(err, ERROR_FAILED, "out of memory");
	if (limit < 0)
		return error_set(err, ERROR_USAGE, "limit: %lld is below 0", (long long)limit);
	if (!varlink_wants_more(call) && (limit == 0 || limit > PAGE_ROWS))
		limit = PAGE_ROWS;
	pages->resident = resident;
	pages->rows = json_array();
	if (set_filter(pages, call, err) < 0 || history_head(resident->terminal->store, &head, err) < 0)
		return -1;
	pages->last = head.number;
	pages->newest = limit;
	pages->left = limit ? limit : -1;
	pages->filter.after = limit ? head.number : 0;
	varlink_reply_in_pages(call, send_page, take_ptr(&pages), pages_free);
	return 0;
}

const struct method method_get_history = {
	.name = "GetHistory",
	.parameters = {{"package", JSON_STRING, false}, {"outcome", JSON_STRING, false},
		{"since", JSON_STRING, false}, {"until", JSON_STRING, false}, {"limit", JSON_INTEGER, false}},
	.types = "type HistoryRow (number: int, time: string, boot: string, operation: string, package: ?string,\n"
		 "version: ?string, digest: ?string, outcome: string, error: string, detail: ?string, previous: "
		 "string,\n"
		 "row_digest: string)\n",
	.meaning = "Oldest first; since and until are days or moments. With \"more\", all that match, in parts; "
		   "without, the newest 100 at most.",
	.result = "rows: []HistoryRow, time_zone: string",
	.answer = get_history,
};

/* ---- Verifying ---- */

/* One who waits for the answer. */
struct waiting {
	struct resident *resident; /* borrowed */
	int64_t asked;
};

/* The archived files, then the rows of the store behind them, then the signed head: a step for each turn. */
static void go_on(struct varlink_call *call, void *state)
{
	const struct waiting *waiting = state;
	struct resident *resident = waiting->resident;
	struct verification_result result;
	struct error err = {0};
	bool done;

	if (verification_step(
		    resident->verification, resident->terminal, waiting->asked, &done, &result, &err) < 0) {
		varlink_fail(call, &err, NULL);
		return;
	}
	if (done)
		varlink_reply(call, JSON_OBJECT({
					    json_number("rows", result.rows),
					    json_number("archived", result.archived),
					    json_number("dropped", result.dropped),
					    json_take("dropped_since", status_time_json(result.dropped_s)),
				    }));
}

static int verify_history(struct resident *resident, struct varlink_call *call, struct error *err)
{
	struct waiting *waiting;

	if (!resident->verification && !(resident->verification = verification_new(err)))
		return -1;
	if (!(waiting = calloc(1, sizeof(*waiting))))
		return error_set(err, ERROR_FAILED, "out of memory");
	*waiting = (struct waiting){resident, verification_ask(resident->verification)};
	varlink_reply_in_pages(call, go_on, waiting, free);
	return 0;
}

const struct method method_verify_history = {
	.name = "VerifyHistory",
	.meaning = "Checks the chain of digests. Dropped: the last row whose file was removed for lack of room; 0: none was.",
	.result = "rows: int, archived: int, dropped: int, dropped_since: ?string",
	.answer = verify_history,
};
