/* What is wrong with a folder that is to become a release: all of it at once, so that a vendor mends once. Problems keep
 * it from being packed; warnings tell what will hardly work on a terminal. */
#ifndef TOOLS_REPO_RELEASE_PROBLEMS_H
#define TOOLS_REPO_RELEASE_PROBLEMS_H

#include <stddef.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/json.h"

/* So many sentences of each are kept; the rest is counted. */
#define PROBLEMS_MOST 100

struct problems_list {
	struct buf sentences; /* each ended by a line feed */
	size_t count;
};

struct problems {
	struct problems_list errors;
	struct problems_list warnings;
};

void problems_init(struct problems *problems);
void problems_clear(struct problems *problems);
DEFINE_AUTO(problems, struct problems, problems_clear);

/* Takes WHY where it is about the input (ERROR_INPUT), and returns 0; anything else, such as a failed disk, is left in it
 * and -1 returned. */
WARN_UNUSED int problems_take(struct problems *problems, struct error *why);
/* One sentence without a full stop. */
void problems_warn(struct problems *problems, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Prints what is kept to stderr, a line each with PROGRAM and INPUT before it. */
void problems_print(const struct problems *problems, const char *program, const char *input);
/* 0 where nothing is wrong; else ERROR_INPUT with the only sentence, or with how many there are. */
WARN_UNUSED int problems_judge(const struct problems *problems, struct error *err);
/* The warnings as an array of texts; NULL without memory. */
json_t *problems_warnings(const struct problems *problems);

#endif
