#include "tests/support/test.h"

#include <stdio.h>

#include "common/clock.h"
#include "tests/support/folder.h"

TEST_CASE(test_shows_a_time_in_utc)
{
	char text[CLOCK_TEXT_SIZE];

	assert_string_equal(clock_text(0, text), "1970-01-01T00:00:00Z");
	assert_string_equal(clock_text(1768824000, text), "2026-01-19T12:00:00Z");
	assert_string_equal(clock_text(-1, text), "1969-12-31T23:59:59Z");
}

TEST_CASE(test_shows_no_date_beyond_the_year_9999)
{
	char text[CLOCK_TEXT_SIZE];

	assert_string_equal(clock_text(253402300799, text), "9999-12-31T23:59:59Z");
	assert_string_equal(clock_text(253402300800, text), "(no date)");
	assert_string_equal(clock_text(INT64_MAX, text), "(no date)");
	assert_string_equal(clock_text(INT64_MIN, text), "(no date)");
}

TEST_CASE(test_reads_back_what_it_shows)
{
	static const int64_t times[] = {0, 1, 951782400, 1709164800, 1768824000, 253402300799};
	char text[CLOCK_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct error err = {0};
		int64_t time_s = -1;

		assert_ok(clock_parse(clock_text(times[i], text), &time_s, &err), &err);
		assert_int_equal(time_s, times[i]);
	}
}

TEST_CASE(test_refuses_every_other_form)
{
	static const char *const texts[] = {"", "2026", "2026-01-19", "2026-01-19T12:00:00", "2026-01-19 12:00:00Z",
		"2026-01-19T12:00:00Zx", "2026-01-19T12:00:00+09:00", "2026-1-19T12:00:00Z", " 026-01-19T12:00:00Z",
		"+026-01-19T12:00:00Z"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct error err = {0};
		int64_t time_s = 7;

		assert_int_equal(clock_parse(texts[i], &time_s, &err), -1);
		assert_error(&err, ERROR_INPUT, "is not a date like");
		assert_int_equal(time_s, 7);
	}
}

TEST_CASE(test_refuses_a_date_that_never_was)
{
	static const char *const texts[] = {"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z",
		"2026-01-32T00:00:00Z", "2026-01-19T24:00:00Z", "2026-01-19T12:60:00Z", "2026-01-19T12:00:60Z"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct error err = {0};
		int64_t time_s;

		assert_int_equal(clock_parse(texts[i], &time_s, &err), -1);
		assert_error(&err, ERROR_INPUT, "is not a possible date");
	}
}

TEST_CASE(test_tells_a_restart_by_the_boot_identity)
{
	struct error err = {0};
	struct folder folder;
	struct clock clock;
	char path[FOLDER_PATH_SIZE + 16], id[BOOT_ID_SIZE];

	folder_init(&folder);
	(void)snprintf(path, sizeof(path), "%s/boot_id", folder.path);
	clock_init(&clock, path);
	folder_put(&folder, "boot_id", "first\n", 6);
	assert_ok(clock.boot_id(&clock, id, &err), &err);
	assert_string_equal(id, "first");
	folder_put(&folder, "boot_id", "second", 6);
	assert_ok(clock.boot_id(&clock, id, &err), &err);
	assert_string_equal(id, "second");
	folder_clear(&folder);
}

TEST_CASE(test_waits_at_least_as_long_as_it_was_asked_to)
{
	struct clock clock;
	int64_t began_ms;

	clock_init(&clock, "/dev/null");
	began_ms = clock.monotonic_ms(&clock);
	clock.wait_ms(&clock, 2);
	assert_true(clock.monotonic_ms(&clock) > began_ms);
	clock.wait_ms(&clock, 0);
	clock.wait_ms(&clock, -1);
}

TESTS(NULL, NULL)
