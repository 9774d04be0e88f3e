#include "scheduler/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "common/auto.h"

/* A clock that shows less or more than these is moved into them: no date beyond the years 1970 to 9999. */
#define EARLIEST_S (10 * INT64_C(86400))
#define LATEST_S ((INT64_C(2932896) - 800) * 86400)
#define LAST_DAY (INT64_C(2932896) - 400)

/* How many nights are looked at for the next opening. Jumps over nights before a campaign are not counted. */
#define NIGHTS_LOOKED_AT 1200

#define SPANS_MAX (4 * WINDOW_LIST_MAX) /* the windows of three days, cut by those of a campaign */

/* A stretch of time, [OPENS, CLOSES). */
struct span {
	int64_t opens_s, closes_s;
};

struct spans {
	struct span spans[SPANS_MAX];
	size_t count;
};

/* What holds for a package in one night. */
struct ruling {
	enum schedule_reason reason; /* SCHEDULE_OPEN: its windows are open */
	bool all_day;
	const struct campaign *campaign; /* that decides; NULL: none */
};

static bool concerns(const struct campaign *campaign, const char *package)
{
	for (size_t i = 0; i < campaign->packages_count; i++)
		if (strcmp(campaign->packages[i], package) == 0)
			return true;
	return campaign->packages_count == 0;
}

static bool is_left_out(const struct campaign *campaign, int64_t day)
{
	for (size_t i = 0; i < campaign->left_out_count; i++)
		if (night_date_days(&campaign->left_out[i]) == day)
			return true;
	return false;
}

static bool is_later(const struct night_date *a, const struct campaign *a_campaign, const struct night_date *b,
	const struct campaign *b_campaign)
{
	int64_t a_day = night_date_days(a), b_day = night_date_days(b);

	return a_day > b_day || (a_day == b_day && a_campaign->number > b_campaign->number);
}

/* The campaign that decides about a night: of those that run, the one that began last; else of those that are over,
 * the one that ended last; else the first to begin. */
static const struct campaign *deciding_campaign(const struct schedule_rules *rules, const char *package, int64_t day)
{
	const struct campaign *runs = NULL, *over = NULL, *to_come = NULL;

	for (size_t i = 0; i < rules->campaigns_count; i++) {
		const struct campaign *c = &rules->campaigns[i];

		if (!concerns(c, package))
			continue;
		if (day < night_date_days(&c->first_night)) {
			if (!to_come || is_later(&to_come->first_night, to_come, &c->first_night, c))
				to_come = c;
		} else if (day > night_date_days(&c->last_night)) {
			if (!over || is_later(&c->last_night, c, &over->last_night, over))
				over = c;
		} else if (!runs || is_later(&c->first_night, c, &runs->first_night, runs)) {
			runs = c;
		}
	}
	return runs ? runs : over ? over : to_come;
}

static struct ruling rule_package(const struct schedule_rules *rules, const char *package, int64_t day)
{
	const struct campaign *c = deciding_campaign(rules, package, day);

	if (!c)
		return (struct ruling){SCHEDULE_OPEN, false, NULL};
	if (day < night_date_days(&c->first_night))
		return (struct ruling){SCHEDULE_CAMPAIGN_NOT_BEGUN, false, c};
	if (day <= night_date_days(&c->last_night))
		return (struct ruling){is_left_out(c, day) ? SCHEDULE_NIGHT_LEFT_OUT : SCHEDULE_OPEN, false, c};
	switch (c->afterwards) {
	case CAMPAIGN_AFTERWARDS_ALL_DAY:
		return (struct ruling){SCHEDULE_OPEN, true, c};
	case CAMPAIGN_AFTERWARDS_NONE:
		return (struct ruling){SCHEDULE_CAMPAIGN_OVER, false, c};
	case CAMPAIGN_AFTERWARDS_NIGHTLY:
		break;
	}
	return (struct ruling){SCHEDULE_OPEN, false, NULL};
}

/* The terminal as a whole: its own windows, and all day where that holds for any package that a campaign names. */
static struct ruling rule_terminal(const struct schedule_rules *rules, int64_t day)
{
	for (size_t i = 0; i < rules->campaigns_count; i++) {
		const struct campaign *c = &rules->campaigns[i];
		/* A campaign for all is asked about with a name that no other campaign has. */
		const char *all[] = {""}, **names = c->packages_count ? c->packages : all;

		for (size_t j = 0; j < (c->packages_count ? c->packages_count : 1); j++) {
			struct ruling ruling = rule_package(rules, names[j], day);

			if (ruling.all_day)
				return ruling;
		}
	}
	return (struct ruling){SCHEDULE_OPEN, false, NULL};
}

/* Whether delivery may run in the night of that day. What the terminal's own settings forbid is asked here, in front of campaigns, so
 * that it holds for the whole and for each package alike, and everybody who asks is told the same reason. */
static struct ruling rule(const struct schedule_rules *rules, const char *package, int64_t day)
{
	return package ? rule_package(rules, package, day) : rule_terminal(rules, day);
}

