#include "agent/installed.h"

#include "agent/store_inside.h"

static void read_row(struct query *query, struct installed_row *row)
{
	query_text(query, 0, row->package, sizeof(row->package));
	query_text(query, 1, row->version, sizeof(row->version));
	query_text(query, 2, row->digest, sizeof(row->digest));
	query_text(query, 3, row->folder, sizeof(row->folder));
	row->since_s = query_number(query, 4);
}

int installed_find(
	struct store *store, const char *package, struct installed_row *ret_row, bool *ret_found, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_INSTALLED_FIND, err);

	if (!query)
		return -1;
	query_bind_text(query, 1, package);
	if (query_step(query, ret_found, err) < 0)
		return -1;
	if (*ret_found)
		read_row(query, ret_row);
	return 0;
}

int installed_put(struct store *store, const struct installed_row *row, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_INSTALLED_PUT, err);

	if (!query)
		return -1;
	query_bind_text(query, 1, row->package);
	query_bind_text(query, 2, row->version);
	query_bind_text(query, 3, row->digest);
	query_bind_text(query, 4, row->folder);
	query_bind_number(query, 5, row->since_s);
	return query_run(query, err);
}

int installed_drop(struct store *store, const char *package, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_INSTALLED_DROP, err);

	if (!query)
		return -1;
	query_bind_text(query, 1, package);
	return query_run(query, err);
}

int installed_each(struct store *store,
	int (*each)(void *context, const struct installed_row *row, struct error *err), void *context,
	struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_INSTALLED_LIST, err);
	struct installed_row row;
	int more;

	while ((more = query_next(query, err)) > 0) {
		read_row(query, &row);
		if (each(context, &row, err) < 0)
			return -1;
	}
	return more;
}
