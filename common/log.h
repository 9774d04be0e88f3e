/* Log lines for people and for the journal. Modules return errors; agent/ and tools/ log them, once. A line says what
 * was done to what, with package, version and code, and nothing personal (F27). */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdio.h>

#include "common/error.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log {
	FILE *out;	      /* borrowed */
	enum log_level level; /* lines beyond it are dropped */
	const char *program;  /* in front of each line on a terminal; borrowed */
	int journal; /* nonzero: the service manager reads OUT and takes "<4>" in front of a line as its level */
};

/* Writes to stderr at LOG_LEVEL_INFO; in the journal's form when stderr is the journal's. */
void log_init(struct log *log, const char *program);

/* One line; line breaks and control characters inside it are replaced, so that nobody can forge a second line. */
void log_line(const struct log *log, enum log_level level, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
