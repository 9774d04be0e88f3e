#include "agent/store/report_row.h"

#include "agent/store/store_query.h"

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

int report_row_newest(struct store *store, struct report_row *ret_row, bool *ret_found, struct error *err)
{
	return find(store, STATEMENT_REPORT_NEWEST, ret_row, ret_found, err);
}

int report_row_taken(struct store *store, struct report_row *ret_row, bool *ret_found, struct error *err)
{
	return find(store, STATEMENT_REPORT_TAKEN, ret_row, ret_found, err);
}

int report_row_put(struct store *store, const struct report_row *row, struct error *err)
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
