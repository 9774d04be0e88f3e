/* What happened in a life, step by step, in one number: two lives in which the same happened have the same. */
#ifndef TESTS_PROOFS_TRACE_H
#define TESTS_PROOFS_TRACE_H

#include <stdint.h>

#include "common/error.h"

struct trace {
	uint64_t digest;
	const char *hidden; /* a folder with another name each time, left out where a line names it; NULL: none */
};

/* A trace of nothing yet. HIDDEN is borrowed. */
struct trace trace_of(const char *hidden);

/* One more thing happened. With PROOF_SHOWS_ALL in the environment it is said too. */
void trace_note(struct trace *trace, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
