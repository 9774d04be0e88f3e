#include <stdio.h>

#include "agent/store/pause.h"
#include "tests/agent/store_fixture.h"
#include "tests/support/test.h"

static bool is_paused(struct store_fixture *fixture, const char *package, int64_t now_s, struct pause_row *ret_row)
{
	struct error err = {0};
	bool found;

	assert_ok(pause_find(fixture->store, package, now_s, ret_row, &found, &err), &err);
	return found;
}

static int64_t rows(struct store_fixture *fixture, const char *operation)
{
	char sql[200];

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM history WHERE operation = '%s'", operation);
	return store_fixture_number(fixture, sql);
}

TEST_CASE(test_disables_the_terminal_until_it_is_enabled)
{
	struct store_fixture *fixture = *state;
	struct pause_row row;
	struct error err = {0};

	assert_ok(pause_set(fixture->store, "", 0, "OqsComApp", "billing computer", &err), &err);
	store_fixture_reopen(fixture);
	assert_true(is_paused(fixture, "", INT64_MAX, &row));
	assert_string_equal(row.who, "OqsComApp");
	assert_string_equal(row.why, "billing computer");
	assert_int_equal(row.since_s, FIXTURE_NOW_S);
	assert_false(is_paused(fixture, "face-library", FIXTURE_NOW_S, &row));
	assert_ok(pause_end(fixture->store, "", "OqsComApp", &err), &err);
	assert_false(is_paused(fixture, "", FIXTURE_NOW_S, &row));
	assert_int_equal(rows(fixture, "disable"), 1);
	assert_int_equal(rows(fixture, "enable"), 1);
}

TEST_CASE(test_ends_by_itself_when_its_time_is_over)
{
	struct store_fixture *fixture = *state;
	struct pause_row row;
	struct error err = {0};

	assert_ok(
		pause_set(fixture->store, "face-library", FIXTURE_NOW_S + 100, "root", "demonstration", &err), &err);
	assert_true(is_paused(fixture, "face-library", FIXTURE_NOW_S + 99, &row));
	assert_false(is_paused(fixture, "face-library", FIXTURE_NOW_S + 100, &row));
	assert_int_equal(rows(fixture, "hold"), 1);
	assert_int_equal(store_fixture_number(fixture, "SELECT count(*) FROM history WHERE detail = 'by root, until "
						       "2026-01-10T11:01:40Z: demonstration'"),
		1);
}

TEST_CASE(test_a_new_pause_replaces_the_former)
{
	struct store_fixture *fixture = *state;
	struct pause_row row;
	struct error err = {0};

	assert_ok(pause_set(fixture->store, "", FIXTURE_NOW_S + 100, "root", "first", &err), &err);
	assert_ok(pause_set(fixture->store, "", 0, "root", "second", &err), &err);
	assert_true(is_paused(fixture, "", FIXTURE_NOW_S + 1000, &row));
	assert_string_equal(row.why, "second");
}

TEST_CASE(test_ending_what_is_not_paused_tells_nothing)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};

	assert_ok(pause_end(fixture->store, "face-library", "root", &err), &err);
	assert_int_equal(rows(fixture, "let-go"), 0);
}

TEST_CASE(test_refuses_a_time_before_all_time)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};

	assert_int_equal(pause_set(fixture->store, "", -1, "root", "why", &err), -1);
	assert_error(&err, ERROR_FAILED, "until_s");
	assert_int_equal(rows(fixture, "disable"), 0);
}

static int list(void *context, const struct pause_row *row, struct error *err)
{
	char *names = context;

	(void)err;
	(void)snprintf(names + strlen(names), 100 - strlen(names), "'%s' ", row->package);
	return 0;
}

TEST_CASE(test_hands_over_all_with_the_terminals_first)
{
	struct store_fixture *fixture = *state;
	char names[100] = "";
	struct error err = {0};

	assert_ok(pause_set(fixture->store, "linkage-app", 0, "root", "why", &err), &err);
	assert_ok(pause_set(fixture->store, "", 0, "root", "why", &err), &err);
	assert_ok(pause_each(fixture->store, list, names, &err), &err);
	assert_string_equal(names, "'' 'linkage-app' ");
}

TESTS(store_fixture_setup, store_fixture_teardown)
