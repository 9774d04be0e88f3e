#include "agent/store/sent_report.h"

#include "agent/store/store_query.h"

static const struct row_column columns[] = {
	ROW_NUMBER(struct sent_report, number),
	ROW_NUMBER(struct sent_report, made_s),
	ROW_NUMBER(struct sent_report, sent_s),
	ROW_NUMBER(struct sent_report, attempts),
	ROW_NUMBER(struct sent_report, last_row),
	ROW_TEXT(struct sent_report, last_digest),
	ROW_NUMBER(struct sent_report, windows_until_s),
	ROW_NUMBER(struct sent_report, deliveries_until_s),
	ROW_TEXT(struct sent_report, error),
	ROW_WORDS(struct sent_report, detail),
};

static void read_row(struct query *query, struct sent_report *ret_row)
{
	store_query_read_row(query, columns, ARRAY_SIZE(columns), ret_row);
}

DEFINE_FIND_ROW(struct sent_report, read_row);

/* *RET_ROW is all zero where there is none: what comes before report 1. */
static int find(struct store *store, enum statement statement, struct sent_report *ret_row, bool *ret_found,
	struct error *err)
{
	AUTO(query) struct query *query = store_query(store, statement, err);

	*ret_row = (struct sent_report){0};
	return find_row(query, ret_row, ret_found, err);
}

int sent_report_newest(struct store *store, struct sent_report *ret_row, bool *ret_found, struct error *err)
{
	return find(store, STATEMENT_REPORT_NEWEST, ret_row, ret_found, err);
}

int sent_report_taken(struct store *store, struct sent_report *ret_row, bool *ret_found, struct error *err)
{
	return find(store, STATEMENT_REPORT_TAKEN, ret_row, ret_found, err);
}

int sent_report_put(struct store *store, const struct sent_report *row, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_REPORT_PUT, err);

	store_query_bind_row(query, columns, ARRAY_SIZE(columns), row);
	return query_run(query, err);
}
