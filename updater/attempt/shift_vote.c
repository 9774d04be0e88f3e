#include "updater/attempt/shift_vote.h"

#include <stdbool.h>
#include <stdlib.h>

/* An entry of the map must set right so many fields more than it costs. */
#define ENTRY_COST 3

/* What a field says: the thing at an address has moved so far. */
struct vote {
	uint64_t address;
	int64_t by;
	uint32_t weight;
};

struct votes {
	struct vote *all;
	size_t count;
};

static void votes_clear(struct votes *votes)
{
	free(votes->all);
}
DEFINE_AUTO(votes, struct votes, votes_clear);

static size_t first_from(const struct marks *marks, size_t at)
{
	size_t low = 0, high = marks->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (marks->all[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_vote(struct votes *votes, uint64_t from, uint64_t to)
{
	votes->all[votes->count++] = (struct vote){.address = from, .by = (int64_t)(to - from), .weight = 1};
}

/* The fields of one copied stretch: places rise in both, so one walk finds those opposite each other. */
static void vote_stretch(
	struct votes *votes, const struct marks *old, const struct marks *new, const struct bytediff_step *step)
{
	size_t i = first_from(old, step->old_at), j = first_from(new, step->new_at);

	while (i < old->count && j < new->count && old->all[i].at < step->old_at + step->copied) {
		const struct mark *was = &old->all[i], *is = &new->all[j];
		size_t left = was->at - step->old_at, right = is->at - step->new_at;

		if (left == right && was->kind == is->kind) {
			add_vote(votes, was->target, is->target);
			if (was->base)
				add_vote(votes, was->base, is->base);
		}
		i += left <= right;
		j += right <= left;
	}
}

static int by_address(const void *a, const void *b)
{
	const struct vote *left = a, *right = b;

	if (left->address != right->address)
		return left->address < right->address ? -1 : 1;
	return left->by < right->by ? -1 : left->by > right->by;
}

/* Leaves for each address the shift that most fields name, with how many do. */
static void count_votes(struct votes *votes)
{
	size_t kept = 0, at = 0;

	while (at < votes->count) {
		struct vote best = {.address = votes->all[at].address};

		while (at < votes->count && votes->all[at].address == best.address) {
			struct vote run = votes->all[at];

			for (run.weight = 0; at < votes->count && votes->all[at].address == run.address &&
					     votes->all[at].by == run.by;
				at++)
				run.weight++;
			best = run.weight > best.weight ? run : best;
		}
		votes->all[kept++] = best;
	}
	votes->count = kept;
}

/* The cheapest way through all votes, each shift a state; to change it costs, and so does every vote against the one
 * held. Since a vote costs all states but one the same, only this one's cost changes, less than the others rise. */
struct stretch {
	uint64_t from;
	int64_t by;
	size_t before; /* the stretch in front of it, counted from 1; 0: none */
};

struct state {
	int64_t by;
	int64_t cost; /* against the common rise */
	size_t stretch;
};

struct path {
	struct state *states; /* by shift */
	size_t states_count;
	struct stretch *stretches;
	size_t stretches_count;
	int64_t best_cost;
	size_t best_stretch;
};

static void path_clear(struct path *path)
{
	free(path->states);
	free(path->stretches);
}
DEFINE_AUTO(path, struct path, path_clear);

static int by_shift(const void *a, const void *b)
{
	const struct state *left = a, *right = b;

	return left->by < right->by ? -1 : left->by > right->by;
}

static int path_init(struct path *path, const struct votes *votes, struct error *err)
{
	size_t kept = 0;

	path->states = calloc(votes->count + 1, sizeof(*path->states));
	path->stretches = calloc(votes->count + 2, sizeof(*path->stretches));
	if (!path->states || !path->stretches)
		return error_set(err, ERROR_FAILED, "no memory for %zu fields", votes->count);
	for (size_t i = 0; i < votes->count; i++)
		path->states[i].by = votes->all[i].by;
	qsort(path->states, votes->count, sizeof(*path->states), by_shift);
	for (size_t i = 0; i < votes->count; i++)
		if (i == 0 || path->states[i].by != path->states[kept - 1].by)
			path->states[kept++] = (struct state){.by = path->states[i].by, .cost = ENTRY_COST};
	path->states_count = kept;
	/* In front of the first entry nothing has moved. */
	path->stretches[path->stretches_count++] = (struct stretch){0};
	path->best_stretch = 1;
	return 0;
}

static void path_take(struct path *path, const struct vote *vote)
{
	struct state *state = bsearch(
		&(struct state){.by = vote->by}, path->states, path->states_count, sizeof(*path->states), by_shift);

	if (!state->stretch || path->best_cost + ENTRY_COST < state->cost) {
		path->stretches[path->stretches_count++] =
			(struct stretch){.from = vote->address, .by = vote->by, .before = path->best_stretch};
		state->stretch = path->stretches_count;
		state->cost = path->best_cost + ENTRY_COST;
	}
	state->cost -= vote->weight;
	if (state->cost < path->best_cost) {
		path->best_cost = state->cost;
		path->best_stretch = state->stretch;
	}
}

/* From the last stretch of the best way back to its first. */
static int path_end(const struct path *path, struct shifts *ret_shifts, struct error *err)
{
	AUTO(free) struct shift *entries = NULL;
	size_t count = 0, skip;

	for (size_t at = path->best_stretch; at; at = path->stretches[at - 1].before)
		count++;
	if (!(entries = calloc(count + 1, sizeof(*entries))))
		return error_set(err, ERROR_FAILED, "no memory for a map");
	for (size_t at = path->best_stretch, i = count; at; at = path->stretches[at - 1].before, i--)
		entries[i - 1] = (struct shift){path->stretches[at - 1].from, path->stretches[at - 1].by};
	skip = count && entries[0].by == 0; /* below the first entry nothing moves anyway */
	for (size_t i = skip; i < count; i++)
		entries[i - skip] = entries[i];
	count -= skip;
	return shifts_init(ret_shifts, take_ptr(&entries), count < SHIFTS_MOST ? count : SHIFTS_MOST, err);
}

int shift_vote(const struct marks *old, const struct marks *new, const struct steps *steps, struct shifts *ret_shifts,
	struct error *err)
{
	AUTO(votes) struct votes votes = {0};
	AUTO(path) struct path path = {0};

	/* Copied stretches can overlap in the old file: a new field is opposite at most one old one. */
	if (!(votes.all = calloc(2 * new->count + 1, sizeof(*votes.all))))
		return error_set(err, ERROR_FAILED, "no memory for %zu fields", new->count);
	for (size_t i = 0; i < steps->count; i++)
		vote_stretch(&votes, old, new, &steps->all[i]);
	qsort(votes.all, votes.count, sizeof(*votes.all), by_address);
	count_votes(&votes);
	if (path_init(&path, &votes, err) < 0)
		return -1;
	for (size_t i = 0; i < votes.count; i++)
		path_take(&path, &votes.all[i]);
	return path_end(&path, ret_shifts, err);
}
