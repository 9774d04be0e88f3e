#include "agent/night/night_neighbours.h"

#include <stdlib.h>

#include "rollback/versions.h"

void night_neighbours_close(struct night_neighbours *neighbours)
{
	for (size_t i = 0; i < neighbours->count; i++)
		versions_free(neighbours->open[i]);
	free(neighbours->open);
	free(neighbours->items);
	*neighbours = (struct night_neighbours){0};
}

static void add(const struct night *night, const struct wanted *other, struct night_neighbours *neighbours)
{
	struct versions **open = &neighbours->open[neighbours->count];
	struct error ignored;

	if (versions_open(
		    night->terminal->env->fs, night->terminal->packages_dir_fd, other->package, open, &ignored) < 0)
		return;
	neighbours->items[neighbours->count++] =
		(struct stage_neighbour){.versions_dir_fd = versions_dir_fd(*open), .folder = other->current};
}

int night_neighbours_open(const struct night *night, const struct wanted *wanted,
	struct night_neighbours *ret_neighbours, struct error *err)
{
	struct night_neighbours neighbours = {0};
	size_t most = night->wanted.count;

	neighbours.items = calloc(most + 1, sizeof(*neighbours.items));
	neighbours.open = calloc(most + 1, sizeof(struct versions *));
	if (!neighbours.items || !neighbours.open) {
		night_neighbours_close(&neighbours);
		return error_set(err, ERROR_FAILED, "no memory for %zu packages", most);
	}
	for (size_t i = 0; i < most; i++)
		if (&night->wanted.items[i] != wanted && *night->wanted.items[i].current)
			add(night, &night->wanted.items[i], &neighbours);
	*ret_neighbours = neighbours;
	return 0;
}
