#include "tests/support/test.h"

#include "common/auto.h"
#include "scheduler/throttle.h"

#define PRESSED                                                                                                      \
	{                                                                                                            \
		"boot-1", 500000, 1000000                                                                            \
	}

TEST_CASE(test_tells_how_many_seconds_are_left)
{
	static const struct {
		struct throttle_moment last, now;
		int64_t left_s;
	} rows[] = {
		{PRESSED, {"boot-1", 500000, 1000000}, 60},
		{PRESSED, {"boot-1", 500001, 1000000}, 60},
		{PRESSED, {"boot-1", 501000, 1000001}, 59},
		{PRESSED, {"boot-1", 559999, 1000060}, 1},
		{PRESSED, {"boot-1", 560000, 1000060}, 0},
		/* The clock on the wall was set forward, back, or to nonsense. */
		{PRESSED, {"boot-1", 510000, 9000000}, 50},
		{PRESSED, {"boot-1", 510000, 0}, 50},
		{PRESSED, {"boot-1", 560000, INT64_MIN}, 0},
		{PRESSED, {"boot-1", 510000, INT64_MAX}, 50},
		/* The machine restarted: the clock on the wall is believed, and at least the age of this start. */
		{PRESSED, {"boot-2", 10000, 1000040}, 20},
		{PRESSED, {"boot-2", 10000, 1000180}, 0},
		{PRESSED, {"boot-2", 59000, 1000059}, 1},
		{PRESSED, {"boot-2", 60000, 1000060}, 0},
		{PRESSED, {"boot-2", 10000, INT64_MAX}, 0},
		/* It restarted and the clock was set back, or saw less than the start did. */
		{PRESSED, {"boot-2", 20000, 5}, 40},
		{PRESSED, {"boot-2", 70000, 5}, 0},
		{PRESSED, {"boot-2", 70000, 1000010}, 0},
		{PRESSED, {"boot-2", 20000, INT64_MIN}, 40},
		/* A monotonic clock that goes back within one start cannot be: the whole pause. */
		{PRESSED, {"boot-1", 100, 2000000}, 60},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (throttle_seconds_left(&rows[i].last, &rows[i].now, THROTTLE_PAUSE_S) != rows[i].left_s)
			fail_msg("row %zu: %lld", i,
				(long long)throttle_seconds_left(&rows[i].last, &rows[i].now, THROTTLE_PAUSE_S));
}

TEST_CASE(test_the_first_press_is_free)
{
	struct throttle_moment now = PRESSED;

	assert_int_equal(throttle_seconds_left(NULL, &now, THROTTLE_PAUSE_S), 0);
}

TESTS(NULL, NULL)
