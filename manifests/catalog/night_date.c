#include "manifests/catalog/night_date.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auto.h"
#include "common/text.h"

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

const char *night_date_text(const struct night_date *date, char ret_text[static NIGHT_DATE_TEXT_SIZE])
{
	char text[40]; /* as long as three numbers can become */

	(void)snprintf(text, sizeof(text), "%04d-%02d-%02d", date->year, date->month, date->day);
	memcpy(ret_text, text, NIGHT_DATE_TEXT_SIZE - 1);
	ret_text[NIGHT_DATE_TEXT_SIZE - 1] = '\0';
	return ret_text;
}

int night_date_parse(const char *text, struct night_date *ret_date, struct error *err)
{
	static const char form[] = "0000-00-00";
	struct night_date date;

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == '0' ? !(text[i] >= '0' && text[i] <= '9') : text[i] != form[i])
			return error_set(err, ERROR_INPUT, "'%.40s' is not a date like 2026-01-10", text);
	date.year = atoi(text);
	date.month = atoi(text + 5);
	date.day = atoi(text + 8);
	if (date.year < 1970 || date.month < 1 || date.month > 12 || date.day < 1 ||
		date.day > days_in_month(date.year, date.month))
		return error_set(err, ERROR_INPUT, "'%s' is not a possible date", text);
	*ret_date = date;
	return 0;
}

/* ---- As people write ---- */

#define SAID_SIZE 64
#define REIWA "令和" /* or R */
#define REIWA_BEGAN 2018 /* the year before its first */
#define YEARS_MOST 8	 /* to another 29 February at the latest */

/* Numbers with hyphens between them: what stands between numbers is one, what stands behind the day is nothing. */
static bool separate(const char *text, char ret_text[static SAID_SIZE])
{
	static const struct {
		const char *said, *means;
	} signs[] = {{"(月)", ""}, {"(火)", ""}, {"(水)", ""}, {"(木)", ""}, {"(金)", ""}, {"(土)", ""}, {"(日)", ""},
		{"年", "-"}, {"月", "-"}, {"日", ""}, {"まで", ""}, {"/", "-"}, {".", "-"}, {" ", ""}};
	size_t out = 0;

	while (*text && out + 1 < SAID_SIZE) {
		size_t at = 0;

		while (at < ARRAY_SIZE(signs) && strncmp(text, signs[at].said, strlen(signs[at].said)) != 0)
			at++;
		if (at < ARRAY_SIZE(signs)) {
			out += (size_t)snprintf(ret_text + out, SAID_SIZE - out, "%s", signs[at].means);
			text += strlen(signs[at].said);
		} else if ((*text >= '0' && *text <= '9') || *text == '-') {
			ret_text[out++] = *text++;
		} else {
			return false;
		}
	}
	ret_text[out] = '\0';
	return !*text;
}

static bool is_day(int year, int month, int day, struct night_date *ret_date)
{
	if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return false;
	*ret_date = (struct night_date){year, month, day};
	return true;
}

static bool find_year(
	int month, int day, const struct night_date *today, enum night_date_side side, struct night_date *ret_date)
{
	int step = side == NIGHT_DATE_NEXT ? 1 : -1;

	for (int years = 0; years <= YEARS_MOST; years++)
		if (is_day(today->year + step * years, month, day, ret_date) &&
			step * night_date_compare(ret_date, today) >= 0)
			return true;
	return false;
}

/* Of the year of Reiwa, if that is said: what stands behind it. */
static const char *pass_era(const char *text, bool *ret_is_reiwa)
{
	size_t len = strncmp(text, REIWA, strlen(REIWA)) == 0 ? strlen(REIWA) : *text == 'R' || *text == 'r' ? 1 : 0;

	*ret_is_reiwa = len > 0;
	return text + len;
}

/* As on the completion report: 20260119. */
static bool is_on_paper(const char *text, struct night_date *ret_date)
{
	int year = 0, month = 0, day = 0;

	return strlen(text) == 8 && strspn(text, "0123456789") == 8 &&
	       sscanf(text, "%4d%2d%2d", &year, &month, &day) == 3 && is_day(year, month, day, ret_date);
}

/* Told from today on. */
static bool is_near(const char *text, const struct night_date *today, struct night_date *ret_date)
{
	static const char *const words[] = {"今日", "明日"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(text, words[i]) == 0) {
			night_date_of_days(night_date_days(today) + (int64_t)i, ret_date);
			return true;
		}
	return false;
}

int night_date_parse_said(const char *text, const struct night_date *today, enum night_date_side side,
	struct night_date *ret_date, struct error *err)
{
	char narrow[SAID_SIZE], numbers[SAID_SIZE];
	const char *said;
	bool is_reiwa;
	int a = 0, b = 0, c = 0, used = 0, count;

	text_narrow(text, narrow, sizeof(narrow));
	if (is_on_paper(narrow, ret_date) || is_near(narrow, today, ret_date))
		return 0;
	said = pass_era(narrow, &is_reiwa);
	if (separate(said, numbers)) {
		count = sscanf(numbers, "%4d-%2d%n-%2d%n", &a, &b, &used, &c, &used);
		if (!numbers[used] && ((count == 3 && is_day(a + (is_reiwa ? REIWA_BEGAN : 0), b, c, ret_date)) ||
					  (count == 2 && !is_reiwa && find_year(a, b, today, side, ret_date))))
			return 0;
	}
	return error_set(err, ERROR_INPUT, "'%.40s' is not a day such as 2026-01-10", text);
}

int night_date_compare(const struct night_date *a, const struct night_date *b)
{
	if (a->year != b->year)
		return a->year < b->year ? -1 : 1;
	if (a->month != b->month)
		return a->month < b->month ? -1 : 1;
	return a->day < b->day ? -1 : a->day > b->day;
}

int64_t night_date_days(const struct night_date *date)
{
	int64_t year = date->month > 2 ? date->year : date->year - 1;
	int64_t months = date->month > 2 ? date->month - 3 : date->month + 9;
	int64_t days_before_month = (153 * months + 2) / 5;

	return year * 365 + year / 4 - year / 100 + year / 400 + days_before_month + date->day - 1 - 719468;
}

void night_date_of_days(int64_t days, struct night_date *ret_date)
{
	int64_t march_days = days + 719468; /* since 1 March of the year 0 */
	int64_t year = march_days * 400 / 146097;
	int64_t day_of_year, months;

	/* The guess is at most one year off. */
	for (;; year--) {
		day_of_year = march_days - (year * 365 + year / 4 - year / 100 + year / 400);
		if (day_of_year >= 0)
			break;
	}
	if (day_of_year >= 365 + ((year + 1) % 4 == 0 && ((year + 1) % 100 != 0 || (year + 1) % 400 == 0))) {
		day_of_year -= 365 + ((year + 1) % 4 == 0 && ((year + 1) % 100 != 0 || (year + 1) % 400 == 0));
		year++;
	}
	months = (5 * day_of_year + 2) / 153;
	ret_date->day = (int)(day_of_year - (153 * months + 2) / 5 + 1);
	ret_date->month = (int)(months < 10 ? months + 3 : months - 9);
	ret_date->year = (int)(months < 10 ? year : year + 1);
}
