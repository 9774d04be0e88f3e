#include "updater/delta_make/choose.h"

#include <string.h>

/* For each byte of the old file and of the new one; with archives, several times that is inside. */
#define OLD_TIMES 8
#define NEW_TIMES 3
#define ARCHIVE_TIMES 4

uint64_t choose_memory(uint64_t old_size, uint64_t new_size, const uint8_t begin[static 4])
{
	uint64_t bytes = old_size * OLD_TIMES + new_size * NEW_TIMES;

	return memcmp(begin, "PK\3\4", 4) == 0 ? bytes * ARCHIVE_TIMES : bytes;
}

static void take_better(struct trial *best, struct trial *tried, enum delta_way way, struct delta_choice *choice)
{
	choice->estimates[way] = tried->estimate;
	if (tried->estimate < best->estimate) {
		struct trial other = *best;

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

static int try_addresses(const struct content *old, const struct content *new, struct trial *best,
	struct delta_choice *choice, bool *ret_is_enough, struct error *err)
{
	AUTO(trial) struct trial tried;
	struct error reason;

	trial_init(&tried, DELTA_ADDRESSES);
	if (trial_addresses(&tried, old, new, ret_is_enough, &reason) < 0)
		return not_this_way(&reason, err);
	take_better(best, &tried, DELTA_FROM_ADDRESSES, choice);
	return 0;
}

static int try_members(const struct content *old, const struct content *new, struct trial *best,
	struct delta_choice *choice, struct error *err)
{
	AUTO(trial) struct trial tried;
	struct error reason;

	trial_init(&tried, DELTA_MEMBERS);
	if (trial_members(&tried, old, new, &reason) < 0)
		return not_this_way(&reason, err);
	take_better(best, &tried, DELTA_FROM_MEMBERS, choice);
	return 0;
}

static int try_bytes(const struct content *old, const struct content *new, struct trial *best,
	struct delta_choice *choice, struct error *err)
{
	AUTO(trial) struct trial tried;
	struct error reason;

	trial_init(&tried, DELTA_BYTES);
	if (trial_bytes(&tried, old, new, &reason) < 0)
		return not_this_way(&reason, err);
	take_better(best, &tried, DELTA_FROM_BYTES, choice);
	return 0;
}

int choose(const struct content *old, const struct content *new, const struct delta_options *options,
	struct trial *ret_best, struct delta_choice *ret_choice, struct error *err)
{
	AUTO(trial) struct trial best;
	bool is_enough = false;

	trial_init(&best, DELTA_BYTES);
	ret_choice->way = DELTA_AS_WHOLE;
	if (trial_whole(&best, new, err) < 0)
		return -1;
	ret_choice->estimates[DELTA_AS_WHOLE] = best.estimate;
	if (old->len && !options->former_format &&
		(try_addresses(old, new, &best, ret_choice, &is_enough, err) < 0 ||
			try_members(old, new, &best, ret_choice, err) < 0))
		return -1;
	if (old->len && !is_enough && try_bytes(old, new, &best, ret_choice, err) < 0)
		return -1;
	*ret_best = best;
	trial_init(&best, DELTA_BYTES);
	return 0;
}
