/* Memory for the many small strings of one document, freed in one go. */
#ifndef MANIFESTS_BASE_ARENA_H
#define MANIFESTS_BASE_ARENA_H

#include <stddef.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/json.h"

struct arena;

/* NULL where there is no memory. */
struct arena *arena_new(struct error *err);

/* A copy of LEN bytes with a NUL behind them, which lives as long as the arena. NULL where there is no memory. */
char *arena_copy(struct arena *arena, const char *text, size_t len, struct error *err);
/* The same for a whole text. */
WARN_UNUSED int arena_keep(struct arena *arena, const char *text, const char **ret_copy, struct error *err);
/* The same for the text that is member KEY of OBJECT. ERROR_INPUT where it is missing, or is no text. */
WARN_UNUSED int arena_keep_member(
	struct arena *arena, const json_t *object, const char *key, const char **ret_copy, struct error *err);

void arena_free(struct arena *arena);
DEFINE_AUTO_PTR(arena, struct arena, arena_free);

#endif
