/* The history leaves the store sealed, and whatever is done to it afterwards is found. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sqlite3.h>

#include "agent/proof/anchor.h"
#include "agent/proof/archive.h"
#include "agent/store/history.h"
#include "tests/agent/proof/history_rows.h"

#define OLDEST "var/lib/haishin/history/history-00000001-00000010.jsonl"

/* SQL on the file behind the store's back, without its rules. */
static void tamper(struct agent_fixture *fixture, const char *sql)
{
	char path[2 * FOLDER_PATH_SIZE], *message = NULL;
	sqlite3 *handle = NULL;

	(void)snprintf(path, sizeof(path), "%s/state.db", fixture->config.state_path);
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	if (sqlite3_exec(handle, "DROP TRIGGER history_is_never_changed; DROP TRIGGER history_is_never_shortened",
		    NULL, NULL, &message) != SQLITE_OK ||
		sqlite3_exec(handle, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s", message);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

/* What 'haishin history verify' says. */
static void assert_sound(struct agent_fixture *fixture)
{
	(void)asked(fixture, "VerifyHistory", NULL);
}

static void assert_finds(struct agent_fixture *fixture, const char *part)
{
	(void)refused(fixture, "VerifyHistory", NULL, ERROR_DAMAGED, part);
}

/* ---- The archive ---- */

TEST_CASE(test_moves_older_rows_to_sealed_files_and_goes_on)
{
	struct agent_fixture *fixture = *state;
	struct history_chain chain;
	struct error err = {0};
	int64_t rows;

	add_rows(fixture, 21);
	archive(fixture);
	add_rows(fixture, 12);
	archive(fixture);
	sign_head(fixture);
	assert_ok(history_archived(fixture->terminal.store, &chain, &err), &err);
	assert_int_equal(chain.number, 20);
	assert_ok(history_verify(fixture->terminal.store, &rows, &err), &err);
	assert_int_equal(rows, 21 + 12 + 2); /* and a row for each archive */
	assert_sound(fixture);
}

TEST_CASE(test_archives_nothing_while_the_store_has_room)
{
	struct agent_fixture *fixture = *state;
	struct history_chain chain;
	struct error err = {0};

	add_rows(fixture, 20);
	archive(fixture);
	assert_ok(history_archived(fixture->terminal.store, &chain, &err), &err);
	assert_int_equal(chain.number, 0);
}

static int fail_at(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	(void)change;
	(void)path;
	return number >= *(uint64_t *)fs->context ? 5 : 0; /* EIO from there on */
}

TEST_CASE(test_a_disk_that_fails_at_any_moment_loses_no_row)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	int64_t rows;
	bool failed = true;

	add_rows(fixture, 21);
	sign_head(fixture);
	fixture->config.history_keep_rows = 20;
	for (uint64_t nth = 1; failed; nth++) {
		fixture->fs.changes = 0;
		fixture->fs.context = &nth;
		fixture->fs.before_change = fail_at;
		failed = archive_run(&fixture->terminal, &err) < 0;
		fixture->fs.before_change = NULL;
		assert_ok(history_verify(fixture->terminal.store, &rows, &err), &err);
		assert_sound(fixture);
	}
	assert_int_equal(rows, 22);
}

/* So many rows that the archive has no room for all. */
static void live_long(struct agent_fixture *fixture)
{
	fixture->config.history_max_size = 5000;
	for (int i = 0; i < 6; i++) {
		add_rows(fixture, 12);
		archive(fixture);
	}
	sign_head(fixture);
}

TEST_CASE(test_removes_the_oldest_file_beyond_the_size_and_says_so)
{
	struct agent_fixture *fixture = *state;
	struct history_chain chain;
	struct error err = {0};
	struct history_row row;
	const json_t *answer;

	fixture->config.history_keep_days = 0;
	live_long(fixture);
	answer = asked(fixture, "VerifyHistory", NULL);
	assert_true(number_at(answer, "dropped") >= 10);
	assert_true(number_at(answer, "dropped") < number_at(answer, "archived"));
	assert_string_not_equal(text_at(answer, "dropped_since"), "");
	assert_ok(history_archived(fixture->terminal.store, &chain, &err), &err);
	assert_ok(history_find(fixture->terminal.store, chain.number + 1, &row, &err), &err);
	assert_false(fs_exists(&fixture->fs, fixture->folder.fd, OLDEST));
}

TEST_CASE(test_removes_no_file_that_is_younger_than_it_is_to_be_kept)
{
	struct agent_fixture *fixture = *state;

	live_long(fixture);
	assert_int_equal(number_at(asked(fixture, "VerifyHistory", NULL), "dropped"), 0);
	fixture->now_s += 401 * 86400;
	add_rows(fixture, 12);
	archive(fixture);
	sign_head(fixture);
	assert_true(number_at(asked(fixture, "VerifyHistory", NULL), "dropped") >= 10);
}

/* ---- What was done to the records ---- */

static const struct {
	const char *sql;
	const char *finding;
} edits[] = {
	{"UPDATE history SET outcome = 'failed' WHERE number = 5", "row 5 was changed"},
	{"DELETE FROM history WHERE number = 5", "row 5 is missing"},
	{"UPDATE history SET number = 100 + number WHERE number IN (4, 5); "
	 "UPDATE history SET number = 5 WHERE number = 104; UPDATE history SET number = 4 WHERE number = 105",
		"row 4 does not follow"},
	{"DELETE FROM history WHERE number > 7", "row 9 is missing: the end was cut off"},
	{"DELETE FROM setting WHERE name = 'history.anchor'", "signed head of the history is missing"},
	{"UPDATE setting SET value = replace(value, '9 ', '8 ') WHERE name = 'history.anchor'",
		"was not signed by this terminal"},
};

TEST_CASE_WITH(test_finds_what_was_done_to_the_store, NULL, NULL)
{
	for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
		void *own = NULL;
		struct agent_fixture *fixture;

		assert_int_equal(agent_fixture_setup(&own), 0);
		fixture = own;
		add_rows(fixture, 9);
		sign_head(fixture);
		tamper(fixture, edits[i].sql);
		assert_finds(fixture, edits[i].finding);
		assert_int_equal(agent_fixture_teardown(&own), 0);
	}
}

/* The store's own code writes the rows anew, so that every digest fits. */
static void rewrite_tail(struct agent_fixture *fixture, int from)
{
	char sql[200];

	(void)snprintf(sql, sizeof(sql), "DELETE FROM history WHERE number >= %d", from);
	tamper(fixture, sql);
	add_rows(fixture, 10 - from + 1);
}

TEST_CASE(test_finds_a_tail_that_was_written_anew)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	int64_t rows;

	add_rows(fixture, 10);
	sign_head(fixture);
	fixture->now_s += 7;
	rewrite_tail(fixture, 6);
	assert_ok(history_verify(fixture->terminal.store, &rows, &err), &err); /* the chain alone cannot tell */
	assert_finds(fixture, "row 10 is not the one that was signed");
	add_rows(fixture, 3);
	assert_int_equal(anchor_set(&fixture->terminal, &err), -1); /* and no newer signature covers it up */
	assert_error(&err, ERROR_DAMAGED, "rewritten");
	assert_finds(fixture, "row 10 is not the one that was signed");
}

TEST_CASE(test_finds_what_was_done_to_an_archived_file)
{
	struct agent_fixture *fixture = *state;
	size_t len;
	char *bytes, *at;

	add_rows(fixture, 21);
	archive(fixture);
	sign_head(fixture);
	bytes = folder_get(&fixture->folder, OLDEST, &len);
	at = strstr(bytes, "\"done\"");
	assert_non_null(at);
	memcpy(at, "\"none\"", 6);
	folder_put(&fixture->folder, OLDEST, bytes, len);
	free(bytes);
	assert_finds(fixture, "archived history rows 1 to 10");
	assert_int_equal(unlinkat(fixture->folder.fd, OLDEST, 0), 0);
	assert_finds(fixture, "the file is missing");
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
