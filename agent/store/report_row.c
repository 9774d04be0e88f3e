#include "agent/store/report_row.h"

#include "agent/store/store_query.h"

static const struct row_column columns[] = {
	ROW_NUMBER(struct report_row, number),
	ROW_NUMBER(struct report_row, made_s),
	ROW_NUMBER(struct report_row, sent_s),
	ROW_NUMBER(struct report_row, attempts),
	ROW_NUMBER(struct report_row, last_row),
	ROW_TEXT(struct report_row, last_digest),
	ROW_NUMBER(struct report_row, windows_until_s),
	ROW_NUMBER(struct report_row, deliveries_until_s),
	ROW_TEXT(struct report_row, error),
	ROW_WORDS(struct report_row, detail),
};

static void read_row(struct query *query, struct report_row *ret_row)
{
	store_query_read_row(query, columns, ARRAY_SIZE(columns), ret_row);
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

	store_query_bind_row(query, columns, ARRAY_SIZE(columns), row);
	return query_run(query, err);
}
