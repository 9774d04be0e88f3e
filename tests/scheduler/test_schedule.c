#include "tests/support/test.h"

#include <stdio.h>

#include "common/auto.h"
#include "scheduler/schedule.h"
#include "tests/scheduler/wall.h"

/* The campaign of the field (F3): 19 to 30 January 2026, the night of the 25th left out, all day from the 31st on. */
static struct night_date the_25th[] = {{2026, 1, 25}};
static const char *face_library[] = {"face-library"};

#define CAMPAIGN_150                                                                                                 \
	.number = 150, .title = "", .first_night = {2026, 1, 19}, .last_night = {2026, 1, 30}, .left_out = the_25th, \
	.left_out_count = 1

static const struct campaign field = {
	CAMPAIGN_150, .window = "20:00-05:00", .afterwards = CAMPAIGN_AFTERWARDS_ALL_DAY};
static const struct campaign narrow = {
	CAMPAIGN_150, .window = "22:00-02:00", .afterwards = CAMPAIGN_AFTERWARDS_NIGHTLY};
static const struct campaign once = {CAMPAIGN_150, .afterwards = CAMPAIGN_AFTERWARDS_NONE};
static const struct campaign for_one = {CAMPAIGN_150, .packages = face_library, .packages_count = 1,
	.window = "20:00-05:00", .afterwards = CAMPAIGN_AFTERWARDS_ALL_DAY};
static const struct campaign spring = {.number = 151,
	.title = "",
	.first_night = {2026, 3, 1},
	.last_night = {2026, 3, 10},
	.window = "20:00-05:00",
	.afterwards = CAMPAIGN_AFTERWARDS_ALL_DAY};
static const struct campaign by_day = {CAMPAIGN_150, .window = "10:00-12:00"};
static const struct campaign unreadable = {CAMPAIGN_150, .window = "at night"};

struct row {
	const char *zone, *windows;
	const struct campaign *campaigns[2];
	const char *now, *reason, *opens, *closes; /* times in UTC */
	struct night_date night;
	int64_t campaign;
};

#define TOKYO "Asia/Tokyo"
#define NIGHTLY "20:00-05:00"

static void ask(const struct row *row, const char *package, int64_t now_s, struct schedule_answer *ret_answer)
{
	AUTO(zone) struct zone *zone = wall_zone(row->zone);
	struct schedule_own own = {0};
	struct campaign campaigns[2];
	struct schedule_rules rules = {.zone = zone, .own = &own, .campaigns = campaigns};
	struct error err;

	assert_ok(window_list_parse(row->windows, &own.windows, &err), &err);
	for (size_t i = 0; i < 2 && row->campaigns[i]; i++)
		campaigns[rules.campaigns_count++] = *row->campaigns[i];
	schedule_ask(&rules, package, now_s, ret_answer);
}

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct schedule_answer answer;
		char opens[32], closes[32];

		ask(&rows[i], "face-library", wall_utc(rows[i].now), &answer);
		if (strcmp(schedule_reason_name(answer.reason), rows[i].reason) != 0 ||
			strcmp(wall_text(answer.opens_s, opens), rows[i].opens) != 0 ||
			strcmp(wall_text(answer.closes_s, closes), rows[i].closes) != 0 ||
			(answer.opens_s != SCHEDULE_NEVER &&
				night_date_days(&answer.night) != night_date_days(&rows[i].night)) ||
			answer.campaign != rows[i].campaign)
			fail_msg("row %zu, at %s: %s, %s to %s, night of %d-%d-%d, campaign %lld", i, rows[i].now,
				schedule_reason_name(answer.reason), wall_text(answer.opens_s, opens),
				wall_text(answer.closes_s, closes), answer.night.year, answer.night.month,
				answer.night.day, (long long)answer.campaign);
	}
}

