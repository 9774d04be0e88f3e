#include "agent/night/pace.h"

#include "tests/support/test.h"

TEST_CASE(test_tells_nothing_before_it_knows_anything)
{
	struct pace pace = {0};

	pace_note(&pace, 1000, 50);
	assert_int_equal(pace_rate(&pace), 0);
	assert_int_equal(pace_left_s(&pace, 100), -1);
}

TEST_CASE(test_tells_a_steady_speed_and_what_is_left)
{
	struct pace pace = {0};

	for (int i = 0; i <= 20; i++)
		pace_note(&pace, 500 * i, (uint64_t)(1000 * i));
	assert_int_equal(pace_rate(&pace), 2000);
	assert_int_equal(pace_left_s(&pace, 20000), 10);
	assert_int_equal(pace_left_s(&pace, 20001), 11);
	assert_int_equal(pace_left_s(&pace, 0), 0);
}

TEST_CASE(test_follows_a_change_within_ten_seconds)
{
	struct pace pace = {0};
	uint64_t bytes = 0;

	for (int i = 0; i <= 60; i++) {
		pace_note(&pace, 500 * i, bytes);
		bytes += i < 40 ? 1000000 : 10000;
	}
	assert_in_range(pace_rate(&pace), 20000, 200000);
}

TEST_CASE(test_a_clock_that_stands_still_changes_nothing)
{
	struct pace pace = {0};

	pace_note(&pace, 0, 0);
	pace_note(&pace, 1000, 1000);
	pace_note(&pace, 1000, 9000);
	assert_int_equal(pace_rate(&pace), 1000);
}

TEST_CASE(test_what_would_take_for_ever_is_not_told)
{
	struct pace pace = {0};

	pace_note(&pace, 0, 0);
	pace_note(&pace, 1000, 2);
	assert_int_equal(pace_left_s(&pace, UINT64_MAX), -1);
}

TESTS(NULL, NULL)
