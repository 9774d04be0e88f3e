#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/auto.h"
#include "tests/scheduler/wall.h"

static const char *const zones[] = {"Asia/Tokyo", "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
	"America/Sao_Paulo", "Europe/Dublin", "Asia/Kathmandu", "Pacific/Auckland", "America/Nuuk"};

TEST_CASE(test_shows_what_the_c_library_shows)
{
	uint64_t seed = 20260110;

	for (size_t i = 0; i < ARRAY_SIZE(zones); i++) {
		AUTO(zone) struct zone *zone = wall_zone(zones[i]);

		wall_set_zone(zones[i]);
		for (int n = 0; n < 5000; n++) {
			int64_t utc_s = (int64_t)wall_random(&seed, 150 * 366) * 86400 + wall_random(&seed, 86400),
				second;
			struct night_date date;
			struct tm wall;

			wall_at(utc_s, &wall);
			zone_to_local(zone, utc_s, &date, &second);
			if (zone_offset_s(zone, utc_s) != wall.tm_gmtoff || date.year != wall.tm_year + 1900 ||
				date.month != wall.tm_mon + 1 || date.day != wall.tm_mday ||
				second != wall.tm_hour * 3600 + wall.tm_min * 60 + wall.tm_sec)
				fail_msg("%s at %lld (case %d)", zones[i], (long long)utc_s, n);
		}
	}
}

TEST_CASE(test_finds_the_first_moment_that_shows_a_time_or_later)
{
	static const struct {
		const char *zone;
		struct night_date date;
		int hour, minute;
		const char *utc;
	} rows[] = {
		{"Asia/Tokyo", {2026, 1, 1}, 0, 0, "2025-12-31 15:00"},
		{"Asia/Tokyo", {2028, 2, 29}, 29, 0, "2028-02-29 20:00"},
		{"Asia/Tokyo", {2026, 12, 31}, 24, 0, "2026-12-31 15:00"},
		/* 2026-03-29 02:00 becomes 03:00 in Berlin: what is jumped over is the moment of the jump. */
		{"Europe/Berlin", {2026, 3, 29}, 1, 59, "2026-03-29 00:59"},
		{"Europe/Berlin", {2026, 3, 29}, 2, 0, "2026-03-29 01:00"},
		{"Europe/Berlin", {2026, 3, 29}, 2, 30, "2026-03-29 01:00"},
		{"Europe/Berlin", {2026, 3, 29}, 3, 0, "2026-03-29 01:00"},
		{"Europe/Berlin", {2026, 3, 28}, 26, 30, "2026-03-29 01:00"},
		{"Europe/Berlin", {2026, 3, 29}, 5, 0, "2026-03-29 03:00"},
		/* 2026-10-25 03:00 becomes 02:00: of what comes twice it is the first. */
		{"Europe/Berlin", {2026, 10, 25}, 2, 30, "2026-10-25 00:30"},
		{"Europe/Berlin", {2026, 10, 25}, 3, 0, "2026-10-25 02:00"},
		{"Europe/Berlin", {2026, 10, 24}, 29, 0, "2026-10-25 04:00"},
		{"America/New_York", {2026, 3, 8}, 2, 30, "2026-03-08 07:00"},
		{"America/New_York", {2026, 11, 1}, 1, 30, "2026-11-01 05:30"},
		{"America/New_York", {2100, 7, 1}, 0, 0, "2100-07-01 04:00"},
		{"Australia/Lord_Howe", {2026, 10, 4}, 2, 15, "2026-10-03 15:30"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(zone) struct zone *zone = wall_zone(rows[i].zone);
		char text[32];

		assert_string_equal(
			wall_text(zone_to_utc(zone, &rows[i].date, rows[i].hour * 3600 + rows[i].minute * 60), text),
			rows[i].utc);
	}
}

TEST_CASE(test_a_date_and_its_day_number_are_one)
{
	struct night_date date, next;

	assert_int_equal(night_date_days(&(struct night_date){1970, 1, 1}), 0);
	assert_int_equal(night_date_days(&(struct night_date){2000, 2, 29}), 11016);
	assert_int_equal(night_date_days(&(struct night_date){9999, 12, 31}), 2932896);
	night_date_of_days(0, &date);
	for (int64_t day = 0; day <= 2932896; day++, date = next) {
		assert_int_equal(night_date_days(&date), day);
		night_date_of_days(day + 1, &next);
		if (next.day == date.day + 1 && next.month == date.month && next.year == date.year)
			continue;
		assert_int_equal(next.day, 1);
		assert_true(date.day >= 28 && date.day <= 31);
		assert_true(next.month == date.month % 12 + 1 && next.year == date.year + (date.month == 12));
	}
}

/* A version 2 file with one type of that offset, no change, and FOOTER. */
static size_t make_file(uint8_t *bytes, uint32_t offset_s, const char *footer)
{
	size_t len = 0;

	for (int block = 0; block < 2; block++) {
		memset(bytes + len, 0, 44);
		memcpy(bytes + len, "TZif2", 5);
		bytes[len + 39] = 1; /* types */
		bytes[len + 43] = 4; /* characters */
		len += 44;
		for (int i = 3; i >= 0; i--)
			bytes[len++] = (uint8_t)(offset_s >> (8 * i));
		memcpy(bytes + len, "\0\0LMT\0", 6);
		len += 6;
	}
	len += (size_t)sprintf((char *)bytes + len, "\n%s\n", footer);
	return len;
}

TEST_CASE(test_follows_every_form_of_rule)
{
	static const struct {
		const char *rule, *utc;
		int offset_s;
	} rows[] = {
		{"JST-9", "2026-07-01 00:00", 32400},
		{"<+0545>-5:45", "2026-07-01 00:00", 20700},
		{"<-03>3:00:30", "2026-07-01 00:00", -10830},
		{"AAA3BBB,J60/0,J300/0", "2028-03-01 02:59", -10800}, /* J60 is 1 March in leap years too */
		{"AAA3BBB,J60/0,J300/0", "2028-03-01 03:00", -7200},
		{"AAA3BBB,59/0,300/0", "2028-02-29 03:00", -7200}, /* 59 counts 29 February */
		{"AAA3BBB,59/0,300/0", "2026-02-28 23:59", -10800},
		{"AAA3BBB,59/0,300/0", "2026-03-01 03:00", -7200},
		{"AAA-1BBB-3,M3.5.0/-1,M10.5.0/25", "2026-03-28 22:00", 10800},
		{"AAA-1BBB-3,M3.5.0/-1,M10.5.0/25", "2026-03-28 21:59", 3600},
		{"AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01 00:00", 39600},
		{"AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-06-01 00:00", 36000},
		{"", "2026-06-01 00:00", 60},
	};
	uint8_t bytes[256];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(zone) struct zone *zone = NULL;
		struct error err;

		assert_ok(zone_parse(bytes, make_file(bytes, 60, rows[i].rule), &zone, &err), &err);
		if (zone_offset_s(zone, wall_utc(rows[i].utc)) != rows[i].offset_s)
			fail_msg("%s at %s: %lld", rows[i].rule, rows[i].utc,
				(long long)zone_offset_s(zone, wall_utc(rows[i].utc)));
	}
}

