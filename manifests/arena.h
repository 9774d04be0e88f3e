/* Memory for the many small strings of one document, freed in one go. */
#ifndef MANIFESTS_ARENA_H
#define MANIFESTS_ARENA_H

#include <stddef.h>

#include "common/auto.h"
#include "common/error.h"

struct arena;

/* NULL where there is no memory. */
struct arena *arena_new(struct error *err);

/* A copy of LEN bytes with a NUL behind them, which lives as long as the arena. NULL where there is no memory. */
char *arena_copy(struct arena *arena, const char *text, size_t len, struct error *err);

void arena_free(struct arena *arena);
DEFINE_AUTO_PTR(arena, struct arena, arena_free);

#endif
