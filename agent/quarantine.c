#include "agent/quarantine.h"

#include "agent/store_inside.h"

static void read_row(struct query *query, struct quarantine_row *row)
{
	query_text(query, 0, row->package, sizeof(row->package));
	query_text(query, 1, row->version, sizeof(row->version));
	query_text(query, 2, row->digest, sizeof(row->digest));
	row->since_s = query_number(query, 3);
	query_text(query, 4, row->reason, sizeof(row->reason));
}

static int record(struct store *store, const char *operation, const struct quarantine_row *row, const char *detail,
	struct error *err)
{
	struct history_entry entry = {
		.operation = operation,
		.package = row->package,
		.version = row->version,
		.digest = row->digest,
		.outcome = "done",
		.detail = detail,
	};

	return history_add(store, &entry, err);
}

static int put(struct store *store, const struct quarantine_row *row, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_QUARANTINE_PUT, err);

	if (!query)
		return -1;
	query_bind_text(query, 1, row->package);
	query_bind_text(query, 2, row->version);
	query_bind_text(query, 3, row->digest);
	query_bind_number(query, 4, row->since_s);
	query_bind_text(query, 5, row->reason);
	if (query_run(query, err) < 0)
		return -1;
	return database_changes(store->database) ? record(store, "quarantine", row, row->reason, err) : 0;
}

int quarantine_add(struct store *store, const char *package, const char *version, const char *digest,
	const char *reason, struct error *err)
{
	struct quarantine_row row = {.since_s = store_now_s(store)};

	record_text(package, row.package, sizeof(row.package));
	record_text(version, row.version, sizeof(row.version));
	record_text(digest, row.digest, sizeof(row.digest));
	record_text(reason, row.reason, sizeof(row.reason));
	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store, put(store, &row, err), err) < 0 ? error_context(err, "quarantine of %s", package) : 0;
}

int quarantine_find(struct store *store, const char *package, const char *digest, struct quarantine_row *ret_row,
	bool *ret_found, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_QUARANTINE_FIND, err);

	if (!query)
		return -1;
	query_bind_text(query, 1, package);
	query_bind_text(query, 2, digest);
	if (query_step(query, ret_found, err) < 0)
		return -1;
	if (*ret_found)
		read_row(query, ret_row);
	return 0;
}

static int record_others(struct store *store, const char *package, const char *digest, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_QUARANTINE_OTHERS, err);
	struct quarantine_row row;
	int more;

	if (!query)
		return -1;
	query_bind_text(query, 1, package);
	query_bind_text(query, 2, digest);
	while ((more = query_next(query, err)) > 0) {
		read_row(query, &row);
		if (record(store, "quarantine-end", &row, "the catalog names another release", err) < 0)
			return -1;
	}
	return more;
}

static int release_others(struct store *store, const char *package, const char *digest, struct error *err)
{
	AUTO(query) struct query *query = NULL;

	if (record_others(store, package, digest, err) < 0 ||
		!(query = store_query(store, STATEMENT_QUARANTINE_DROP_OTHERS, err)))
		return -1;
	query_bind_text(query, 1, package);
	query_bind_text(query, 2, digest);
	return query_run(query, err);
}

int quarantine_release_others(struct store *store, const char *package, const char *digest, struct error *err)
{
	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store, release_others(store, package, digest, err), err);
}

int quarantine_each(struct store *store,
	int (*each)(void *context, const struct quarantine_row *row, struct error *err), void *context,
	struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_QUARANTINE_LIST, err);
	struct quarantine_row row;
	int more;

	while ((more = query_next(query, err)) > 0) {
		read_row(query, &row);
		if (each(context, &row, err) < 0)
			return -1;
	}
	return more;
}
