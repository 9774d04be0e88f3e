#include "updater/fetch/http_limit.h"

#include "tests/support/test.h"

#define SECOND_US 1000000

TEST_CASE(test_takes_everything_where_there_is_no_limit)
{
	struct http_limit limit = {0};

	for (int i = 0; i < 1000; i++)
		assert_true(http_limit_take(&limit, 5, 1u << 30));
	assert_int_equal(http_limit_wait_ms(&limit, 5), 0);
}

TEST_CASE(test_lets_a_piece_pass_and_the_next_one_wait_for_its_bytes)
{
	struct http_limit limit = {.most_bytes_per_s = 1000};

	assert_true(http_limit_take(&limit, 10 * SECOND_US, 2100));
	assert_false(http_limit_take(&limit, 11 * SECOND_US, 1));
	assert_int_equal(http_limit_wait_ms(&limit, 11 * SECOND_US), 1000);
	assert_int_equal(http_limit_wait_ms(&limit, 12 * SECOND_US - 1), 1);
	assert_true(http_limit_take(&limit, 12 * SECOND_US, 1));
}

TEST_CASE(test_makes_up_for_what_was_late_within_bounds)
{
	struct http_limit limit = {.most_bytes_per_s = 1000};
	int64_t much_later_us = 60 * SECOND_US;

	assert_true(http_limit_take(&limit, SECOND_US, 1000));
	assert_true(http_limit_take(&limit, much_later_us, 1000));
	assert_int_equal(http_limit_wait_ms(&limit, much_later_us), 900);
}

TEST_CASE(test_another_limit_holds_at_once)
{
	struct http_limit limit = {.most_bytes_per_s = 10};

	assert_true(http_limit_take(&limit, SECOND_US, 100000));
	assert_false(http_limit_take(&limit, 2 * SECOND_US, 1));
	http_limit_set(&limit, 2 * SECOND_US, 1000);
	assert_true(http_limit_take(&limit, 2 * SECOND_US, 500));
	assert_int_equal(http_limit_wait_ms(&limit, 2 * SECOND_US), 500);
	http_limit_set(&limit, 2 * SECOND_US, 0);
	assert_true(http_limit_take(&limit, 2 * SECOND_US, 500));
}

TEST_CASE(test_pieces_are_about_a_seconds_bytes)
{
	struct http_limit limit = {0};

	assert_int_equal(http_limit_piece(&limit), 65536);
	limit.most_bytes_per_s = 5000;
	assert_int_equal(http_limit_piece(&limit), 5000);
	limit.most_bytes_per_s = 1;
	assert_int_equal(http_limit_piece(&limit), 1024);
	limit.most_bytes_per_s = INT64_MAX;
	assert_int_equal(http_limit_piece(&limit), 65536);
}

TESTS(NULL, NULL)
