#include "scheduler/rate.h"

#include <stdio.h>
#include <string.h>

#include "common/number.h"
#include "scheduler/schedule.h"

#define PART_MAX 128

static int parse_part(const char *part, struct rate_hours *ret_hours, struct error *err)
{
	const char *speed = strchr(part, '=');
	char windows[PART_MAX];

	if (!speed)
		return error_set(err, ERROR_INPUT, "'%s' is not hours with a speed, such as 08:00-12:00=64K", part);
	(void)snprintf(windows, sizeof(windows), "%.*s", (int)(speed - part), part);
	if (window_list_parse(windows, &ret_hours->windows, err) < 0 ||
		number_parse(speed + 1, &number_sizes, &ret_hours->bytes_per_s, err) < 0)
		return -1;
	if (ret_hours->bytes_per_s && ret_hours->bytes_per_s < RATE_LEAST)
		return error_set(err, ERROR_INPUT, "'%s' is slower than %d bytes each second", part, RATE_LEAST);
	return 0;
}

int rate_hours_parse(const char *text, struct rate_hours_list *ret_list, struct error *err)
{
	struct rate_hours_list list = {0};
	char part[PART_MAX];

	for (text += strspn(text, " \t"); *text; text += strspn(text, " \t")) {
		size_t len = strcspn(text, " \t");

		if (len >= sizeof(part))
			return error_set(err, ERROR_INPUT, "'%s' is too long", text);
		if (list.count == RATE_HOURS_MAX)
			return error_set(err, ERROR_INPUT, "more than %d limits by hour", RATE_HOURS_MAX);
		(void)snprintf(part, sizeof(part), "%.*s", (int)len, text);
		if (parse_part(part, &list.items[list.count], err) < 0)
			return -1;
		list.count++;
		text += len;
	}
	*ret_list = list;
	return 0;
}

static bool is_within(const struct rate_rules *rules, const struct window_list *windows, int64_t now_s)
{
	const struct schedule_own own = {.windows = *windows};
	const struct schedule_rules hours = {.zone = rules->zone, .own = &own};
	struct schedule_answer answer;

	schedule_ask(&hours, NULL, now_s, &answer);
	return answer.reason == SCHEDULE_OPEN;
}

int64_t rate_at(const struct rate_rules *rules, int64_t now_s)
{
	for (size_t i = 0; i < rules->hours->count; i++)
		if (is_within(rules, &rules->hours->items[i].windows, now_s))
			return rules->hours->items[i].bytes_per_s;
	return is_within(rules, rules->windows, now_s) ? rules->inside : rules->outside;
}
