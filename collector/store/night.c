#include "collector/store/night.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"

/* Noon in Japan, in UTC. */
#define NOON_S (3 * 3600)

int64_t night_of(int64_t time_s)
{
	return (time_s - NOON_S) / NIGHT_LENGTH_S;
}

int64_t night_begin_s(int64_t night)
{
	return night * NIGHT_LENGTH_S + NOON_S;
}

const char *night_text(int64_t night, char ret_text[static NIGHT_DATE_TEXT_SIZE])
{
	char text[CLOCK_TEXT_SIZE];

	(void)clock_text(night * NIGHT_LENGTH_S, text);
	memcpy(ret_text, text, NIGHT_DATE_TEXT_SIZE - 1);
	ret_text[NIGHT_DATE_TEXT_SIZE - 1] = '\0';
	return ret_text;
}

int night_parse(const char *text, int64_t *ret_night, struct error *err)
{
	char moment[CLOCK_TEXT_SIZE];
	struct night_date date;
	int64_t time_s;

	if (night_date_parse(text, &date, err) < 0)
		return -1;
	(void)snprintf(moment, sizeof(moment), "%.10sT00:00:00Z", text);
	if (clock_parse(moment, &time_s, err) < 0)
		return -1;
	*ret_night = time_s / NIGHT_LENGTH_S;
	return 0;
}
