#include "tools/haishin/draw/waking.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"

#define HALF_DAY_S 43200

/* The day of the wall that the night of UTC_TEXT belongs to: nights end at noon. */
static bool read_night(const char *utc_text, struct tm *ret_wall)
{
	int64_t utc_s;
	time_t moment;

	if (!*utc_text || clock_parse(utc_text, &utc_s, NULL) < 0)
		return false;
	moment = (time_t)(utc_s - HALF_DAY_S);
	return localtime_r(&moment, ret_wall);
}

static bool is_tonight(const char *utc_text, const char *now_text)
{
	struct tm night, now;

	return read_night(utc_text, &night) && read_night(now_text, &now) && night.tm_year == now.tm_year &&
	       night.tm_yday == now.tm_yday;
}

bool waking_text(const json_t *status, char *ret_text, size_t size)
{
	const json_t *wake = json_object_get(status, "wake");
	const char *at = output_text(wake, "time"), *trouble = output_text(wake, "trouble");
	char time[OUTPUT_TIME_SIZE];

	(void)output_time(at, time);
	if (*trouble)
		(void)snprintf(ret_text, size, "%s (%s)", _("It cannot start by itself at night: leave it switched on."), trouble);
	else if (*at && is_tonight(at, output_text(status, "time")))
		(void)snprintf(ret_text, size, _("Tonight at %s this terminal starts by itself"), time + strlen("2026-01-11 "));
	else if (*at)
		(void)snprintf(ret_text, size, _("On %s this terminal starts by itself"), time);
	return *trouble || *at;
}

bool waking_count_text(const json_t *status, char *ret_text, size_t size)
{
	const json_t *windows = json_object_get(status, "windows"), *window;
	size_t woken = 0, i;

	json_array_foreach (windows, i, window)
		woken += json_is_true(json_object_get(window, "woken"));
	(void)snprintf(ret_text, size, _("It started by itself for %zu of the last %zu nights"), woken, json_array_size(windows));
	return woken > 0;
}
