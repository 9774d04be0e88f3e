#include "tests/proofs/trace.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auto.h"

/* FNV-1a, by Fowler, Noll and Vo (public domain). */
#define FIRST UINT64_C(0xcbf29ce484222325)
#define PRIME UINT64_C(0x100000001b3)

struct trace trace_of(const char *hidden)
{
	return (struct trace){.digest = FIRST, .hidden = hidden};
}

static void take_out(char *line, const char *hidden)
{
	size_t len = strlen(hidden);

	for (char *at = line; (at = strstr(at, hidden));)
		memmove(at, at + len, strlen(at + len) + 1);
}

void trace_note(struct trace *trace, const char *fmt, ...)
{
	AUTO(free) char *line = NULL;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&line, fmt, args);
	va_end(args);
	assert(len >= 0);
	if (trace->hidden)
		take_out(line, trace->hidden);
	for (const char *c = line; *c; c++)
		trace->digest = (trace->digest ^ (unsigned char)*c) * PRIME;
	trace->digest = (trace->digest ^ '\n') * PRIME;
	if (getenv("PROOF_SHOWS_ALL"))
		(void)printf("  %s\n", line);
}
