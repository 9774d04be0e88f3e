#include "scheduler/window.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "scheduler/zone.h"

#define EVERY_DAY 0x7fu
#define PART_MAX 64

static const char *const weekday_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

/* One group of the text: weekdays, then hours. */
struct group {
	unsigned weekdays;
	bool has_hours;
};

int window_weekday(const struct night_date *date)
{
	return (int)(((night_date_days(date) + 4) % 7 + 7) % 7);
}

bool window_begins_on(const struct window *window, const struct night_date *date)
{
	return window->weekdays >> window_weekday(date) & 1;
}

/* The weekday that TEXT begins with, or -1. */
static int take_weekday(const char **text)
{
	for (int i = 0; i < 7; i++)
		if (strncmp(*text, weekday_names[i], 3) == 0) {
			*text += 3;
			return i;
		}
	return -1;
}

/* "mon" or "fri-sun" as bits. */
static int parse_weekdays(const char *part, unsigned *ret_weekdays, struct error *err)
{
	const char *at = part;
	int first = take_weekday(&at), last = first;

	if (first >= 0 && *at == '-') {
		at++;
		last = take_weekday(&at);
	}
	if (first < 0 || last < 0 || *at)
		return error_set(err, ERROR_INPUT,
			"'%s' is neither hours such as 20:00-05:00 nor weekdays such as mon-fri", part);
	for (int day = first;; day = (day + 1) % 7) {
		*ret_weekdays |= 1u << day;
		if (day == last)
			return 0;
	}
}

/* "20:00" or "9:30" in minutes; 24:00 is the end of a day. */
static bool take_minutes(const char **text, int *ret_minutes)
{
	int hour, minute, used = 0;

	if (!isdigit((unsigned char)**text) || sscanf(*text, "%2d:%n", &hour, &used) != 1 || used == 0)
		return false;
	*text += used;
	if (!isdigit((unsigned char)(*text)[0]) || !isdigit((unsigned char)(*text)[1]))
		return false;
	minute = ((*text)[0] - '0') * 10 + (*text)[1] - '0';
	*text += 2;
	if (hour > 24 || minute > 59 || (hour == 24 && minute > 0))
		return false;
	*ret_minutes = hour * 60 + minute;
	return true;
}

static int parse_hours(const char *part, struct window *ret_window, struct error *err)
{
	const char *at = part;
	int opens_min, closes_min;

	if (!take_minutes(&at, &opens_min) || *at++ != '-' || !take_minutes(&at, &closes_min) || *at ||
		opens_min == 1440)
		return error_set(err, ERROR_INPUT, "'%s' is not hours such as 20:00-05:00", part);
	if (opens_min == closes_min)
		return error_set(err, ERROR_INPUT, "'%s' begins when it ends; a whole day is 00:00-24:00", part);
	ret_window->opens_min = opens_min;
	ret_window->closes_min = closes_min > opens_min ? closes_min : closes_min + 1440;
	return 0;
}

static int add_window(struct window_list *list, const struct window *window, struct error *err)
{
	if (list->count == WINDOW_LIST_MAX)
		return error_set(err, ERROR_INPUT, "more than %d windows", WINDOW_LIST_MAX);
	list->windows[list->count++] = *window;
	return 0;
}

/* Weekdays without hours are refused: "mon-fri 20:00-05:00" would otherwise mean whole days. */
static int end_group(struct group *group, struct error *err)
{
	if (group->weekdays && !group->has_hours)
		return error_set(err, ERROR_INPUT, "weekdays without hours; write mon-fri,20:00-05:00");
	*group = (struct group){0};
	return 0;
}

/* Steps over what stands between two parts; true if it begins another group: blanks alone, or two commas. */
static bool skip_separator(const char **text)
{
	int commas = 0;

	for (; **text && strchr(", \t", **text); (*text)++)
		commas += **text == ',';
	return commas != 1;
}

static int take_part(struct window_list *list, struct group *group, const char *part, struct error *err)
{
	struct window window;

	if (!isdigit((unsigned char)part[0])) {
		if (group->has_hours)
			return error_set(err, ERROR_INPUT,
				"'%s' stands behind hours; weekdays come first, and ',,' begins "
				"the next windows",
				part);
		return parse_weekdays(part, &group->weekdays, err);
	}
	if (parse_hours(part, &window, err) < 0)
		return -1;
	window.weekdays = group->weekdays ? group->weekdays : EVERY_DAY;
	group->has_hours = true;
	return add_window(list, &window, err);
}

int window_list_parse(const char *text, struct window_list *ret_list, struct error *err)
{
	struct window_list list = {0};
	struct group group = {0};
	char part[PART_MAX];

	while (*text) {
		size_t len = strcspn(text, ", \t");

		if (len >= sizeof(part))
			return error_set(err, ERROR_INPUT, "'%s' is not hours such as 20:00-05:00", text);
		(void)snprintf(part, sizeof(part), "%.*s", (int)len, text);
		if (len > 0 && take_part(&list, &group, part, err) < 0)
			return -1;
		text += len;
		if (skip_separator(&text) && end_group(&group, err) < 0)
			return -1;
	}
	if (end_group(&group, err) < 0)
		return -1;
	if (list.count == 0)
		return error_set(err, ERROR_INPUT, "no window; write hours such as 20:00-05:00");
	*ret_list = list;
	return 0;
}
