#include "manifests/base/arena.h"

#include <string.h>

#define CHUNK_BYTES 16384

struct chunk {
	struct chunk *next;
	size_t used;
	size_t size;
	char bytes[];
};

struct arena {
	struct chunk *chunks; /* the newest first */
};

struct arena *arena_new(struct error *err)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (!arena)
		(void)error_set(err, ERROR_FAILED, "no memory");
	return arena;
}

static struct chunk *add_chunk(struct arena *arena, size_t size)
{
	struct chunk *chunk = malloc(sizeof(*chunk) + size);

	if (chunk) {
		*chunk = (struct chunk){.next = arena->chunks, .size = size};
		arena->chunks = chunk;
	}
	return chunk;
}

char *arena_copy(struct arena *arena, const char *text, size_t len, struct error *err)
{
	struct chunk *chunk = arena->chunks;
	char *copy;

	if (!chunk || chunk->size - chunk->used <= len)
		chunk = add_chunk(arena, len < CHUNK_BYTES ? CHUNK_BYTES : len + 1);
	if (!chunk) {
		(void)error_set(err, ERROR_FAILED, "no memory for %zu bytes", len);
		return NULL;
	}
	copy = chunk->bytes + chunk->used;
	memcpy(copy, text, len);
	copy[len] = '\0';
	chunk->used += len + 1;
	return copy;
}

int arena_keep(struct arena *arena, const char *text, const char **ret_copy, struct error *err)
{
	const char *copy = arena_copy(arena, text, strlen(text), err);

	if (!copy)
		return -1;
	*ret_copy = copy;
	return 0;
}

int arena_keep_member(
	struct arena *arena, const json_t *object, const char *key, const char **ret_copy, struct error *err)
{
	const char *text;

	return json_want_string(object, key, &text, err) < 0 ? -1 : arena_keep(arena, text, ret_copy, err);
}

void arena_free(struct arena *arena)
{
	struct chunk *chunk = arena ? arena->chunks : NULL;

	while (chunk) {
		struct chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
	free(arena);
}
