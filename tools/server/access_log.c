#include "tools/server/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/clock.h"

int access_log_open(const char *file, struct error *err)
{
	int fd = strcmp(file, "-") == 0 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
					: open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0)
		return error_system(err, errno, "cannot open the access log '%s'", file);
	return fd;
}

/* Blanks, quotes, backslashes and all that is not printable ASCII become \xNN; "-" stands for nothing. */
static void escape(const char *text, char *ret_text, size_t size)
{
	size_t len = 0;

	if (!*text)
		text = "-";
	for (; *text && len + 5 < size; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte > ' ' && byte < 0x7f && byte != '\\' && byte != '"')
			ret_text[len++] = (char)byte;
		else
			len += (size_t)snprintf(ret_text + len, size - len, "\\x%02x", byte);
	}
	ret_text[len] = '\0';
}

void access_log_write(int fd, const struct access_entry *entry)
{
	char method[32], path[1024], subject[512], line[2048], time[CLOCK_TEXT_SIZE];
	int len;

	escape(entry->method, method, sizeof(method));
	escape(entry->path, path, sizeof(path));
	escape(entry->subject, subject, sizeof(subject));
	len = snprintf(line, sizeof(line), "%s %s %s %u %" PRIu64 " %" PRId64 "ms %s %s\n",
		clock_text(entry->time_s, time), method, path, entry->status, entry->bytes, entry->duration_ms,
		entry->cut ? "cut" : "ok", subject);
	/* A full disk must not stop the service: the line is lost, the answer is not. */
	if (write(fd, line, (size_t)len) < 0)
		return;
}
