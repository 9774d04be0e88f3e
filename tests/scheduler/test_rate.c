#include "tests/support/test.h"

#include "common/auto.h"
#include "scheduler/rate.h"
#include "tests/scheduler/wall.h"

TEST_CASE(test_the_limit_follows_the_window_and_the_hours)
{
	/* Japan is nine hours ahead of these times. 2026-01-12 is a Monday. */
	static const struct {
		const char *utc;
		int64_t rate;
	} rows[] = {
		{"2026-01-12 10:59", 300000}, /* 19:59, outside */
		{"2026-01-12 11:00", 200000}, /* 20:00, inside */
		{"2026-01-12 19:59", 200000}, /* 04:59 */
		{"2026-01-12 20:00", 300000}, /* 05:00 */
		{"2026-01-12 13:00", 0},      /* 22:00, an hour without any limit */
		{"2026-01-12 14:00", 200000}, /* 23:00 */
		{"2026-01-12 23:00", 65536},  /* Tuesday 08:00 */
		{"2026-01-13 02:59", 65536},  /* 11:59 */
		{"2026-01-13 03:00", 300000}, /* 12:00 */
		{"2026-01-16 23:00", 300000}, /* Saturday 08:00 */
	};
	AUTO(zone) struct zone *zone = wall_zone("Asia/Tokyo");
	struct window_list windows;
	struct rate_hours_list hours;
	struct rate_rules rules = {
		.zone = zone, .windows = &windows, .inside = 200000, .outside = 300000, .hours = &hours};
	struct error err = {0};

	assert_ok(window_list_parse("20:00-05:00", &windows, &err), &err);
	assert_ok(rate_hours_parse("mon-fri,08:00-12:00=64K  22:00-23:00=0", &hours, &err), &err);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rate_at(&rules, wall_utc(rows[i].utc)) != rows[i].rate)
			fail_msg("%s: %lld", rows[i].utc, (long long)rate_at(&rules, wall_utc(rows[i].utc)));
}

TEST_CASE(test_of_hours_that_overlap_the_first_hold)
{
	AUTO(zone) struct zone *zone = wall_zone("Etc/UTC");
	struct window_list windows;
	struct rate_hours_list hours;
	struct rate_rules rules = {.zone = zone, .windows = &windows, .hours = &hours};
	struct error err = {0};

	assert_ok(window_list_parse("20:00-05:00", &windows, &err), &err);
	assert_ok(rate_hours_parse("08:00-09:00=1M 00:00-24:00=2M", &hours, &err), &err);
	assert_int_equal(rate_at(&rules, wall_utc("2026-01-12 08:30")), 1 << 20);
	assert_int_equal(rate_at(&rules, wall_utc("2026-01-12 09:00")), 2 << 20);
}

TEST_CASE(test_names_what_is_wrong_with_hours)
{
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {{"08:00-12:00", "hours with a speed"}, {"=64K", "no window"}, {"8-12=64K", "is not hours"},
		{"08:00-12:00=fast", "'fast' is not a number"}, {"08:00-12:00=100", "slower than 4096"},
		{"1:00-2:00=4K 1:00-2:00=4K 1:00-2:00=4K 1:00-2:00=4K 1:00-2:00=4K 1:00-2:00=4K 1:00-2:00=4K "
		 "1:00-2:00=4K 1:00-2:00=4K",
			"more than 8"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rate_hours_list hours = {.count = 7};
		struct error err = {0};

		assert_int_equal(rate_hours_parse(rows[i].text, &hours, &err), -1);
		assert_error(&err, ERROR_INPUT, rows[i].says);
		assert_int_equal(hours.count, 7);
	}
}

TESTS(NULL, NULL)
