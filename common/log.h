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
	const char *journal_socket; /* where the journal takes events; borrowed */
};

/* Writes to stderr at LOG_LEVEL_INFO; in the journal's form when stderr is the journal's. */
void log_init(struct log *log, const char *program);

/* One line; line breaks and control characters inside it are replaced, so that nobody can forge a second line. */
void log_line(const struct log *log, enum log_level level, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* More about an event, for programs. NAME is of capital letters and "_"; a VALUE that is empty is left out. */
struct log_field {
	const char *name;
	const char *value;
};

/* One line about something that programs look for by MESSAGE_ID (32 hexadecimal digits): goes to the journal with FIELDS, or is a
 * line like any other where stderr is not the journal's, or the journal does not take it. */
void log_message(const struct log *log, enum log_level level, const char *message_id, const struct log_field *fields,
	size_t count, const char *text);

#endif
