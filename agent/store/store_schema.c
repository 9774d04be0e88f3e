#include "agent/store/store_schema.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

/* "hais": tells a store from any other SQLite file. */
#define APPLICATION_ID 0x68616973

/* The setting that holds the first step whose agents can live with the file; where it was never set, that is the last
 * step taken. */
#define READABLE_FROM "schema_readable_from"

static int take_step(struct database *database, int64_t number, struct error *err)
{
	const struct store_schema_step *step = &store_schema_steps[number - 1];
	char marks[512];

	(void)snprintf(marks, sizeof(marks),
		"INSERT INTO setting (name, value) VALUES ('" READABLE_FROM "', '%" PRId64 "') "
		"ON CONFLICT (name) DO UPDATE SET value = excluded.value; "
		"PRAGMA user_version = %" PRId64 "; PRAGMA application_id = %d; COMMIT",
		step->readable_from, number, APPLICATION_ID);
	if (database_run(database, step->sql, err) == 0 && database_run(database, marks, err) == 0)
		return 0;
	if (database_in_transaction(database))
		database_undo(database, "ROLLBACK");
	return error_context(err, "step %" PRId64 " of the tables", number);
}

/* Another process may take the same step at this moment: whoever comes second finds it taken. */
static int take_next_step(struct database *database, int64_t newest, struct error *err)
{
	int64_t version;

	if (database_run(database, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	if (database_number(database, "PRAGMA user_version", &version, err) == 0) {
		if (version < newest)
			return take_step(database, version + 1, err);
		return database_run(database, "ROLLBACK", err);
	}
	database_undo(database, "ROLLBACK");
	return -1;
}

/* The first step whose agents can live with the file, which has taken more steps than we know. */
static int read_readable_from(
	struct database *database, int64_t version, int64_t *ret_readable_from, struct error *err)
{
	if (database_number(database,
		    "SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM setting WHERE name = '" READABLE_FROM "'",
		    ret_readable_from, err) < 0)
		return -1;
	if (*ret_readable_from <= 0)
		*ret_readable_from = version;
	return 0;
}

int store_schema_check(struct database *database, int64_t newest, struct error *err)
{
	int64_t id, tables, version, readable_from;

	if (database_number(database, "PRAGMA user_version", &version, err) < 0 ||
		database_number(database, "PRAGMA application_id", &id, err) < 0 ||
		database_number(database, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0)
		return -1;
	if (version < 0 || (id != APPLICATION_ID && (version > 0 || tables > 0)))
		return error_set(err, ERROR_DAMAGED, "the file is a database, but no store of haishin");
	if (version <= newest)
		return 0;
	if (read_readable_from(database, version, &readable_from, err) < 0)
		return -1;
	if (readable_from > newest)
		return error_set(err, ERROR_STORE_NEWER,
			"the store was made by a newer haishin (its tables want step %" PRId64
			", this haishin knows %" PRId64 "); nothing was changed; install the newer haishin again",
			readable_from, newest);
	return 0;
}

int store_schema_update(struct database *database, int64_t newest, struct error *err)
{
	int64_t version;

	assert(newest <= store_schema_newest);
	if (database_number(database, "PRAGMA user_version", &version, err) < 0)
		return -1;
	for (; version < newest; version++)
		if (take_next_step(database, newest, err) < 0)
			return -1;
	return 0;
}
