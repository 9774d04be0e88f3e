#include "scheduler/zone_rule.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "manifests/catalog/night_date.h"

/* A name of letters, or of anything between < and >. */
static bool skip_name(const char **text)
{
	const char *end = *text;

	if (*end == '<') {
		if (!(end = strchr(end, '>')))
			return false;
		end++;
	} else {
		while (isalpha((unsigned char)*end))
			end++;
	}
	if (end - *text < 3)
		return false;
	*text = end;
	return true;
}

/* Digits, as a number up to HIGHEST. */
static bool take_number(const char **text, long highest, long *ret_number)
{
	char *end;
	long number;

	if (!isdigit((unsigned char)**text))
		return false;
	number = strtol(*text, &end, 10);
	if (number > highest)
		return false;
	*text = end;
	*ret_number = number;
	return true;
}

/* [+-]h[:mm[:ss]] in seconds. */
static bool take_time(const char **text, long highest_hour, int64_t *ret_seconds)
{
	bool minus = **text == '-';
	long hours, minutes = 0, seconds = 0;

	if (**text == '+' || **text == '-')
		(*text)++;
	if (!take_number(text, highest_hour, &hours))
		return false;
	if (**text == ':') {
		(*text)++;
		if (!take_number(text, 59, &minutes))
			return false;
		if (**text == ':') {
			(*text)++;
			if (!take_number(text, 59, &seconds))
				return false;
		}
	}
	*ret_seconds = (hours * 3600 + minutes * 60 + seconds) * (minus ? -1 : 1);
	return true;
}

static bool take_week_day(const char **text, struct zone_day *ret_day)
{
	long month, week, day;

	if (!take_number(text, 12, &month) || *(*text)++ != '.' || !take_number(text, 5, &week) ||
		*(*text)++ != '.' || !take_number(text, 6, &day) || month < 1 || week < 1)
		return false;
	*ret_day = (struct zone_day){ZONE_DAY_WEEK, (int)day, (int)week, (int)month, 0};
	return true;
}

/* ",DAY[/TIME]" */
static bool take_day(const char **text, struct zone_day *ret_day)
{
	long day;

	if (*(*text)++ != ',')
		return false;
	if (**text == 'M') {
		(*text)++;
		if (!take_week_day(text, ret_day))
			return false;
	} else {
		bool without_leap = **text == 'J';

		*text += without_leap;
		if (!take_number(text, 365, &day) || (without_leap && day < 1))
			return false;
		*ret_day = (struct zone_day){
			without_leap ? ZONE_DAY_WITHOUT_LEAP : ZONE_DAY_WITH_LEAP, (int)day, 0, 0, 0};
	}
	ret_day->at_s = 2 * 3600;
	if (**text != '/')
		return true;
	(*text)++;
	return take_time(text, 167, &ret_day->at_s);
}

static bool parse(const char *text, struct zone_rule *rule)
{
	if (!skip_name(&text) || !take_time(&text, 24, &rule->standard_s))
		return false;
	rule->standard_s = -rule->standard_s; /* POSIX counts westward */
	if (!*text)
		return true;
	if (!skip_name(&text))
		return false;
	rule->has_summer = true;
	rule->summer_s = rule->standard_s + 3600;
	if (*text != ',') {
		if (!take_time(&text, 24, &rule->summer_s))
			return false;
		rule->summer_s = -rule->summer_s;
	}
	return take_day(&text, &rule->summer_begins) && take_day(&text, &rule->summer_ends) && !*text;
}

int zone_rule_parse(const char *text, struct zone_rule *ret_rule, struct error *err)
{
	struct zone_rule rule = {0};

	if (!parse(text, &rule))
		return error_set(err, ERROR_INPUT, "'%s' is no rule of a time zone", text);
	*ret_rule = rule;
	return 0;
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days since 1970 of the day that a rule means in YEAR. */
static int64_t day_in_year(const struct zone_day *day, int year)
{
	int64_t new_year = night_date_days(&(struct night_date){year, 1, 1}), first, last;

	if (day->kind == ZONE_DAY_WITHOUT_LEAP)
		return new_year + day->day - 1 + (is_leap(year) && day->day >= 60);
	if (day->kind == ZONE_DAY_WITH_LEAP)
		return new_year + day->day;
	first = night_date_days(&(struct night_date){year, day->month, 1});
	last = day->month == 12 ? night_date_days(&(struct night_date){year + 1, 1, 1}) - 1
				: night_date_days(&(struct night_date){year, day->month + 1, 1}) - 1;
	first += ((day->day - (first + 4)) % 7 + 7) % 7; /* the first such weekday: 1970 began on a Thursday */
	first += (day->week - 1) * 7;
	return first <= last ? first : first - 7;
}

static int64_t summer_begins_s(const struct zone_rule *rule, int year)
{
	return day_in_year(&rule->summer_begins, year) * 86400 + rule->summer_begins.at_s - rule->standard_s;
}

static int64_t summer_ends_s(const struct zone_rule *rule, int year)
{
	return day_in_year(&rule->summer_ends, year) * 86400 + rule->summer_ends.at_s - rule->summer_s;
}

static int year_of(const struct zone_rule *rule, int64_t utc_s)
{
	int64_t local_s = utc_s + rule->standard_s;
	struct night_date date;

	night_date_of_days(local_s / 86400 - (local_s % 86400 < 0), &date);
	return date.year;
}

int64_t zone_rule_offset_s(const struct zone_rule *rule, int64_t utc_s)
{
	int64_t begins_s, ends_s;
	bool summer;
	int year;

	if (!rule->has_summer)
		return rule->standard_s;
	year = year_of(rule, utc_s);
	begins_s = summer_begins_s(rule, year);
	ends_s = summer_ends_s(rule, year);
	if (begins_s < ends_s)
		summer = utc_s >= begins_s && utc_s < ends_s;
	else /* south of the equator summer goes past new year */
		summer = utc_s >= begins_s || utc_s < ends_s;
	return summer ? rule->summer_s : rule->standard_s;
}

int64_t zone_rule_next_s(const struct zone_rule *rule, int64_t utc_s)
{
	int64_t next_s = INT64_MAX;
	int this_year;

	if (!rule->has_summer)
		return INT64_MAX;
	this_year = year_of(rule, utc_s);
	for (int year = this_year - 1; year <= this_year + 1; year++) {
		int64_t begins_s = summer_begins_s(rule, year), ends_s = summer_ends_s(rule, year);

		if (begins_s > utc_s && begins_s < next_s)
			next_s = begins_s;
		if (ends_s > utc_s && ends_s < next_s)
			next_s = ends_s;
	}
	return next_s;
}
