#include <stdio.h>

#include "agent/store/contact.h"
#include "tests/agent/store_fixture.h"
#include "tests/support/test.h"

static struct contact_row window_of(int day)
{
	struct contact_row row = {.opens_s = FIXTURE_NOW_S + (day - 10) * 86400};

	row.closes_s = row.opens_s + 9 * 3600;
	(void)snprintf(row.date, sizeof(row.date), "2026-01-%02u", (unsigned)day % 100);
	return row;
}

TEST_CASE(test_keeps_what_became_of_a_window)
{
	struct store_fixture *fixture = *state;
	struct contact_row row = window_of(10), stored;
	struct error err = {0};
	bool found;

	assert_ok(contact_find(fixture->store, row.opens_s, &stored, &found, &err), &err);
	assert_false(found);
	assert_ok(contact_put(fixture->store, &row, &err), &err);
	row.attempts = 2;
	row.first_try_s = FIXTURE_NOW_S + 10;
	row.contact_s = FIXTURE_NOW_S + 20;
	row.on_s = 30;
	row.on_for_s = 40;
	(void)strcpy(row.outcome, CONTACT_MADE);
	(void)strcpy(row.detail, "two packages");
	assert_ok(contact_put(fixture->store, &row, &err), &err);
	store_fixture_reopen(fixture);
	assert_ok(contact_find(fixture->store, row.opens_s, &stored, &found, &err), &err);
	assert_true(found);
	assert_string_equal(stored.date, "2026-01-10");
	assert_int_equal(stored.opens_s, row.opens_s);
	assert_int_equal(stored.closes_s, row.closes_s);
	assert_int_equal(stored.first_try_s, row.first_try_s);
	assert_int_equal(stored.contact_s, row.contact_s);
	assert_int_equal(stored.attempts, 2);
	assert_int_equal(stored.on_s, 30);
	assert_int_equal(stored.on_for_s, 40);
	assert_string_equal(stored.outcome, "contacted");
	assert_string_equal(stored.detail, "two packages");
}

TEST_CASE(test_refuses_what_is_no_window)
{
	struct store_fixture *fixture = *state;
	struct contact_row row = window_of(10);
	struct error err = {0};

	(void)strcpy(row.date, "yesterday");
	assert_int_equal(contact_put(fixture->store, &row, &err), -1);
	assert_error(&err, ERROR_FAILED, "yesterday");
	row = window_of(10);
	row.closes_s = row.opens_s - 1;
	assert_int_equal(contact_put(fixture->store, &row, &err), -1);
}

static int list(void *context, const struct contact_row *row, struct error *err)
{
	char *dates = context;

	(void)err;
	(void)snprintf(dates + strlen(dates), 100 - strlen(dates), "%s ", row->date);
	return 0;
}

TEST_CASE(test_hands_over_windows_from_a_moment_on)
{
	struct store_fixture *fixture = *state;
	char dates[100] = "";
	struct error err = {0};

	for (int day = 12; day > 8; day--) {
		struct contact_row row = window_of(day);

		assert_ok(contact_put(fixture->store, &row, &err), &err);
	}
	assert_ok(contact_each(fixture->store, FIXTURE_NOW_S, list, dates, &err), &err);
	assert_string_equal(dates, "2026-01-10 2026-01-11 2026-01-12 ");
}

TEST_CASE(test_two_windows_of_one_date_have_a_row_each)
{
	struct store_fixture *fixture = *state;
	struct contact_row noon = window_of(10), night = window_of(10);
	char dates[100] = "";
	struct error err = {0};

	noon.opens_s -= 8 * 3600;
	noon.closes_s = noon.opens_s + 3600;
	assert_ok(contact_put(fixture->store, &noon, &err), &err);
	assert_ok(contact_put(fixture->store, &night, &err), &err);
	assert_ok(contact_each(fixture->store, 0, list, dates, &err), &err);
	assert_string_equal(dates, "2026-01-10 2026-01-10 ");
}

static int take_one(void *context, const struct contact_row *row, struct error *err)
{
	int *count = context;

	(void)row;
	(void)err;
	++*count;
	return EACH_ENOUGH;
}

TEST_CASE(test_whoever_has_enough_gets_no_more_and_that_is_no_failure)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};
	int count = 0;

	for (int day = 10; day < 13; day++) {
		struct contact_row row = window_of(day);

		assert_ok(contact_put(fixture->store, &row, &err), &err);
	}
	assert_ok(contact_each(fixture->store, 0, take_one, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(err.code, ERROR_NONE);
}

TESTS(store_fixture_setup, store_fixture_teardown)