static void add_span(struct spans *spans, int64_t opens_s, int64_t closes_s)
{
	if (opens_s < closes_s && spans->count < SPANS_MAX)
		spans->spans[spans->count++] = (struct span){opens_s, closes_s};
}

static int compare_spans(const void *left, const void *right)
{
	const struct span *a = left, *b = right;

	return (a->opens_s > b->opens_s) - (a->opens_s < b->opens_s);
}

/* Sorts them and joins those that touch. */
static void join_spans(struct spans *spans)
{
	size_t kept = 0;

	qsort(spans->spans, spans->count, sizeof(*spans->spans), compare_spans);
	for (size_t i = 0; i < spans->count; i++) {
		struct span *last = kept ? &spans->spans[kept - 1] : NULL;

		if (!last || spans->spans[i].opens_s > last->closes_s)
			spans->spans[kept++] = spans->spans[i];
		else if (spans->spans[i].closes_s > last->closes_s)
			last->closes_s = spans->spans[i].closes_s;
	}
	spans->count = kept;
}

/* Adds the windows of LIST that begin on that day. */
static void add_windows(const struct zone *zone, const struct window_list *list, int64_t day, struct spans *spans)
{
	struct night_date date;

	night_date_of_days(day, &date);
	for (size_t i = 0; i < list->count; i++)
		if (window_begins_on(&list->windows[i], &date))
			add_span(spans, zone_to_utc(zone, &date, list->windows[i].opens_min * INT64_C(60)),
				zone_to_utc(zone, &date, list->windows[i].closes_min * INT64_C(60)));
}

/* The campaign's windows of that night, each as far as the terminal's own allow. The terminal's may begin on the day
 * before, or behind midnight on the day after. */
static void add_campaign_windows(
	const struct schedule_rules *rules, const struct window_list *list, int64_t day, struct spans *ret_spans)
{
	struct spans theirs = {.count = 0}, own = {.count = 0};

	add_windows(rules->zone, list, day, &theirs);
	for (int64_t near = day - 1; near <= day + 1; near++)
		add_windows(rules->zone, &rules->own->windows, near, &own);
	join_spans(&theirs);
	join_spans(&own);
	for (size_t i = 0; i < theirs.count; i++)
		for (size_t j = 0; j < own.count; j++) {
			const struct span *a = &theirs.spans[i], *b = &own.spans[j];

			add_span(ret_spans, a->opens_s > b->opens_s ? a->opens_s : b->opens_s,
				a->closes_s < b->closes_s ? a->closes_s : b->closes_s);
		}
}

/* When delivery is open in the night of that day under RULING, sorted; none where the ruling is that it is closed. A
 * campaign whose window cannot be read narrows nothing. */
static void open_spans(
	const struct schedule_rules *rules, const struct ruling *ruling, int64_t day, struct spans *ret_spans)
{
	struct window_list list;
	struct night_date date;

	ret_spans->count = 0;
	night_date_of_days(day, &date);
	if (ruling->reason != SCHEDULE_OPEN)
		return;
	if (ruling->all_day)
		add_span(ret_spans, zone_to_utc(rules->zone, &date, 0), zone_to_utc(rules->zone, &date, 86400));
	else if (ruling->campaign && ruling->campaign->window &&
		 window_list_parse(ruling->campaign->window, &list, NULL) == 0)
		add_campaign_windows(rules, &list, day, ret_spans);
	else
		add_windows(rules->zone, &rules->own->windows, day, ret_spans);
	join_spans(ret_spans);
}

/* The next day after one that is closed on which it may be otherwise. */
static int64_t next_day(const struct schedule_rules *rules, const struct ruling *ruling, int64_t day)
{
	int64_t next = INT64_MAX;

	if (ruling->reason != SCHEDULE_CAMPAIGN_NOT_BEGUN && ruling->reason != SCHEDULE_CAMPAIGN_OVER)
		return day + 1;
	for (size_t i = 0; i < rules->campaigns_count; i++) {
		int64_t first = night_date_days(&rules->campaigns[i].first_night);

		if (first > day && first < next)
			next = first;
	}
	return next;
}

/* Takes the first window of that day's night that closes after FROM_S, where it opens before that of ANSWER. */
static void find_in_night(const struct schedule_rules *rules, const struct ruling *ruling, int64_t day,
	int64_t from_s, struct schedule_answer *answer)
{
	struct spans spans;

	open_spans(rules, ruling, day, &spans);
	for (size_t i = 0; i < spans.count; i++) {
		if (spans.spans[i].closes_s <= from_s)
			continue;
		if (spans.spans[i].opens_s >= answer->opens_s)
			return;
		answer->opens_s = spans.spans[i].opens_s;
		answer->closes_s = spans.spans[i].closes_s;
		answer->all_day = ruling->all_day;
		answer->campaign = ruling->campaign ? ruling->campaign->number : 0;
		night_date_of_days(day, &answer->night);
		return;
	}
}

