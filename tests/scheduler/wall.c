#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/scheduler/wall.h"

void wall_set_zone(const char *name)
{
	char value[80];

	(void)snprintf(value, sizeof(value), ":%s", name);
	assert_int_equal(setenv("TZ", value, 1), 0);
	tzset();
}

void wall_at(int64_t utc_s, struct tm *ret_wall)
{
	time_t moment = utc_s;

	assert_non_null(localtime_r(&moment, ret_wall));
}

int64_t wall_utc(const char *text)
{
	struct tm tm = {0};

	assert_int_equal(
		sscanf(text, "%d-%d-%d %d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min), 5);
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return timegm(&tm);
}

const char *wall_text(int64_t utc_s, char ret_text[static 32])
{
	time_t moment = utc_s;
	struct tm tm;

	if (utc_s == INT64_MAX)
		return "never";
	assert_non_null(gmtime_r(&moment, &tm));
	assert_true(strftime(ret_text, 32, "%Y-%m-%d %H:%M", &tm) > 0);
	return ret_text;
}

struct zone *wall_zone(const char *name)
{
	struct zone *zone = NULL;
	struct error err;
	struct fs fs;

	fs_init(&fs);
	assert_ok(zone_load(&fs, name, &zone, &err), &err);
	return zone;
}

uint32_t wall_random(uint64_t *seed, uint32_t range)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((*seed >> 33) % range);
}
