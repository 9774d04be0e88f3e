#include "manifests/tuf/time_floor.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"

int64_t time_floor_load(struct fs *fs, int dir_fd)
{
	AUTO(buf) struct buf text = BUF_INIT(CLOCK_TEXT_SIZE);
	int64_t floor_s;
	char *end;

	if (fs_read_file(fs, dir_fd, TIME_FLOOR_FILE, &text, NULL) < 0 || !text.data)
		return 0;
	if ((end = strchr(text.data, '\n')))
		*end = '\0';
	return clock_parse(text.data, &floor_s, NULL) == 0 ? floor_s : 0;
}

int time_floor_raise(
	struct fs *fs, int dir_fd, int64_t floor_s, int64_t time_s, int64_t *ret_floor_s, struct error *err)
{
	char date[CLOCK_TEXT_SIZE], line[CLOCK_TEXT_SIZE + 1];
	int len;

	if (time_s > floor_s) {
		len = snprintf(line, sizeof(line), "%s\n", clock_text(time_s, date));
		if (fs_write_file(fs, dir_fd, TIME_FLOOR_FILE, line, (size_t)len, 0644, err) < 0)
			return error_context(err, "cannot keep the time floor");
	}
	*ret_floor_s = time_s > floor_s ? time_s : floor_s;
	return 0;
}

int time_floor_clear(struct fs *fs, int dir_fd, struct error *err)
{
	return fs_remove(fs, dir_fd, TIME_FLOOR_FILE, err);
}

int64_t time_floor_apply(int64_t floor_s, int64_t clock_s)
{
	return clock_s > floor_s ? clock_s : floor_s;
}
