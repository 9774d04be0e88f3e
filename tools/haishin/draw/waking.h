/* What staff are told of a terminal that starts by itself for its turn. */
#ifndef TOOLS_HAISHIN_DRAW_WAKING_H
#define TOOLS_HAISHIN_DRAW_WAKING_H

#include <stdbool.h>
#include <stddef.h>

#include "common/json.h"

/* The sentence, of what GetStatus answers: when it starts, or that it cannot. False where it is not to start by itself, or there is
 * nothing to start it for. */
bool waking_text(const json_t *status, char *ret_text, size_t size);

/* For how many of the last nights it did; false where for none. */
bool waking_count_text(const json_t *status, char *ret_text, size_t size);

#endif
