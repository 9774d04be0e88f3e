#include "agent/power/real_time_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/auto.h"

#define NOW "since_epoch"
#define ALARM "wakealarm"
#define MOST_S (INT64_C(1) << 40) /* some 35,000 years */

/* One of its files. Only what the kernel offers is opened: no link, and nothing that would make us wait. */
static int open_file(const char *path, const char *name, int flags, struct error *err)
{
	AUTO(fd) int dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd) int fd = dir_fd < 0 ? -1 : openat(dir_fd, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return error_system(err, errno, "clock '%s/%s'", path, name);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return error_set(err, ERROR_INPUT, "clock '%s/%s' is no file", path, name);
	return take_fd(&fd);
}

/* 0 for an empty file. */
static int read_file(const char *path, const char *name, int64_t *ret_number, struct error *err)
{
	AUTO(fd) int fd = open_file(path, name, O_RDONLY, err);
	char text[32], *end;
	ssize_t len;

	if (fd < 0)
		return -1;
	if ((len = read(fd, text, sizeof(text) - 1)) < 0)
		return error_system(err, errno, "clock '%s/%s'", path, name);
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	errno = 0;
	*ret_number = strtoll(text, &end, 10);
	if (errno || *end || *ret_number < 0 || *ret_number > MOST_S)
		return error_set(err, ERROR_INPUT, "clock '%s/%s' says '%.20s'", path, name, text);
	return 0;
}

static int write_alarm(const char *path, int64_t alarm_s, struct error *err)
{
	AUTO(fd) int fd = open_file(path, ALARM, O_WRONLY | O_TRUNC, err);
	char text[32];
	int len = snprintf(text, sizeof(text), "%" PRId64 "\n", alarm_s);

	if (fd < 0)
		return -1;
	if (write(fd, text, (size_t)len) != len)
		return error_system(err, errno, "the alarm of clock '%s'", path);
	return 0;
}

int real_time_clock_read(const char *path, struct real_time_clock *ret_clock, struct error *err)
{
	struct real_time_clock clock;

	if (read_file(path, NOW, &clock.now_s, err) < 0 || read_file(path, ALARM, &clock.alarm_s, err) < 0)
		return -1;
	if (clock.now_s == 0)
		return error_set(err, ERROR_INPUT, "clock '%s' does not run", path);
	*ret_clock = clock;
	return 0;
}

/* One that is set must be taken away before the kernel takes another. */
int real_time_clock_set(const char *path, int64_t alarm_s, struct error *err)
{
	struct real_time_clock clock;

	if (write_alarm(path, 0, err) < 0 || (alarm_s && write_alarm(path, alarm_s, err) < 0) ||
		real_time_clock_read(path, &clock, err) < 0)
		return -1;
	if (clock.alarm_s != alarm_s)
		return error_set(err, ERROR_FAILED,
			"clock '%s' was told to wake the machine at %" PRId64 ", and says %" PRId64, path, alarm_s,
			clock.alarm_s);
	return 0;
}
