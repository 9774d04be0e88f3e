/* What every kind of row in the store has in common. */
#ifndef AGENT_STORE_RECORD_H
#define AGENT_STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"
#include "manifests/base/package.h"
#include "manifests/base/version.h"

/* What a function that is handed rows one by one returns: 0 to get the next, EACH_ENOUGH to get no more, which is
 * no failure, -1 with ERR set where it failed, and so did the whole. */
#define EACH_ENOUGH 1

/* A sentence for people; a longer one is cut at the end of a character. */
#define STORE_TEXT_SIZE 256

struct store;

/* TEXT as text_cut() cuts it, with '?' for control characters and for what is not UTF-8, so that a row is one line. NULL
 * stands for "". */
void record_text(const char *text, char *ret_text, size_t size);

#endif
