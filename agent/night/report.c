#include "agent/night/report.h"

#include <inttypes.h>
#include <string.h>

#include "agent/proof/anchor.h"
#include "agent/store/history_chain.h"
#include "agent/store/store_inside.h"

#define REPORT_MAX_BYTES 65536
#define ANSWER_MAX_BYTES 65536

/* ---- Rows ---- */

static void read_row(struct query *query, struct report_row *row)
{
	row->number = query_number(query, 0);
	row->made_s = query_number(query, 1);
	row->sent_s = query_number(query, 2);
	row->attempts = query_number(query, 3);
	row->last_row = query_number(query, 4);
	query_text(query, 5, row->last_digest, sizeof(row->last_digest));
	row->windows_until_s = query_number(query, 6);
	row->deliveries_until_s = query_number(query, 7);
	query_text(query, 8, row->error, sizeof(row->error));
	query_text(query, 9, row->detail, sizeof(row->detail));
}

DEFINE_FIND_ROW(struct report_row, read_row);

/* *RET_ROW is all zero where there is none: what comes before report 1. */
static int find(
	struct store *store, enum statement statement, struct report_row *ret_row, bool *ret_found, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, statement, err);

	*ret_row = (struct report_row){0};
	return find_row(query, ret_row, ret_found, err);
}

int report_newest(struct store *store, struct report_row *ret_row, bool *ret_found, struct error *err)
{
	return find(store, STATEMENT_REPORT_NEWEST, ret_row, ret_found, err);
}

int report_taken(struct store *store, struct report_row *ret_row, bool *ret_found, struct error *err)
{
	return find(store, STATEMENT_REPORT_TAKEN, ret_row, ret_found, err);
}

static int put(struct store *store, const struct report_row *row, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_REPORT_PUT, err);
	char detail[STORE_TEXT_SIZE];

	record_text(row->detail, detail, sizeof(detail));
	query_bind_number(query, 1, row->number);
	query_bind_number(query, 2, row->made_s);
	query_bind_number(query, 3, row->sent_s);
	query_bind_number(query, 4, row->attempts);
	query_bind_number(query, 5, row->last_row);
	query_bind_text(query, 6, row->last_digest);
	query_bind_number(query, 7, row->windows_until_s);
	query_bind_number(query, 8, row->deliveries_until_s);
	query_bind_text(query, 9, row->error);
	query_bind_text(query, 10, detail);
	return query_run(query, err);
}

/* ---- Making ---- */

/* One that still waits is made anew, under its number: it then tells what happened since, too. */
static int begin(struct store *store, struct report_row *ret_row, struct report_span *ret_span, struct error *err)
{
	struct report_row taken;
	struct history_chain head;
	bool found, is_taken;

	if (report_newest(store, ret_row, &found, err) < 0 || report_taken(store, &taken, &is_taken, err) < 0 ||
		history_head(store, &head, err) < 0)
		return -1;
	if (!found || ret_row->sent_s) {
		ret_row->number++;
		ret_row->attempts = 0;
		ret_row->sent_s = 0;
	}
	ret_row->attempts++;
	ret_row->made_s = store_now_s(store);
	ret_row->last_row = head.number;
	memcpy(ret_row->last_digest, head.digest, sizeof(ret_row->last_digest));
	*ret_span = (struct report_span){
		.number = ret_row->number,
		.made_s = ret_row->made_s,
		.windows_from_s = is_taken ? taken.windows_until_s : 0,
		.deliveries_from_s = is_taken ? taken.deliveries_until_s : 0,
	};
	return 0;
}

static int make(struct terminal *terminal, struct report_row *ret_row, struct buf *ret_text, struct error *err)
{
	AUTO(json) json_t *json = NULL;
	struct report_span span;

	if (anchor_set(terminal, err) < 0 || begin(terminal->store, ret_row, &span, err) < 0 ||
		!(json = report_json(terminal, &span, err)))
		return -1;
	ret_row->windows_until_s = span.windows_until_s;
	ret_row->deliveries_until_s = span.deliveries_until_s;
	return json_write(json, ret_text, err);
}

/* ---- Sending ---- */

static int take_answer(void *context, const void *data, size_t len, struct error *err)
{
	return buf_append(context, data, len, err);
}

static int post(struct distribution *distribution, const struct buf *text, struct report_row *row, struct error *err)
{
	struct transport *way = distribution_way(distribution);
	struct transport_request request = {
		.url = distribution->terminal->config->report_url,
		.limit = ANSWER_MAX_BYTES,
		.body = text->data,
		.body_len = text->len,
	};
	AUTO(buf) struct buf answer = BUF_INIT(ANSWER_MAX_BYTES);
	AUTO(json) json_t *json = NULL;
	struct transport_reply reply;
	const char *receipt;

	if (way->get(way, &request, take_answer, &answer, &reply, err) < 0)
		return -1;
	json = json_parse(answer.data, answer.len, NULL);
	receipt = json_string_value(json_object_get(json, "receipt"));
	(void)snprintf(
		row->detail, sizeof(row->detail), "%s%.80s", receipt ? "receipt " : "", receipt ? receipt : "");
	return 0;
}

static int make_and_send(struct distribution *distribution, struct error *err)
{
	struct terminal *terminal = distribution->terminal;
	AUTO(buf) struct buf text = BUF_INIT(REPORT_MAX_BYTES);
	struct report_row row;
	struct error why = {0};

	if (make(terminal, &row, &text, err) < 0)
		return -1;
	if (post(distribution, &text, &row, &why) == 0)
		row.sent_s = row.made_s;
	else
		record_text(why.text, row.detail, sizeof(row.detail));
	(void)snprintf(row.error, sizeof(row.error), "%s", error_code_name(why.code));
	if (put(terminal->store, &row, err) < 0)
		return -1;
	return why.code ? error_set(err, why.code, "%s; it is sent at the next contact", why.text) : 0;
}

void report_send(struct distribution *distribution)
{
	struct error err = {0};

	if (!*distribution->terminal->config->report_url)
		return;
	if (make_and_send(distribution, &err) < 0)
		log_line(
			distribution->terminal->env->log, LOG_LEVEL_WARNING, "the report was not sent: %s", err.text);
}
