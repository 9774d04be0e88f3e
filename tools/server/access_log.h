/* One line for each request. What comes from outside is escaped, so that no request can forge a line or a field. */
#ifndef TOOLS_SERVER_ACCESS_LOG_H
#define TOOLS_SERVER_ACCESS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

struct access_entry {
	int64_t time_s;
	const char *method;
	const char *path; /* as the client sent it */
	unsigned int status;
	uint64_t bytes; /* of the body, handed to the connection */
	int64_t duration_ms;
	const char *subject; /* of the client certificate; "" where there is none */
	bool cut;	     /* the connection ended before the answer did */
};

/* Opens or makes the file for appending; "-" is standard output. Returns the descriptor. */
WARN_UNUSED int access_log_open(const char *file, struct error *err);

/* Appends, in one write: time method path status bytes duration "ok"|"cut" subject, with a blank between them. */
void access_log_write(int fd, const struct access_entry *entry);

#endif
