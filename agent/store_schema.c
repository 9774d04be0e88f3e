#include "agent/store_schema.h"

#include <inttypes.h>
#include <stdio.h>

#include "agent/statements.h"

/* "hais": tells a store from any other SQLite file. */
#define APPLICATION_ID 0x68616973

#define DIGEST_CHECK(column) "CHECK (length(" #column ") = 64 AND " #column " NOT GLOB '*[^0-9a-f]*')"
/* A release whose own bytes were lost is known by the first digits of its digest alone. */
#define RELEASE_DIGEST_CHECK "CHECK (length(digest) IN (8, 64) AND digest NOT GLOB '*[^0-9a-f]*')"
#define PACKAGE_CHECK "CHECK (length(package) BETWEEN 1 AND 64)"

static const char first_step[] =
	"CREATE TABLE setting ("
	"	name TEXT PRIMARY KEY CHECK (name <> ''),"
	"	value TEXT NOT NULL"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE history ("
	"	number INTEGER PRIMARY KEY CHECK (number >= 1),"
	"	at_s INTEGER NOT NULL,"
	"	boot_id TEXT NOT NULL,"
	"	operation TEXT NOT NULL CHECK (length(operation) BETWEEN 1 AND 31),"
	"	package TEXT NOT NULL,"
	"	version TEXT NOT NULL,"
	"	digest TEXT NOT NULL,"
	"	outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused', 'failed', 'begun', 'stopped')),"
	"	error TEXT NOT NULL CHECK (error <> ''),"
	"	detail TEXT NOT NULL,"
	"	previous TEXT NOT NULL " DIGEST_CHECK(
		previous) ","
			  "	row_digest TEXT NOT NULL UNIQUE " DIGEST_CHECK(
				  row_digest) ") STRICT;"
					      "CREATE INDEX history_of_package ON history (package, number);"
					      "CREATE TRIGGER history_is_never_changed BEFORE UPDATE ON history"
					      " BEGIN SELECT RAISE(ABORT, 'history is append-only: a row cannot be "
					      "changed'); END;"
					      "CREATE TRIGGER history_is_never_shortened BEFORE DELETE ON history"
					      " BEGIN SELECT RAISE(ABORT, 'history is append-only: a row cannot be "
					      "removed'); END;"
					      "CREATE TRIGGER history_goes_on_at_its_end BEFORE INSERT ON history"
					      " WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM history)"
					      " BEGIN SELECT RAISE(ABORT, 'history is append-only: a row goes behind "
					      "the last one'); END;"

					      "CREATE TABLE quarantine ("
					      "	package TEXT NOT NULL " PACKAGE_CHECK ","
					      "	version TEXT NOT NULL CHECK (version <> ''),"
					      "	digest TEXT NOT NULL " RELEASE_DIGEST_CHECK ","
					      "	since_s INTEGER NOT NULL,"
					      "	reason TEXT NOT NULL,"
					      "	PRIMARY KEY (package, digest)"
					      ") STRICT, WITHOUT ROWID;"

					      "CREATE TABLE pause ("
					      "	package TEXT PRIMARY KEY CHECK (length(package) <= 64),"
					      "	since_s INTEGER NOT NULL,"
					      "	until_s INTEGER NOT NULL CHECK (until_s >= 0),"
					      "	who TEXT NOT NULL,"
					      "	why TEXT NOT NULL"
					      ") STRICT, WITHOUT ROWID;"

					      "CREATE TABLE night ("
					      "	date TEXT PRIMARY KEY CHECK (date GLOB "
					      "'[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),"
					      "	opens_s INTEGER NOT NULL,"
					      "	closes_s INTEGER NOT NULL CHECK (closes_s >= opens_s),"
					      "	first_try_s INTEGER NOT NULL,"
					      "	contact_s INTEGER NOT NULL,"
					      "	attempts INTEGER NOT NULL CHECK (attempts >= 0),"
					      "	outcome TEXT NOT NULL,"
					      "	detail TEXT NOT NULL"
					      ") STRICT, WITHOUT ROWID;"

					      "CREATE TABLE installed ("
					      "	package TEXT PRIMARY KEY " PACKAGE_CHECK ","
					      "	version TEXT NOT NULL CHECK (version <> ''),"
					      "	digest TEXT NOT NULL " RELEASE_DIGEST_CHECK ","
					      "	folder TEXT NOT NULL CHECK (folder <> ''),"
					      "	since_s INTEGER NOT NULL"
					      ") STRICT, WITHOUT ROWID;"

					      "CREATE TABLE delivery ("
					      "	id INTEGER PRIMARY KEY CHECK (id >= 1),"
					      "	package TEXT NOT NULL " PACKAGE_CHECK ","
					      "	version TEXT NOT NULL CHECK (version <> ''),"
					      "	digest TEXT NOT NULL " RELEASE_DIGEST_CHECK ","
					      "	folder TEXT NOT NULL CHECK (folder <> ''),"
					      "	state TEXT NOT NULL CHECK (state IN ('planned', 'fetching', "
					      "'staged', 'activated', 'confirmed',"
					      "		'rolled-back', 'rejected', 'failed')),"
					      "	campaign INTEGER NOT NULL CHECK (campaign >= 0),"
					      "	planned_s INTEGER NOT NULL,"
					      "	changed_s INTEGER NOT NULL,"
					      "	attempts INTEGER NOT NULL CHECK (attempts >= 0),"
					      "	wire_bytes INTEGER NOT NULL CHECK (wire_bytes >= 0),"
					      "	payload_bytes INTEGER NOT NULL CHECK (payload_bytes >= 0),"
					      "	error TEXT NOT NULL CHECK (error <> ''),"
					      "	detail TEXT NOT NULL"
					      ") STRICT;"
					      "CREATE INDEX delivery_of_package ON delivery (package, id);"
					      "CREATE UNIQUE INDEX delivery_that_waits ON delivery (package)"
					      " WHERE state IN ('planned', 'fetching', 'staged');";

static const char *const steps[STORE_SCHEMA_VERSION] = {
	first_step,
};

static int take_step(struct database *database, int64_t number, struct error *err)
{
	char versions[128];

	(void)snprintf(versions, sizeof(versions),
		"PRAGMA user_version = %" PRId64 "; PRAGMA application_id = %d; COMMIT", number, APPLICATION_ID);
	if (database_run(database, steps[number - 1], err) == 0 && database_run(database, versions, err) == 0)
		return 0;
	if (database_in_transaction(database))
		database_undo(database, "ROLLBACK");
	return error_context(err, "step %" PRId64 " of the tables", number);
}

/* Another process may take the same step at this moment: whoever comes second finds it taken. */
static int take_next_step(struct database *database, struct error *err)
{
	int64_t version;

	if (database_run(database, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	if (database_number(database, "PRAGMA user_version", &version, err) == 0) {
		if (version < STORE_SCHEMA_VERSION)
			return take_step(database, version + 1, err);
		return database_run(database, "ROLLBACK", err);
	}
	database_undo(database, "ROLLBACK");
	return -1;
}

int store_schema_check(struct database *database, struct error *err)
{
	int64_t id, tables, version;

	if (database_number(database, "PRAGMA user_version", &version, err) < 0 ||
		database_number(database, "PRAGMA application_id", &id, err) < 0 ||
		database_number(database, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0)
		return -1;
	if (version < 0 || (id != APPLICATION_ID && (version > 0 || tables > 0)))
		return error_set(err, ERROR_DAMAGED, "the file is a database, but no store of haishin");
	if (version > STORE_SCHEMA_VERSION)
		return error_set(err, ERROR_INPUT,
			"the store was made by a newer haishin (tables of version %" PRId64
			", this haishin knows %d); nothing was changed; install the newer haishin again",
			version, STORE_SCHEMA_VERSION);
	return 0;
}

/* Every statement that will ever run must make sense here. */
static int check_statements(struct database *database, struct error *err)
{
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		AUTO(query) struct query *query = query_new(database, statement_sql((enum statement)i), err);

		if (!query)
			return error_context(err, "its tables are not those of its version");
	}
	return 0;
}

int store_schema_update(struct database *database, struct error *err)
{
	int64_t version;

	if (database_number(database, "PRAGMA user_version", &version, err) < 0)
		return -1;
	for (; version < STORE_SCHEMA_VERSION; version++)
		if (take_next_step(database, err) < 0)
			return -1;
	return check_statements(database, err);
}
