#include "agent/store/installed.h"

#include "agent/store/store_query.h"

static void read_row(struct query *query, struct installed_row *row)
{
	query_text(query, 0, row->package, sizeof(row->package));
	query_text(query, 1, row->version, sizeof(row->version));
	query_text(query, 2, row->digest, sizeof(row->digest));
	query_text(query, 3, row->folder, sizeof(row->folder));
	row->since_s = query_number(query, 4);
}

DEFINE_FIND_ROW(struct installed_row, read_row);

int installed_find(
	struct store *store, const char *package, struct installed_row *ret_row, bool *ret_found, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_INSTALLED_FIND, err);

	query_bind_text(query, 1, package);
	return find_row(query, ret_row, ret_found, err);
}

int installed_put(struct store *store, const struct installed_row *row, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_INSTALLED_PUT, err);

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

	query_bind_text(query, 1, package);
	return query_run(query, err);
}