/* The window that is open at FROM_S, the one that opened first if several are, or the next one to open. */
static void find_window(
	const struct schedule_rules *rules, const char *package, int64_t from_s, struct schedule_answer *answer)
{
	struct night_date date;
	int64_t second, day, last_day = LAST_DAY;

	zone_to_local(rules->zone, from_s, &date, &second);
	day = night_date_days(&date) - 2; /* a window may end on the next date, and by a jump of the clocks later yet */
	for (int looked_at = 0; looked_at < NIGHTS_LOOKED_AT && day < last_day; looked_at++) {
		struct ruling ruling = rule(rules, package, day);

		find_in_night(rules, &ruling, day, from_s, answer);
		/* A window of one of the next nights may open before the last one of this night. */
		if (answer->opens_s != SCHEDULE_NEVER && last_day == LAST_DAY)
			last_day = day + 3;
		day = next_day(rules, &ruling, day);
	}
}

/* The day of the terminal's own window that is open at NOW_S or opens next: the night people mean by "tonight", whatever else forbids
 * delivery in it. */
static int64_t own_night(const struct schedule_rules *rules, int64_t now_s, bool *ret_open)
{
	const struct schedule_own own = {.windows = rules->own->windows};
	const struct schedule_rules hours = {.zone = rules->zone, .own = &own};
	struct schedule_answer answer = {.opens_s = SCHEDULE_NEVER};

	find_window(&hours, NULL, now_s, &answer);
	*ret_open = answer.opens_s <= now_s;
	return night_date_days(&answer.night);
}

/* Is NOW_S in a night that would be open, were it not left out? */
static bool is_in_night_left_out(const struct schedule_rules *rules, const char *package, int64_t day, int64_t now_s)
{
	struct ruling ruling = rule(rules, package, day);
	struct spans spans;

	if (ruling.reason != SCHEDULE_NIGHT_LEFT_OUT)
		return false;
	ruling.reason = SCHEDULE_OPEN;
	open_spans(rules, &ruling, day, &spans);
	for (size_t i = 0; i < spans.count; i++)
		if (spans.spans[i].opens_s <= now_s && now_s < spans.spans[i].closes_s)
			return true;
	return false;
}

/* Why it is closed at NOW_S, and by which campaign. */
static void explain(
	const struct schedule_rules *rules, const char *package, int64_t now_s, struct schedule_answer *answer)
{
	bool own_is_open;
	int64_t day = own_night(rules, now_s, &own_is_open);
	struct ruling ruling = rule(rules, package, day);

	answer->reason = ruling.reason;
	if (ruling.reason == SCHEDULE_OPEN)
		answer->reason = !own_is_open ? SCHEDULE_OUTSIDE_WINDOW
				 : is_in_night_left_out(rules, package, day - 1, now_s)
					 ? SCHEDULE_NIGHT_LEFT_OUT
					 : SCHEDULE_OUTSIDE_CAMPAIGN_WINDOW;
	answer->campaign = ruling.campaign ? ruling.campaign->number : 0;
}

static int64_t within_the_calendar(int64_t now_s)
{
	return now_s < EARLIEST_S ? EARLIEST_S : now_s > LATEST_S ? LATEST_S : now_s;
}

void schedule_ask(
	const struct schedule_rules *rules, const char *package, int64_t now_s, struct schedule_answer *ret_answer)
{
	struct schedule_answer answer = {.opens_s = SCHEDULE_NEVER, .closes_s = SCHEDULE_NEVER};
	bool disabled = rules->disabled_until_s != 0 && rules->disabled_until_s > now_s;
	int64_t from_s = disabled ? rules->disabled_until_s : now_s;

	now_s = within_the_calendar(now_s);
	if (from_s != SCHEDULE_NEVER)
		find_window(rules, package, within_the_calendar(from_s), &answer);
	if (disabled) {
		answer.reason = SCHEDULE_DISABLED;
		answer.campaign = 0;
		if (answer.opens_s < from_s)
			answer.opens_s = from_s;
	} else if (answer.opens_s > now_s) {
		explain(rules, package, now_s, &answer);
	}
	*ret_answer = answer;
}

void schedule_ask_next(const struct schedule_rules *rules, const char *package, const struct schedule_answer *answer,
	struct schedule_answer *ret_next)
{
	struct schedule_answer next = {.opens_s = SCHEDULE_NEVER, .closes_s = SCHEDULE_NEVER};

	if (answer->closes_s != SCHEDULE_NEVER)
		find_window(rules, package, within_the_calendar(answer->closes_s), &next);
	*ret_next = next;
}

int64_t schedule_disabled_until_s(int64_t since_s, int64_t until_s, int64_t longest_days)
{
	int64_t longest_s, cap_s;

	if (longest_days <= 0 || __builtin_mul_overflow(longest_days, INT64_C(86400), &longest_s) ||
		__builtin_add_overflow(since_s, longest_s, &cap_s))
		return until_s;
	return until_s < cap_s ? until_s : cap_s;
}

static const struct {
	const char *name, *setting;
} reasons[] = {
#define SCHEDULE_ROW(enumerator, name, setting) {name, setting},
	EACH_SCHEDULE_REASON(SCHEDULE_ROW)
#undef SCHEDULE_ROW
};

const char *schedule_reason_name(enum schedule_reason reason)
{
	return reasons[reason].name;
}

const char *schedule_reason_setting(enum schedule_reason reason)
{
	return reasons[reason].setting;
}
