/* The schedule against a slow and obvious model: minute by minute, with the C library's clock on the wall, seen as
 * one that never goes back (in the hour that comes twice it stands still). HAISHIN_TEST_SEED chooses other cases. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/auto.h"
#include "scheduler/schedule.h"
#include "tests/scheduler/wall.h"

#define CASES 150
#define DAYS 16
#define MINUTES (DAYS * 1440)
#define ASKED_FROM (4 * 1440)
#define ASKED_TO (11 * 1440)
#define QUESTIONS 120

static const char *const zones[] = {"Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"};
static const char *const starts[] = {"2026-03-22 00:00", "2026-10-18 00:00", "2026-03-01 00:00", "2026-10-25 00:00",
	"2025-12-24 00:00", "2028-02-20 00:00", "2026-03-30 00:00"};

struct model {
	uint64_t seed;
	struct schedule_own own;
	struct campaign campaigns[3];
	char texts[3][64];
	struct night_date left_out[3][3];
	size_t count;
	int64_t start_s;
	int64_t wall[MINUTES]; /* minutes since 1970 as the wall shows them, never going back */
	bool open[MINUTES];
};

static int64_t pick_minutes(struct model *m)
{
	static const int64_t likely[] = {0, 60, 120, 150, 180, 300, 1200, 1320, 1439};

	return wall_random(&m->seed, 2) ? likely[wall_random(&m->seed, ARRAY_SIZE(likely))]
					: wall_random(&m->seed, 1440);
}

static void pick_windows(struct model *m, char *ret_text, size_t size)
{
	static const char *const weekdays[] = {"", "mon-fri,", "sat,sun,", "sun,", "thu-tue,"};
	size_t len = 0;

	for (uint32_t i = 0, count = 1 + wall_random(&m->seed, 2); i < count; i++) {
		int opens = (int)pick_minutes(m), closes = (int)pick_minutes(m);

		if (opens == closes)
			closes = (closes + 1) % 1440;
		len += (size_t)snprintf(ret_text + len, size - len, "%s%s%d:%02d-%d:%02d", i ? ",," : "",
			weekdays[wall_random(&m->seed, ARRAY_SIZE(weekdays))], opens / 60, opens % 60, closes / 60,
			closes % 60);
	}
}

static void pick_campaign(struct model *m, size_t i)
{
	int64_t first = m->start_s / 86400 + wall_random(&m->seed, DAYS), last = first + wall_random(&m->seed, 8);
	struct campaign *c = &m->campaigns[i];

	*c = (struct campaign){.number = (int64_t)(100 + i),
		.title = "",
		.left_out = m->left_out[i],
		.left_out_count = wall_random(&m->seed, 4),
		.afterwards = wall_random(&m->seed, 3)};
	night_date_of_days(first, &c->first_night);
	night_date_of_days(last, &c->last_night);
	for (size_t j = 0; j < c->left_out_count; j++)
		night_date_of_days(first + wall_random(&m->seed, 8), &m->left_out[i][j]);
	if (wall_random(&m->seed, 2)) {
		pick_windows(m, m->texts[i], sizeof(m->texts[i]));
		c->window = m->texts[i];
	}
}

/* Does a window of LIST that begins on that day show at that minute of the wall? */
static bool list_is_open(const struct window_list *list, int64_t day, int64_t minute)
{
	int weekday = (int)((day + 4) % 7);

	for (size_t i = 0; i < list->count; i++)
		if (list->windows[i].weekdays & 1u << weekday && minute >= day * 1440 + list->windows[i].opens_min &&
			minute < day * 1440 + list->windows[i].closes_min)
			return true;
	return false;
}

static bool is_before(const struct night_date *a, const struct night_date *b)
{
	return a->year * 10000 + a->month * 100 + a->day < b->year * 10000 + b->month * 100 + b->day;
}

/* The campaign that runs that day and began last, or the one that ended last; campaigns are by number. */
static const struct campaign *model_campaign(const struct model *m, const struct night_date *date, bool running)
{
	const struct campaign *best = NULL;

	for (size_t i = 0; i < m->count; i++) {
		const struct campaign *c = &m->campaigns[i];
		const struct night_date *mark = running ? &c->first_night : &c->last_night;

		if (running ? is_before(date, &c->first_night) || is_before(&c->last_night, date)
			    : !is_before(&c->last_night, date))
			continue;
		if (!best || !is_before(mark, running ? &best->first_night : &best->last_night))
			best = c;
	}
	return best;
}

