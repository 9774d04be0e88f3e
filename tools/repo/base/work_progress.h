/* How far a command is that lets its user wait: a line that is drawn anew on a terminal, a line each tenth elsewhere; on
 * stderr, so that results stay apart. */
#ifndef TOOLS_REPO_BASE_WORK_PROGRESS_H
#define TOOLS_REPO_BASE_WORK_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"

struct work_progress {
	const struct clock *clock;
	const char *name; /* of the work, such as "packing" */
	uint64_t total_bytes;
	int64_t begun_ms;
	int64_t drawn_ms;
	int told_tenths;
	bool is_terminal;
};

/* NAME is borrowed. Nothing is printed for work that is over within its first second. */
void work_progress_begin(
	struct work_progress *progress, const struct clock *clock, const char *name, uint64_t total_bytes);
/* So many BYTES of the total are done. CONTEXT is the struct work_progress. */
void work_progress_take(void *context, uint64_t bytes);
/* Takes the line away. */
void work_progress_end(struct work_progress *progress);

#endif