TEST_CASE(test_refuses_rules_that_are_none)
{
	static const char *const rules[] = {"J-9", "JST", "JST-25", "JST-9:60", "<JST-9", "AAA3BBB", "AAA3BBB,M3.5.0",
		"AAA3BBB,M13.1.0,M1.1.0", "AAA3BBB,M3.6.0,M1.1.0", "AAA3BBB,M3.0.0,M1.1.0", "AAA3BBB,M3.1.7,M1.1.0",
		"AAA3BBB,J0,J1", "AAA3BBB,J366,J1", "AAA3BBB,366,1", "AAA3BBB,1,2/168", "AAA3BBB,1,2 ", "JST-9x",
		"AAA3BBB,M3,M1", "AAA3BBB,M3.1,M1"};
	uint8_t bytes[256];

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct zone *zone = NULL;
		struct error err;

		if (zone_parse(bytes, make_file(bytes, 0, rules[i]), &zone, &err) == 0)
			fail_msg("%s", rules[i]);
		assert_error(&err, ERROR_INPUT, "is no rule");
	}
}

TEST_CASE(test_a_file_cut_anywhere_is_refused)
{
	AUTO(buf) struct buf whole = BUF_INIT(1 << 20);
	struct error err;
	struct fs fs;

	fs_init(&fs);
	assert_ok(fs_read_file(&fs, -1, ZONE_FOLDER "/Europe/Berlin", &whole, &err), &err);
	for (size_t len = 0; len < whole.len; len++) {
		AUTO(free) void *part = malloc(len + 1); /* its own memory, so that a read beyond it shows */
		struct zone *zone = NULL;

		memcpy(part, whole.data, len);
		if (zone_parse(part, len, &zone, &err) == 0)
			fail_msg("%zu of %zu bytes", len, whole.len);
		assert_int_equal(err.code, ERROR_INPUT);
	}
}

TEST_CASE(test_no_changed_byte_does_harm)
{
	AUTO(buf) struct buf bytes = BUF_INIT(1 << 20);
	struct error err;
	struct fs fs;

	fs_init(&fs);
	assert_ok(fs_read_file(&fs, -1, ZONE_FOLDER "/Europe/Berlin", &bytes, &err), &err);
	for (size_t i = 0; i < bytes.len; i++) {
		AUTO(zone) struct zone *zone = NULL;
		char former = bytes.data[i];

		bytes.data[i] = (char)(former ^ (i % 2 ? 0xff : 0x80));
		if (zone_parse(bytes.data, bytes.len, &zone, &err) == 0) {
			struct night_date date = {2026, 1, 10};
			int64_t moment_s = zone_to_utc(zone, &date, 72000);

			assert_true(llabs(moment_s - wall_utc("2026-01-10 20:00")) <= 2 * 26 * 3600);
		} else {
			assert_int_equal(err.code, ERROR_INPUT);
		}
		bytes.data[i] = former;
	}
}

TEST_CASE(test_refuses_names_that_leave_the_folder_or_name_nothing)
{
	static const char *const names[] = {"", "../../../etc/passwd", "/etc/passwd", "Asia/", "Asia/Edo",
		"Asia Tokyo", "Asia", "Asia/Tokyo/Shibuya", "tzdata.zi",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	struct fs fs;

	fs_init(&fs);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct zone *zone = NULL;
		struct error err = {0};

		assert_int_equal(zone_load(&fs, names[i], &zone, &err), -1);
		assert_null(zone);
	}
}

TESTS(NULL, NULL)
