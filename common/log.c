#include "common/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/buf.h"

#define LINE_SIZE 1024
#define EVENT_MOST 8192
#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static const struct {
	const char *word;
	int journal_level;
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error: ", 3},
	[LOG_LEVEL_WARNING] = {"warning: ", 4},
	[LOG_LEVEL_INFO] = {"", 6},
	[LOG_LEVEL_DEBUG] = {"debug: ", 7},
};

/* The service manager names in JOURNAL_STREAM the stream that it gave; stderr may be another by now. */
static bool is_journal(const char *stream)
{
	unsigned long long device, inode;
	struct stat found;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &found) == 0 &&
	       found.st_dev == device && found.st_ino == inode;
}

void log_init(struct log *log, const char *program)
{
	*log = (struct log){
		.out = stderr,
		.level = LOG_LEVEL_INFO,
		.program = program,
		.journal = is_journal(getenv("JOURNAL_STREAM")),
		.journal_socket = JOURNAL_SOCKET,
	};
}

static void make_one_line(char *text)
{
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
}

void log_line(const struct log *log, enum log_level level, const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list args;

	if (!log || level > log->level)
		return;
	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	make_one_line(line);
	if (log->journal)
		(void)fprintf(log->out, "<%d>%s\n", levels[level].journal_level, line);
	else
		(void)fprintf(log->out, "%s: %s%s\n", log->program, levels[level].word, line);
	(void)fflush(log->out);
}

/* ---- Events, by the journal's own protocol: one datagram of NAME=VALUE lines ---- */

static int add_field(struct buf *event, const char *name, const char *value)
{
	char line[LINE_SIZE];

	if (!*value)
		return 0;
	(void)snprintf(line, sizeof(line), "%s", value);
	make_one_line(line);
	return buf_printf(event, NULL, "%s=%s\n", name, line);
}

static int send_event(const struct log *log, const struct buf *event)
{
	AUTO(fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (fd < 0 || strlen(log->journal_socket) >= sizeof(address.sun_path))
		return -1;
	(void)strcpy(address.sun_path, log->journal_socket);
	return sendto(fd, event->data, event->len, MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&address,
		       sizeof(address)) < 0
		       ? -1
		       : 0;
}

void log_message(const struct log *log, enum log_level level, const char *message_id, const struct log_field *fields,
	size_t count, const char *text)
{
	AUTO(buf) struct buf event = BUF_INIT(EVENT_MOST);
	int ret;

	if (!log || level > log->level)
		return;
	ret = log->journal && log->journal_socket
		      ? buf_printf(&event, NULL, "MESSAGE_ID=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=%s\n", message_id,
				levels[level].journal_level, log->program)
		      : -1;
	for (size_t i = 0; ret == 0 && i < count; i++)
		ret = add_field(&event, fields[i].name, fields[i].value);
	if (ret < 0 || add_field(&event, "MESSAGE", text) < 0 || send_event(log, &event) < 0)
		log_line(log, level, "%s", text);
}