/* Is the night of that day open at that minute of the wall? */
static bool night_is_open(const struct model *m, int64_t day, int64_t minute)
{
	const struct campaign *c;
	struct window_list theirs;
	struct night_date date;

	night_date_of_days(day, &date);
	if ((c = model_campaign(m, &date, true))) {
		for (size_t i = 0; i < c->left_out_count; i++)
			if (!is_before(&date, &c->left_out[i]) && !is_before(&c->left_out[i], &date))
				return false;
		if (!c->window)
			return list_is_open(&m->own.windows, day, minute);
		return window_list_parse(c->window, &theirs, NULL) == 0 && list_is_open(&theirs, day, minute) &&
		       (list_is_open(&m->own.windows, day - 1, minute) || list_is_open(&m->own.windows, day, minute) ||
			       list_is_open(&m->own.windows, day + 1, minute));
	}
	if ((c = model_campaign(m, &date, false)))
		return c->afterwards == CAMPAIGN_AFTERWARDS_ALL_DAY ? minute / 1440 == day
								    : c->afterwards == CAMPAIGN_AFTERWARDS_NIGHTLY &&
									      list_is_open(&m->own.windows, day, minute);
	return m->count == 0 && list_is_open(&m->own.windows, day, minute);
}

static void fill(struct model *m)
{
	for (int i = 0; i < MINUTES; i++) {
		struct tm wall;
		int64_t shown;

		wall_at(m->start_s + i * INT64_C(60), &wall);
		shown = timegm(&wall) / 60;
		m->wall[i] = i > 0 && m->wall[i - 1] > shown ? m->wall[i - 1] : shown;
		m->open[i] = false;
		for (int64_t day = m->wall[i] / 1440 - 2; day <= m->wall[i] / 1440; day++)
			m->open[i] = m->open[i] || night_is_open(m, day, m->wall[i]);
	}
}

static const char *differs(const struct model *m, const struct schedule_answer *answer, int at)
{
	int64_t now_s = m->start_s + at * INT64_C(60);
	int next = at;

	if ((answer->reason == SCHEDULE_OPEN) != m->open[at])
		return "open or not";
	if (m->open[at]) {
		if (answer->opens_s > now_s || answer->closes_s <= now_s)
			return "the window that is open";
		for (; next < MINUTES && m->start_s + next * INT64_C(60) < answer->closes_s; next++)
			if (!m->open[next])
				return "the end";
		return NULL;
	}
	while (next < MINUTES && !m->open[next])
		next++;
	if (next < MINUTES && answer->opens_s != m->start_s + next * INT64_C(60))
		return "the next opening";
	if (next == MINUTES && answer->opens_s < m->start_s + MINUTES * INT64_C(60))
		return "no opening";
	return NULL;
}

static void check_case(struct model *m, uint64_t first_seed, int number)
{
	const char *zone_name = zones[wall_random(&m->seed, ARRAY_SIZE(zones))], *wrong;
	AUTO(zone) struct zone *zone = wall_zone(zone_name);
	char text[160];
	struct error err;
	struct schedule_rules rules = {.zone = zone, .own = &m->own, .campaigns = m->campaigns};

	wall_set_zone(zone_name);
	m->start_s = wall_utc(starts[wall_random(&m->seed, ARRAY_SIZE(starts))]);
	pick_windows(m, text, sizeof(text));
	assert_ok(window_list_parse(text, &m->own.windows, &err), &err);
	rules.campaigns_count = m->count = wall_random(&m->seed, 4);
	for (size_t i = 0; i < m->count; i++)
		pick_campaign(m, i);
	fill(m);
	for (int i = 0; i < QUESTIONS; i++) {
		int at = ASKED_FROM + (int)wall_random(&m->seed, ASKED_TO - ASKED_FROM);
		struct schedule_answer answer;
		char now[32], opens[32], closes[32];

		schedule_ask(&rules, "face-library", m->start_s + at * INT64_C(60), &answer);
		if ((wrong = differs(m, &answer, at)))
			fail_msg("HAISHIN_TEST_SEED=%llu case %d: %s, '%s', %zu campaigns, at %s UTC: %s differs: "
				 "%s, %s to %s",
				(unsigned long long)first_seed, number, zone_name, text, m->count,
				wall_text(m->start_s + at * INT64_C(60), now), wrong,
				schedule_reason_name(answer.reason), wall_text(answer.opens_s, opens),
				wall_text(answer.closes_s, closes));
	}
}

TEST_CASE(test_agrees_with_the_model_in_random_cases)
{
	const char *given = getenv("HAISHIN_TEST_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 20260119;
	struct model *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->seed = seed;
	for (int i = 0; i < CASES; i++)
		check_case(m, seed, i);
	free(m);
}

TESTS(NULL, NULL)
