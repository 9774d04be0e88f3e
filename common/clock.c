#include "common/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/platform.h"

static int64_t machine_now_s(const struct clock *clock)
{
	struct timespec now;

	(void)clock;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

static int64_t machine_monotonic_ms(const struct clock *clock)
{
	struct timespec now;

	(void)clock;
	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t machine_slept_ms(const struct clock *clock)
{
	struct timespec awake;

	(void)clock_gettime(CLOCK_MONOTONIC, &awake);
	return machine_monotonic_ms(clock) - ((int64_t)awake.tv_sec * 1000 + awake.tv_nsec / 1000000);
}

static int machine_boot_id(const struct clock *clock, char ret_id[static BOOT_ID_SIZE], struct error *err)
{
	return platform_boot_id(clock->context, ret_id, BOOT_ID_SIZE, err);
}

static void machine_wait_ms(const struct clock *clock, int64_t wait_ms)
{
	struct timespec left = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000};

	(void)clock;
	if (wait_ms > 0)
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &left, NULL);
}

void clock_init(struct clock *clock, const char *boot_id_file)
{
	*clock = (struct clock){
		.now_s = machine_now_s,
		.monotonic_ms = machine_monotonic_ms,
		.slept_ms = machine_slept_ms,
		.boot_id = machine_boot_id,
		.wait_ms = machine_wait_ms,
		.context = (void *)boot_id_file,
	};
}

const char *clock_text(int64_t time_s, char ret_text[static CLOCK_TEXT_SIZE])
{
	char text[96] = "(no date)"; /* as long as seven numbers can become */
	time_t time = time_s;
	struct tm tm;

	if (gmtime_r(&time, &tm) && tm.tm_year >= -1900 && tm.tm_year <= 8099)
		(void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
			tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	memcpy(ret_text, text, CLOCK_TEXT_SIZE - 1);
	ret_text[CLOCK_TEXT_SIZE - 1] = '\0';
	return ret_text;
}

static int digits(const char *text, size_t count)
{
	int number = 0;

	for (size_t i = 0; i < count; i++)
		number = number * 10 + text[i] - '0';
	return number;
}

int clock_parse(const char *text, int64_t *ret_time_s, struct error *err)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	struct tm said = {0}, there_is;
	int64_t time_s;

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == '0' ? !(text[i] >= '0' && text[i] <= '9') : text[i] != form[i])
			return error_set(err, ERROR_INPUT, "'%.40s' is not a date like 2026-01-10T20:00:00Z", text);
	said.tm_year = digits(text, 4) - 1900;
	said.tm_mon = digits(text + 5, 2) - 1;
	said.tm_mday = digits(text + 8, 2);
	said.tm_hour = digits(text + 11, 2);
	said.tm_min = digits(text + 14, 2);
	said.tm_sec = digits(text + 17, 2);
	there_is = said;
	time_s = timegm(&there_is);
	if (there_is.tm_mon != said.tm_mon || there_is.tm_mday != said.tm_mday || there_is.tm_hour != said.tm_hour ||
		there_is.tm_min != said.tm_min || there_is.tm_sec != said.tm_sec)
		return error_set(err, ERROR_INPUT, "'%s' is not a possible date", text);
	*ret_time_s = time_s;
	return 0;
}
