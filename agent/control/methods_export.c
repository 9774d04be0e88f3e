#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "agent/control/method.h"
#include "agent/proof/archive.h"
#include "agent/proof/history_file.h"
#include "agent/proof/receipt.h"
#include "agent/proof/terminal_key.h"
#include "agent/store/history.h"
#include "common/text.h"

#define PAGE_ROWS 100
#define TEXT_MAX_BYTES (PAGE_ROWS * HISTORY_LINE_MAX_BYTES)

/* An export that goes out page by page: the receipt of the ledger, the archived files as they are, then the rows of the store
 * as a new part. */
struct export
{
	struct resident *resident; /* borrowed */
	struct signer *signer;
	struct history_chain before; /* behind the last archived row whose file has gone out */
	FILE *file;   /* the archived file at work; NULL: none */
	int64_t last; /* the row with which the export ends */
	struct history_seal seal;
	bool has_receipt; /* it has gone out, or there is none */
	bool has_begun;	  /* the part of the store's rows */
};

static void export_free(void *state)
{
	struct export *export = state;

	if (!export)
		return;
	signer_free(export->signer);
	auto_file(&export->file);
	history_seal_clear(&export->seal);
	free(export);
}
DEFINE_AUTO_PTR(export, struct export, export_free);

/* ---- Archived files ---- */

/* The first one behind those that have gone out. */
static int open_next_file(struct export *export, struct error *err)
{
	struct terminal *terminal = export->resident->terminal;
	struct archive_row row = {.dropped_s = 1};
	bool found = true;

	while (row.dropped_s) {
		if (archive_find_after(terminal->store, export->before.number, &row, &found, err) < 0)
			return -1;
		if (!found)
			return 0;
		export->before.number = row.last_row;
		text_assign(export->before.digest, row.last_digest);
	}
	return archive_open(terminal, &row, &export->file, err);
}

/* Appends the next lines of the file; closes it at its end. */
static int read_file(struct export *export, struct buf *text, struct error *err)
{
	AUTO(free) char *line = NULL;
	size_t capacity = 0;
	ssize_t len = 0;

	for (int i = 0; i < PAGE_ROWS && (len = getline(&line, &capacity, export->file)) > 0; i++)
		if (buf_append(text, line, (size_t)len, err) < 0)
			return -1;
	if (ferror(export->file))
		return error_system(err, errno, "cannot read an archived part of the history");
	if (len <= 0)
		(void)fclose(take_ptr(&export->file));
	return 0;
}

/* ---- The rows of the store ---- */

struct page {
	struct export *export;
	struct buf *text;
	int rows;
};

static int take_row(void *context, const struct history_row *row, struct error *err)
{
	struct page *page = context;

	if (row->number > page->export->last || page->rows++ == PAGE_ROWS)
		return EACH_ENOUGH;
	return history_seal_row(&page->export->seal, row, page->text, err);
}

static int add_rows(struct export *export, struct buf *text, struct error *err)
{
	struct history_filter filter = {.since_s = INT64_MIN, .after = export->seal.chain.number};
	struct page page = {.export = export, .text = text};

	return history_each(export->resident->terminal->store, &filter, take_row, &page, err);
}

static int begin_part(struct export *export, struct buf *text, struct error *err)
{
	const struct clock *clock = export->resident->terminal->env->clock;

	export->has_begun = true;
	return history_seal_begin(&export->seal, &export->before, clock->now_s(clock), export->signer, text, err);
}

/* ---- Pages ---- */

static int next_page(struct export *export, struct buf *text, bool *ret_more, struct error *err)
{
	*ret_more = true;
	if (!export->has_receipt) {
		export->has_receipt = true;
		return receipt_export(export->resident->terminal, text, err);
	}
	if (!export->file && !export->has_begun && open_next_file(export, err) < 0)
		return -1;
	if (export->file)
		return read_file(export, text, err);
	if (!export->has_begun && begin_part(export, text, err) < 0)
		return -1;
	if (add_rows(export, text, err) < 0)
		return -1;
	if (export->seal.chain.number < export->last)
		return 0;
	*ret_more = false;
	return history_seal_end(&export->seal, export->signer, text, err);
}

static void send_page(struct varlink_call *call, void *state)
{
	struct export *export = state;
	AUTO(buf) struct buf text = BUF_INIT(TEXT_MAX_BYTES);
	struct error err = {0};
	bool more;
	json_t *answer;

	if (next_page(export, &text, &more, &err) < 0) {
		varlink_fail(call, &err, NULL);
		return;
	}
	answer = JSON_OBJECT({json_text("text", buf_text(&text)), json_number("rows", export->last)});
	if (more)
		varlink_reply_part(call, answer);
	else
		varlink_reply(call, answer);
}

static int export_history(struct resident *resident, struct varlink_call *call, struct error *err)
{
	AUTO(export) struct export *export = calloc(1, sizeof(*export));
	struct history_chain head;

	if (!export)
		return error_set(err, ERROR_FAILED, "out of memory");
	if (!varlink_wants_more(call))
		return error_set(err, ERROR_USAGE, "the export comes in parts: ask with \"more\"");
	export->resident = resident;
	export->before = (struct history_chain)HISTORY_CHAIN_BEGIN;
	if (history_head(resident->terminal->store, &head, err) < 0 ||
		!(export->signer = terminal_key_load(resident->terminal, err)))
		return -1;
	export->last = head.number;
	varlink_reply_in_pages(call, send_page, take_ptr(&export), export_free);
	return 0;
}

const struct method method_export_history = {
	.name = "ExportHistory",
	.meaning = "The whole history as lines of a sealed file, in parts; rows is the number of its last row.",
	.result = "text: string, rows: int",
	.answer = export_history,
};

static int get_key(struct resident *resident, struct varlink_call *call, struct error *err)
{
	AUTO(signer) struct signer *signer = terminal_key_load(resident->terminal, err);
	json_t *key = signer ? signer_public_key(signer, err) : NULL;

	if (!key)
		return -1;
	varlink_reply(call, JSON_OBJECT({json_take("key", key), json_text("key_id", signer_key_id(signer))}));
	return 0;
}

const struct method method_get_key = {
	.name = "GetKey",
	.meaning = "The public half of the terminal's own key, as a TUF key object.",
	.result = "key: object, key_id: string",
	.answer = get_key,
};
