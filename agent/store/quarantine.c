#include "agent/store/quarantine.h"

#include <stdio.h>
#include <string.h>

#include "agent/store/history.h"
#include "agent/store/store.h"
#include "agent/store/store_query.h"

static void read_row(struct query *query, struct quarantine_row *row)
{
	query_text(query, 0, row->package, sizeof(row->package));
	query_text(query, 1, row->version, sizeof(row->version));
	query_text(query, 2, row->digest, sizeof(row->digest));
	row->since_s = query_number(query, 3);
	query_text(query, 4, row->reason, sizeof(row->reason));
}

DEFINE_FIND_ROW(struct quarantine_row, read_row);
DEFINE_EACH_ROW(struct quarantine_row, read_row);

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

	query_bind_text(query, 1, package);
	query_bind_text(query, 2, digest);
	return find_row(query, ret_row, ret_found, err);
}

static int record_end(void *context, const struct quarantine_row *row, struct error *err)
{
	return record(context, "quarantine-end", row, "the catalog names another release", err);
}

static int record_others(
	struct store *store, const char *package, const char *digest, const char *also, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_QUARANTINE_OTHERS, err);

	query_bind_text(query, 1, package);
	query_bind_text(query, 2, digest);
	query_bind_text(query, 3, also);
	return each_row(query, record_end, store, err);
}

static int release_others(
	struct store *store, const char *package, const char *digest, const char *also, struct error *err)
{
	AUTO(query) struct query *query = NULL;

	if (record_others(store, package, digest, also, err) < 0)
		return -1;
	query = store_query(store, STATEMENT_QUARANTINE_DROP_OTHERS, err);
	query_bind_text(query, 1, package);
	query_bind_text(query, 2, digest);
	query_bind_text(query, 3, also);
	return query_run(query, err);
}

int quarantine_lift_others(
	struct store *store, const char *package, const char *digest, const char *also, struct error *err)
{
	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store, release_others(store, package, digest, also, err), err);
}

int quarantine_each(struct store *store,
	int (*each)(void *context, const struct quarantine_row *row, struct error *err), void *context,
	struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_QUARANTINE_LIST, err);

	return each_row(query, each, context, err);
}

/* ---- What a person asked for ---- */

/* Each and the package's name. */
#define SETTING_WISH "quarantine.wish."
#define SETTING_LIFTED "quarantine.lifted."
#define SETTING_SIZE (sizeof(SETTING_LIFTED) + PACKAGE_NAME_SIZE)

static void name_setting(const char *kind, const char *package, char ret_name[static SETTING_SIZE])
{
	(void)snprintf(ret_name, SETTING_SIZE, "%s%s", kind, package);
}

static int read_digest(struct store *store, const char *kind, const char *package,
	char ret_digest[static SHA256_HEX_SIZE], struct error *err)
{
	char name[SETTING_SIZE];
	AUTO(buf) struct buf digest = BUF_INIT(SHA256_HEX_SIZE);

	name_setting(kind, package, name);
	if (store_setting(store, name, &digest, err) < 0)
		return -1;
	record_text(buf_text(&digest), ret_digest, SHA256_HEX_SIZE);
	return 0;
}

int quarantine_note_wish(struct store *store, const char *package, const char *digest, struct error *err)
{
	char name[SETTING_SIZE];

	name_setting(SETTING_WISH, package, name);
	return store_set_setting(store, name, digest, err);
}

int quarantine_wish(
	struct store *store, const char *package, char ret_digest[static SHA256_HEX_SIZE], struct error *err)
{
	return read_digest(store, SETTING_WISH, package, ret_digest, err);
}

int quarantine_lifted(
	struct store *store, const char *package, char ret_digest[static SHA256_HEX_SIZE], struct error *err)
{
	return read_digest(store, SETTING_LIFTED, package, ret_digest, err);
}

struct lifting {
	struct store *store;
	const char *package, *detail;
};

static int record_lift(void *context, const struct quarantine_row *row, struct error *err)
{
	const struct lifting *lifting = context;

	return strcmp(row->package, lifting->package) == 0
		       ? record(lifting->store, "quarantine-end", row, lifting->detail, err)
		       : 0;
}

static int lift(struct store *store, const char *package, const char *who, struct error *err)
{
	char wish[SETTING_SIZE], lifted[SETTING_SIZE], digest[SHA256_HEX_SIZE], detail[STORE_TEXT_SIZE];
	struct lifting lifting = {.store = store, .package = package, .detail = detail};
	AUTO(query) struct query *query = NULL;

	name_setting(SETTING_WISH, package, wish);
	name_setting(SETTING_LIFTED, package, lifted);
	(void)snprintf(detail, sizeof(detail), "asked for by %s", who);
	if (quarantine_wish(store, package, digest, err) < 0 || store_set_setting(store, lifted, digest, err) < 0 ||
		store_drop_setting(store, wish, err) < 0 || quarantine_each(store, record_lift, &lifting, err) < 0)
		return -1;
	query = store_query(store, STATEMENT_QUARANTINE_DROP_ALL, err);
	query_bind_text(query, 1, package);
	return query_run(query, err);
}

int quarantine_lift(struct store *store, const char *package, const char *who, struct error *err)
{
	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store, lift(store, package, who, err), err);
}
