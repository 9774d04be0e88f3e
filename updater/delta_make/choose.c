#include "updater/delta_make/choose.h"

#include <string.h>

/* For each byte of the old file and of the new one; with archives, several times that is inside. */
#define OLD_TIMES 8
#define NEW_TIMES 3
#define ARCHIVE_TIMES 4

static attempt_kind *const attempts[DELTA_KINDS] = {
#define ATTEMPT(enumerator, name) attempt_##name,
	EACH_DELTA_KIND(ATTEMPT)
#undef ATTEMPT
};

uint64_t choose_memory(uint64_t old_size, uint64_t new_size, const uint8_t begin[static 4])
{
	uint64_t bytes = old_size * OLD_TIMES + new_size * NEW_TIMES;

	return memcmp(begin, "PK\3\4", 4) == 0 ? bytes * ARCHIVE_TIMES : bytes;
}

static void take_better(struct attempt *best, struct attempt *tried, int way, struct delta_choice *choice)
{
	choice->estimates[way] = tried->estimate;
	if (tried->estimate < best->estimate) {
		struct attempt other = *best;

		*best = *tried;
		*tried = other;
		choice->way = way;
	}
}

/* What a way cannot do is no failure. */
static int not_this_way(const struct error *reason, struct error *err)
{
	if (reason->code == ERROR_NOT_FOUND || reason->code == ERROR_REFUSED || reason->code == ERROR_USAGE)
		return 0;
	if (err)
		*err = *reason;
	return -1;
}

static int try_kind(enum delta_kind kind, const struct content *old, const struct content *new, struct attempt *best,
	struct delta_choice *choice, bool *ret_is_enough, struct error *err)
{
	AUTO(attempt) struct attempt tried;
	struct error reason;

	attempt_init(&tried, kind);
	if (attempts[kind](&tried, old, new, &reason) < 0)
		return not_this_way(&reason, err);
	*ret_is_enough = tried.is_enough;
	take_better(best, &tried, kind, choice);
	return 0;
}

int choose(const struct content *old, const struct content *new, const struct delta_options *options,
	struct attempt *ret_best, struct delta_choice *ret_choice, struct error *err)
{
	AUTO(attempt) struct attempt best;
	int deepest = options->former_format ? DELTA_BYTES : DELTA_KINDS - 1;
	bool is_enough = false;

	attempt_init(&best, DELTA_BYTES);
	ret_choice->way = DELTA_WHOLE;
	if (attempt_whole(&best, new, err) < 0)
		return -1;
	ret_choice->estimates[DELTA_WHOLE] = best.estimate;
	for (int kind = deepest; kind >= DELTA_BYTES && old->len && !is_enough; kind--)
		if (try_kind((enum delta_kind)kind, old, new, &best, ret_choice, &is_enough, err) < 0)
			return -1;
	*ret_best = best;
	attempt_init(&best, DELTA_BYTES);
	return 0;
}
