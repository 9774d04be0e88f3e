#include "agent/contact.h"

#include "agent/store_inside.h"

static void read_row(struct query *query, struct night_row *row)
{
	query_text(query, 0, row->date, sizeof(row->date));
	row->opens_s = query_number(query, 1);
	row->closes_s = query_number(query, 2);
	row->first_try_s = query_number(query, 3);
	row->contact_s = query_number(query, 4);
	row->attempts = query_number(query, 5);
	query_text(query, 6, row->outcome, sizeof(row->outcome));
	query_text(query, 7, row->detail, sizeof(row->detail));
}

int night_find(struct store *store, const char *date, struct night_row *ret_row, bool *ret_found, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_NIGHT_FIND, err);

	if (!query)
		return -1;
	query_bind_text(query, 1, date);
	if (query_step(query, ret_found, err) < 0)
		return -1;
	if (*ret_found)
		read_row(query, ret_row);
	return 0;
}

int night_put(struct store *store, const struct night_row *row, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_NIGHT_PUT, err);
	char detail[STORE_TEXT_SIZE];

	if (!query)
		return -1;
	record_text(row->detail, detail, sizeof(detail));
	query_bind_text(query, 1, row->date);
	query_bind_number(query, 2, row->opens_s);
	query_bind_number(query, 3, row->closes_s);
	query_bind_number(query, 4, row->first_try_s);
	query_bind_number(query, 5, row->contact_s);
	query_bind_number(query, 6, row->attempts);
	query_bind_text(query, 7, row->outcome);
	query_bind_text(query, 8, detail);
	return query_run(query, err) < 0 ? error_context(err, "night of '%s'", row->date) : 0;
}

int night_each(struct store *store, const char *from_date,
	int (*each)(void *context, const struct night_row *row, struct error *err), void *context, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_NIGHT_LIST, err);
	struct night_row row;
	bool is_row;

	if (!query)
		return -1;
	query_bind_text(query, 1, from_date);
	while (query_step(query, &is_row, err) == 0) {
		if (!is_row)
			return 0;
		read_row(query, &row);
		if (each(context, &row, err) < 0)
			return -1;
	}
	return -1;
}
