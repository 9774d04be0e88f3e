#include <stdio.h>

#include "tests/agent/store_fixture.h"
#include "tests/support/test.h"

static struct night_row night_of(const char *date)
{
	struct night_row row = {.opens_s = FIXTURE_NOW_S, .closes_s = FIXTURE_NOW_S + 9 * 3600};

	(void)snprintf(row.date, sizeof(row.date), "%s", date);
	return row;
}

static void test_keeps_what_became_of_a_night(void **state)
{
	struct store_fixture *fixture = *state;
	struct night_row row = night_of("2026-01-10"), stored;
	struct error err = {0};
	bool found;

	assert_ok(night_find(fixture->store, row.date, &stored, &found, &err), &err);
	assert_false(found);
	assert_ok(night_put(fixture->store, &row, &err), &err);
	row.attempts = 2;
	row.first_try_s = FIXTURE_NOW_S + 10;
	row.contact_s = FIXTURE_NOW_S + 20;
	(void)strcpy(row.outcome, "contacted");
	(void)strcpy(row.detail, "two packages");
	assert_ok(night_put(fixture->store, &row, &err), &err);
	store_fixture_reopen(fixture);
	assert_ok(night_find(fixture->store, row.date, &stored, &found, &err), &err);
	assert_true(found);
	assert_string_equal(stored.date, "2026-01-10");
	assert_int_equal(stored.opens_s, row.opens_s);
	assert_int_equal(stored.closes_s, row.closes_s);
	assert_int_equal(stored.first_try_s, row.first_try_s);
	assert_int_equal(stored.contact_s, row.contact_s);
	assert_int_equal(stored.attempts, 2);
	assert_string_equal(stored.outcome, "contacted");
	assert_string_equal(stored.detail, "two packages");
}

static void test_refuses_what_is_no_night(void **state)
{
	struct store_fixture *fixture = *state;
	struct night_row row = night_of("yesterday");
	struct error err = {0};

	assert_int_equal(night_put(fixture->store, &row, &err), -1);
	assert_error(&err, ERROR_FAILED, "yesterday");
	row = night_of("2026-01-10");
	row.closes_s = row.opens_s - 1;
	assert_int_equal(night_put(fixture->store, &row, &err), -1);
}

static int list(void *context, const struct night_row *row, struct error *err)
{
	char *dates = context;

	(void)err;
	(void)snprintf(dates + strlen(dates), 100 - strlen(dates), "%s ", row->date);
	return 0;
}

static void test_hands_over_nights_from_a_date_on(void **state)
{
	struct store_fixture *fixture = *state;
	char dates[100] = "";
	struct error err = {0};

	for (int i = 12; i > 8; i--) {
		char date[11];
		struct night_row row;

		(void)snprintf(date, sizeof(date), "2026-01-%02d", i);
		row = night_of(date);
		assert_ok(night_put(fixture->store, &row, &err), &err);
	}
	assert_ok(night_each(fixture->store, "2026-01-10", list, dates, &err), &err);
	assert_string_equal(dates, "2026-01-10 2026-01-11 2026-01-12 ");
}

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, store_fixture_setup, store_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_keeps_what_became_of_a_night),
		STORE_TEST(test_refuses_what_is_no_night),
		STORE_TEST(test_hands_over_nights_from_a_date_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