/* Tokyo is 9 hours ahead: 20:00 is 11:00 UTC, 05:00 is 20:00 UTC the day before. */
TEST_CASE(test_the_usual_window_opens_every_night)
{
	static const struct row rows[] = {
		{TOKYO, NIGHTLY, {0}, "2026-01-10 11:00", "open", "2026-01-10 11:00", "2026-01-10 20:00",
			{2026, 1, 10}, 0},
		{TOKYO, NIGHTLY, {0}, "2026-01-10 10:59", "outside-window", "2026-01-10 11:00", "2026-01-10 20:00",
			{2026, 1, 10}, 0},
		{TOKYO, NIGHTLY, {0}, "2026-01-10 19:59", "open", "2026-01-10 11:00", "2026-01-10 20:00",
			{2026, 1, 10}, 0},
		{TOKYO, NIGHTLY, {0}, "2026-01-10 20:00", "outside-window", "2026-01-11 11:00", "2026-01-11 20:00",
			{2026, 1, 11}, 0},
		/* Midnight, the end of a month, of a year, and leap days. */
		{TOKYO, NIGHTLY, {0}, "2026-01-10 15:00", "open", "2026-01-10 11:00", "2026-01-10 20:00",
			{2026, 1, 10}, 0},
		{TOKYO, NIGHTLY, {0}, "2025-12-31 15:00", "open", "2025-12-31 11:00", "2025-12-31 20:00",
			{2025, 12, 31}, 0},
		{TOKYO, NIGHTLY, {0}, "2028-02-29 16:00", "open", "2028-02-29 11:00", "2028-02-29 20:00",
			{2028, 2, 29}, 0},
		{TOKYO, NIGHTLY, {0}, "2028-02-28 20:00", "outside-window", "2028-02-29 11:00", "2028-02-29 20:00",
			{2028, 2, 29}, 0},
		{TOKYO, NIGHTLY, {0}, "2027-02-28 20:00", "outside-window", "2027-03-01 11:00", "2027-03-01 20:00",
			{2027, 3, 1}, 0},
		/* 2026-01-10 is a Saturday. */
		{TOKYO, "mon-fri,20:00-05:00", {0}, "2026-01-09 15:00", "open", "2026-01-09 11:00",
			"2026-01-09 20:00", {2026, 1, 9}, 0},
		{TOKYO, "mon-fri,20:00-05:00", {0}, "2026-01-10 12:00", "outside-window", "2026-01-12 11:00",
			"2026-01-12 20:00", {2026, 1, 12}, 0},
		/* Several windows; those that touch are one. */
		{TOKYO, "20:00-22:00,23:00-24:00", {0}, "2026-01-10 13:30", "outside-window", "2026-01-10 14:00",
			"2026-01-10 15:00", {2026, 1, 10}, 0},
		{TOKYO, "20:00-22:00,21:00-24:00", {0}, "2026-01-10 12:30", "open", "2026-01-10 11:00",
			"2026-01-10 15:00", {2026, 1, 10}, 0},
		{TOKYO, "00:00-24:00", {0}, "2026-01-10 15:00", "open", "2026-01-10 15:00", "2026-01-11 15:00",
			{2026, 1, 11}, 0},
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST_CASE(test_nights_have_8_or_10_hours_where_clocks_change)
{
	static const struct row rows[] = {
		{"Europe/Berlin", NIGHTLY, {0}, "2026-03-28 20:00", "open", "2026-03-28 19:00", "2026-03-29 03:00",
			{2026, 3, 28}, 0},
		{"Europe/Berlin", NIGHTLY, {0}, "2026-10-25 03:59", "open", "2026-10-24 18:00", "2026-10-25 04:00",
			{2026, 10, 24}, 0},
		{"America/New_York", NIGHTLY, {0}, "2026-03-08 08:00", "open", "2026-03-08 01:00", "2026-03-08 09:00",
			{2026, 3, 7}, 0},
		{"America/New_York", NIGHTLY, {0}, "2026-11-01 09:30", "open", "2026-11-01 00:00", "2026-11-01 10:00",
			{2026, 10, 31}, 0},
		/* A window that the clocks jump over does not open that night. */
		{"Europe/Berlin", "02:00-02:30", {0}, "2026-03-29 00:30", "outside-window", "2026-03-30 00:00",
			"2026-03-30 00:30", {2026, 3, 30}, 0},
		{"Europe/Berlin", "02:30-04:00", {0}, "2026-03-29 00:59", "outside-window", "2026-03-29 01:00",
			"2026-03-29 02:00", {2026, 3, 29}, 0},
		/* One that comes twice opens once. */
		{"Europe/Berlin", "02:00-02:30", {0}, "2026-10-25 01:10", "outside-window", "2026-10-26 01:00",
			"2026-10-26 01:30", {2026, 10, 26}, 0},
		{"Europe/Berlin", "00:00-24:00", {0}, "2026-10-25 12:00", "open", "2026-10-24 22:00",
			"2026-10-25 23:00", {2026, 10, 25}, 0},
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST_CASE(test_a_campaign_has_its_nights)
{
	static const struct row rows[] = {
		{TOKYO, NIGHTLY, {&field}, "2026-01-10 12:00", "campaign-not-begun", "2026-01-19 11:00",
			"2026-01-19 20:00", {2026, 1, 19}, 150},
		/* In the morning of the 19th the night of the 18th still runs: not yet. */
		{TOKYO, NIGHTLY, {&field}, "2026-01-18 16:00", "campaign-not-begun", "2026-01-19 11:00",
			"2026-01-19 20:00", {2026, 1, 19}, 150},
		{TOKYO, NIGHTLY, {&field}, "2026-01-19 11:00", "open", "2026-01-19 11:00", "2026-01-19 20:00",
			{2026, 1, 19}, 150},
		{TOKYO, NIGHTLY, {&field}, "2026-01-20 03:00", "outside-window", "2026-01-20 11:00",
			"2026-01-20 20:00", {2026, 1, 20}, 150},
		/* The night that begins on the 25th is left out, its morning too; the morning of the 25th is the
		   24th's. */
		{TOKYO, NIGHTLY, {&field}, "2026-01-24 19:00", "open", "2026-01-24 11:00", "2026-01-24 20:00",
			{2026, 1, 24}, 150},
		{TOKYO, NIGHTLY, {&field}, "2026-01-25 12:00", "night-left-out", "2026-01-26 11:00",
			"2026-01-26 20:00", {2026, 1, 26}, 150},
		{TOKYO, NIGHTLY, {&field}, "2026-01-25 19:00", "night-left-out", "2026-01-26 11:00",
			"2026-01-26 20:00", {2026, 1, 26}, 150},
		{TOKYO, NIGHTLY, {&field}, "2026-01-25 21:00", "outside-window", "2026-01-26 11:00",
			"2026-01-26 20:00", {2026, 1, 26}, 150},
		/* The last night ends on the 31st at 05:00; then it is all day. */
		{TOKYO, NIGHTLY, {&field}, "2026-01-30 19:59", "open", "2026-01-30 11:00", "2026-01-30 20:00",
			{2026, 1, 30}, 150},
		{TOKYO, NIGHTLY, {&field}, "2026-01-30 20:00", "open", "2026-01-30 15:00", "2026-01-31 15:00",
			{2026, 1, 31}, 150},
		{TOKYO, NIGHTLY, {&field}, "2026-02-10 03:00", "open", "2026-02-09 15:00", "2026-02-10 15:00",
			{2026, 2, 10}, 150},
		{TOKYO, NIGHTLY, {&narrow}, "2026-02-10 03:00", "outside-window", "2026-02-10 11:00",
			"2026-02-10 20:00", {2026, 2, 10}, 0},
		{TOKYO, NIGHTLY, {&once}, "2026-01-30 20:00", "campaign-over", "never", "never", {0}, 150},
		{TOKYO, NIGHTLY, {&once}, "2026-02-10 12:00", "campaign-over", "never", "never", {0}, 150},
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST_CASE(test_the_narrower_of_terminal_and_campaign_holds)
{
	static const struct row rows[] = {
		{TOKYO, NIGHTLY, {&narrow}, "2026-01-20 12:00", "outside-campaign-window", "2026-01-20 13:00",
			"2026-01-20 17:00", {2026, 1, 20}, 150},
		{TOKYO, "23:00-05:00", {&narrow}, "2026-01-20 13:30", "outside-window", "2026-01-20 14:00",
			"2026-01-20 17:00", {2026, 1, 20}, 150},
		/* The terminal's window begins behind midnight; the night is the campaign's. */
		{TOKYO, "00:00-05:00", {&narrow}, "2026-01-20 16:00", "open", "2026-01-20 15:00", "2026-01-20 17:00",
			{2026, 1, 20}, 150},
		{TOKYO, "00:00-05:00", {&field}, "2026-01-25 16:00", "night-left-out", "2026-01-26 15:00",
			"2026-01-26 20:00", {2026, 1, 26}, 150},
		/* Both never meet. */
		{TOKYO, NIGHTLY, {&by_day}, "2026-01-20 12:00", "outside-campaign-window", "2026-01-31 11:00",
			"2026-01-31 20:00", {2026, 1, 31}, 150},
		{TOKYO, NIGHTLY, {&unreadable}, "2026-01-20 12:00", "open", "2026-01-20 11:00", "2026-01-20 20:00",
			{2026, 1, 20}, 150},
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST_CASE(test_of_two_campaigns_the_one_that_runs_decides)
{
	static const struct row rows[] = {
		{TOKYO, NIGHTLY, {&field, &spring}, "2026-02-20 03:00", "open", "2026-02-19 15:00",
			"2026-02-20 15:00", {2026, 2, 20}, 150},
		{TOKYO, NIGHTLY, {&spring, &field}, "2026-03-01 03:00", "outside-window", "2026-03-01 11:00",
			"2026-03-01 20:00", {2026, 3, 1}, 151},
		{TOKYO, NIGHTLY, {&field, &spring}, "2026-03-11 03:00", "open", "2026-03-10 15:00",
			"2026-03-11 15:00", {2026, 3, 11}, 151},
		{TOKYO, NIGHTLY, {&field, &spring}, "2026-01-01 03:00", "campaign-not-begun", "2026-01-19 11:00",
			"2026-01-19 20:00", {2026, 1, 19}, 150},
		{TOKYO, NIGHTLY, {&once, &spring}, "2026-02-10 12:00", "campaign-over", "2026-03-01 11:00",
			"2026-03-01 20:00", {2026, 3, 1}, 150},
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST_CASE(test_a_campaign_leaves_other_packages_alone)
{
	static const struct row row = {TOKYO, NIGHTLY, {&for_one}, NULL, NULL, NULL, NULL, {0}, 0};
	struct schedule_answer answer;

	ask(&row, "linkage-app", wall_utc("2026-01-10 12:00"), &answer);
	assert_int_equal(answer.reason, SCHEDULE_OPEN);
	assert_int_equal(answer.campaign, 0);
	ask(&row, "face-library", wall_utc("2026-01-10 12:00"), &answer);
	assert_int_equal(answer.reason, SCHEDULE_CAMPAIGN_NOT_BEGUN);
	ask(&row, "linkage-app", wall_utc("2026-02-10 03:00"), &answer);
	assert_int_equal(answer.reason, SCHEDULE_OUTSIDE_WINDOW);
}

TEST_CASE(test_the_terminal_asks_the_server_every_night_whatever_campaigns_say)
{
	static const struct row by_package = {TOKYO, NIGHTLY, {&for_one}, NULL, NULL, NULL, NULL, {0}, 0};
	static const struct row for_all = {TOKYO, NIGHTLY, {&field}, NULL, NULL, NULL, NULL, {0}, 0};
	static const struct row over = {TOKYO, NIGHTLY, {&once}, NULL, NULL, NULL, NULL, {0}, 0};
	struct schedule_answer answer;

	ask(&for_all, NULL, wall_utc("2026-01-10 12:00"), &answer);
	assert_int_equal(answer.reason, SCHEDULE_OPEN);
	ask(&for_all, NULL, wall_utc("2026-01-25 12:00"), &answer);
	assert_int_equal(answer.reason, SCHEDULE_OPEN);
	ask(&over, NULL, wall_utc("2026-02-10 12:00"), &answer);
	assert_int_equal(answer.reason, SCHEDULE_OPEN);
	ask(&over, NULL, wall_utc("2026-02-10 03:00"), &answer);
	assert_int_equal(answer.reason, SCHEDULE_OUTSIDE_WINDOW);
	/* All day for one package is all day for asking. */
	ask(&by_package, NULL, wall_utc("2026-02-10 03:00"), &answer);
	assert_int_equal(answer.reason, SCHEDULE_OPEN);
	assert_true(answer.all_day);
	ask(&for_all, NULL, wall_utc("2026-02-10 03:00"), &answer);
	assert_true(answer.all_day);
}

static struct schedule_answer ask_disabled(const char *now, int64_t until_s)
{
	AUTO(zone) struct zone *zone = wall_zone(TOKYO);
	struct schedule_own own = {0};
	struct schedule_answer answer;
	struct error err;

	assert_ok(window_list_parse(NIGHTLY, &own.windows, &err), &err);
	schedule_ask(&(struct schedule_rules){zone, &own, NULL, 0, until_s}, NULL, wall_utc(now), &answer);
	return answer;
}

TEST_CASE(test_disabled_goes_before_everything)
{
	struct schedule_answer answer = ask_disabled("2026-01-10 12:00", SCHEDULE_NEVER);

	assert_int_equal(answer.reason, SCHEDULE_DISABLED);
	assert_true(answer.opens_s == SCHEDULE_NEVER && answer.closes_s == SCHEDULE_NEVER);
	/* Until 23:00 in Tokyo: it goes on in the middle of the window. */
	answer = ask_disabled("2026-01-10 12:00", wall_utc("2026-01-10 14:00"));
	assert_int_equal(answer.reason, SCHEDULE_DISABLED);
	assert_true(
		answer.opens_s == wall_utc("2026-01-10 14:00") && answer.closes_s == wall_utc("2026-01-10 20:00"));
	answer = ask_disabled("2026-01-10 12:00", wall_utc("2026-01-11 02:00"));
	assert_true(answer.opens_s == wall_utc("2026-01-11 11:00"));
	answer = ask_disabled("2026-01-10 14:00", wall_utc("2026-01-10 14:00"));
	assert_int_equal(answer.reason, SCHEDULE_OPEN);
}

TEST_CASE(test_policy_caps_how_long_it_stays_disabled)
{
	assert_true(schedule_disabled_until_s(1000, SCHEDULE_NEVER, 0) == SCHEDULE_NEVER);
	assert_true(schedule_disabled_until_s(1000, SCHEDULE_NEVER, 2) == 1000 + 2 * 86400);
	assert_true(schedule_disabled_until_s(1000, 5000, 2) == 5000);
	assert_true(schedule_disabled_until_s(1000, 5000, INT64_MAX) == 5000);
}

TEST_CASE(test_tells_the_window_after_the_next)
{
	AUTO(zone) struct zone *zone = wall_zone(TOKYO);
	struct schedule_own own = {0};
	struct schedule_rules rules = {zone, &own, &field, 1, 0};
	struct schedule_answer answer, next;
	struct error err;

	assert_ok(window_list_parse(NIGHTLY, &own.windows, &err), &err);
	schedule_ask(&rules, "face-library", wall_utc("2026-01-24 12:00"), &answer);
	schedule_ask_next(&rules, "face-library", &answer, &next);
	assert_true(next.opens_s == wall_utc("2026-01-26 11:00"));
	rules.campaigns = &once;
	schedule_ask(&rules, "face-library", wall_utc("2026-01-30 12:00"), &answer);
	schedule_ask_next(&rules, "face-library", &answer, &next);
	assert_true(next.opens_s == SCHEDULE_NEVER);
	schedule_ask_next(&rules, "face-library", &next, &answer);
	assert_true(answer.opens_s == SCHEDULE_NEVER);
}

TEST_CASE(test_a_clock_that_jumps_gets_the_answer_of_its_new_time)
{
	static const char *const nows[] = {
		"2026-01-20 12:00", "1970-01-01 00:00", "2026-01-20 03:00", "9999-12-31 00:00"};
	static const enum schedule_reason reasons[] = {
		SCHEDULE_OPEN, SCHEDULE_CAMPAIGN_NOT_BEGUN, SCHEDULE_OUTSIDE_WINDOW, SCHEDULE_OUTSIDE_WINDOW};
	static const struct row row = {TOKYO, NIGHTLY, {&narrow}, NULL, NULL, NULL, NULL, {0}, 0};
	struct schedule_answer answer;

	for (size_t i = 0; i < ARRAY_SIZE(nows); i++) {
		ask(&row, "face-library", wall_utc(nows[i]) + (i == 0 ? 2 * 3600 : 0), &answer);
		assert_int_equal(answer.reason, reasons[i]);
	}
	ask(&row, "face-library", INT64_MIN, &answer);
	assert_int_equal(answer.reason, SCHEDULE_CAMPAIGN_NOT_BEGUN);
	ask(&row, "face-library", INT64_MAX, &answer);
	assert_true(answer.opens_s != 0);
}

TESTS(NULL, NULL)
