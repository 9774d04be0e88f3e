#include "common/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/auto.h"

static const struct {
	const char *word;
	int journal_level;
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error: ", 3},
	[LOG_LEVEL_WARNING] = {"warning: ", 4},
	[LOG_LEVEL_INFO] = {"", 6},
	[LOG_LEVEL_DEBUG] = {"debug: ", 7},
};

void log_init(struct log *log, const char *program)
{
	*log = (struct log){
		.out = stderr,
		.level = LOG_LEVEL_INFO,
		.program = program,
		.journal = getenv("JOURNAL_STREAM") != NULL,
	};
}

void log_line(const struct log *log, enum log_level level, const char *fmt, ...)
{
	char line[1024];
	va_list args;

	if (!log || level > log->level)
		return;
	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	for (char *c = line; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	if (log->journal)
		(void)fprintf(log->out, "<%d>%s\n", levels[level].journal_level, line);
	else
		(void)fprintf(log->out, "%s: %s%s\n", log->program, levels[level].word, line);
	(void)fflush(log->out);
}
