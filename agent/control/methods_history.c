#include <stdlib.h>
#include <string.h>

#include "agent/control/method.h"
#include "agent/proof/anchor.h"
#include "agent/proof/receipt.h"
#include "agent/proof/archive.h"
#include "agent/proof/history_file.h"
#include "agent/status/status.h"
#include "agent/store/history.h"

#define PAGE_ROWS 100

/* A history that goes out page by page. */
struct pages {
	struct resident *resident; /* borrowed */
	char *package, *outcome;
	struct history_filter filter;
	int64_t left; /* rows still wanted; -1: all */
};

static void pages_free(void *state)
{
	struct pages *pages = state;

	if (!pages)
		return;
	free(pages->package);
	free(pages->outcome);
	free(pages);
}
DEFINE_AUTO_PTR(pages, struct pages, pages_free);

/* Rows of one page, and whether there are more behind it. */
struct page {
	json_t *rows;
	int64_t most;
	int64_t after; /* the number of the last row taken */
	bool has_more;
};

static int take_row(void *context, const struct history_row *row, struct error *err)
{
	struct page *page = context;

	if (row->number <= page->after)
		return 0;
	if ((int64_t)json_array_size(page->rows) == page->most) {
		page->has_more = true;
		return EACH_ENOUGH;
	}
	page->after = row->number;
	if (json_array_append_new(page->rows, history_row_json(row)) < 0)
		return error_set(err, ERROR_DAMAGED, "history row %lld is not text", (long long)row->number);
	return 0;
}

/* Takes the next page off the history. */
static int next_page(struct pages *pages, struct page *ret_page, struct error *err)
{
	*ret_page = (struct page){.rows = json_array(), .most = PAGE_ROWS, .after = pages->filter.after};
	if (pages->left >= 0 && pages->left < PAGE_ROWS)
		ret_page->most = pages->left;
	if (history_each(pages->resident->terminal->store, &pages->filter, take_row, ret_page, err) < 0) {
		json_decref(ret_page->rows);
		return -1;
	}
	pages->filter.after = ret_page->after;
	if (pages->left >= 0 && (pages->left -= (int64_t)json_array_size(ret_page->rows)) == 0)
		ret_page->has_more = false;
	return 0;
}

static void send_page(struct varlink_call *call, void *state)
{
	struct pages *pages = state;
	struct error err = {0};
	struct page page;
	json_t *answer;

	if (next_page(pages, &page, &err) < 0) {
		varlink_fail(call, &err, NULL);
		return;
	}
	answer = JSON_OBJECT(
		{json_take("rows", page.rows), json_text("time_zone", pages->resident->terminal->config->zone_name)});
	if (page.has_more)
		varlink_reply_part(call, answer);
	else
		varlink_reply(call, answer);
}

/* ---- Where it begins. ---- */

static int take_first(void *context, const struct history_row *row, struct error *err)
{
	int64_t *number = context;

	(void)err;
	*number = row->number;
	return EACH_ENOUGH;
}

/* Of the newest LIMIT rows that match: they are the ones after a number. */
static int begin_at_newest(struct pages *pages, int64_t limit, struct error *err)
{
	struct history_filter filter = pages->filter;
	int64_t number = 0;

	filter.newest = limit;
	if (history_each(pages->resident->terminal->store, &filter, take_first, &number, err) < 0)
		return -1;
	pages->filter.after = number ? number - 1 : 0;
	pages->left = limit;
	return 0;
}

static int set_filter(struct pages *pages, const struct varlink_call *call, struct error *err)
{
	const char *package = method_text(call, "package"), *outcome = method_text(call, "outcome");

	if ((package && !(pages->package = strdup(package))) || (outcome && !(pages->outcome = strdup(outcome))))
		return error_set(err, ERROR_FAILED, "out of memory");
	pages->filter.package = pages->package;
	pages->filter.outcome = pages->outcome;
	if (method_moment(pages->resident, call, "since", false, &pages->filter.since_s, err) < 0 ||
		method_moment(pages->resident, call, "until", true, &pages->filter.until_s, err) < 0)
		return -1;
	return 0;
}

static int get_history(struct resident *resident, struct varlink_call *call, struct error *err)
{
	AUTO(pages) struct pages *pages = calloc(1, sizeof(*pages));
	int64_t limit = json_integer_value(json_object_get(varlink_parameters(call), "limit"));

	if (!pages)
		return error_set(err, ERROR_FAILED, "out of memory");
	if (limit < 0)
		return error_set(err, ERROR_USAGE, "limit: %lld is below 0", (long long)limit);
	if (!varlink_wants_more(call) && (limit == 0 || limit > PAGE_ROWS))
		limit = PAGE_ROWS;
	pages->resident = resident;
	pages->left = -1;
	if (set_filter(pages, call, err) < 0 || (limit && begin_at_newest(pages, limit, err) < 0))
		return -1;
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

/* The archived files, then the rows of the store behind them, then the signed head. */
static int verify_history(struct resident *resident, struct varlink_call *call, struct error *err)
{
	struct history_chain archived;
	int64_t rows;

	if (archive_verify(resident->terminal, NULL, NULL, &archived, err) < 0 ||
		history_verify(resident->terminal->store, &rows, err) < 0 ||
		anchor_verify(resident->terminal, err) < 0 || receipt_verify(resident->terminal, err) < 0)
		return -1;
	varlink_reply(call, JSON_OBJECT({json_number("rows", rows), json_number("archived", archived.number)}));
	return 0;
}

const struct method method_verify_history = {
	.name = "VerifyHistory",
	.meaning = "Checks the chain of digests.",
	.result = "rows: int, archived: int",
	.answer = verify_history,
};
