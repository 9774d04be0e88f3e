#include "updater/attempt/bytediff.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <divsufsort.h>

#include "common/auto.h"

/* A new place in the old file must explain this many bytes more than going on where we are. */
#define WORTH_A_SEEK 8

struct finder {
	const uint8_t *old;
	size_t old_len;
	const uint8_t *new;
	size_t new_len;
	saidx_t *suffixes; /* of old, in order */
};

static size_t common_length(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	size_t most = a_len < b_len ? a_len : b_len, len = 0;

	while (len + 8 <= most) {
		uint64_t left, right;

		memcpy(&left, a + len, 8);
		memcpy(&right, b + len, 8);
		if (left != right)
			return len + (size_t)(__builtin_ctzll(left ^ right) / 8);
		len += 8;
	}
	while (len < most && a[len] == b[len])
		len++;
	return len;
}

static size_t match_at(const struct finder *finder, size_t rank, size_t new_at, size_t skip, size_t *ret_len)
{
	size_t at = (size_t)finder->suffixes[rank];

	*ret_len = skip + common_length(finder->old + at + skip, finder->old_len - at - skip,
				  finder->new + new_at + skip, finder->new_len - new_at - skip);
	return at;
}

/* The longest run of NEW at NEW_AT that stands anywhere in OLD. */
static size_t longest_match(const struct finder *finder, size_t new_at, size_t *ret_old_at)
{
	size_t low = 0, high = finder->old_len - 1, low_len, high_len;
	size_t low_at = match_at(finder, low, new_at, 0, &low_len);
	size_t high_at = match_at(finder, high, new_at, 0, &high_len);

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2, len;
		size_t at = match_at(finder, middle, new_at, low_len < high_len ? low_len : high_len, &len);
		bool is_less = at + len == finder->old_len ||
			       (new_at + len < finder->new_len && finder->old[at + len] < finder->new[new_at + len]);

		if (is_less) {
			low = middle;
			low_at = at;
			low_len = len;
		} else {
			high = middle;
			high_at = at;
			high_len = len;
		}
	}
	*ret_old_at = low_len > high_len ? low_at : high_at;
	return low_len > high_len ? low_len : high_len;
}

/* Where the walk through NEW stands: the part before FROM is explained; the old byte opposite a new one is SHIFT
 * away. */
struct walk {
	size_t from;
	size_t old_from;
	size_t at;
	size_t match_len;
	size_t match_at;
	bool is_new; /* a place worth a seek, or the end; else the match only goes on where we are */
};

static bool goes_on_well(const struct finder *finder, const struct walk *walk, size_t new_at)
{
	size_t old_at = walk->old_from + (new_at - walk->from);

	return old_at < finder->old_len && finder->old[old_at] == finder->new[new_at];
}

/* Moves on to the next place worth a seek, or to the end. */
static void find_next(const struct finder *finder, struct walk *walk)
{
	size_t well = 0, counted;

	walk->at += walk->match_len;
	walk->match_len = 0;
	for (counted = walk->at; walk->at < finder->new_len; walk->at++) {
		walk->match_len = longest_match(finder, walk->at, &walk->match_at);
		for (; counted < walk->at + walk->match_len; counted++)
			well += goes_on_well(finder, walk, counted);
		walk->is_new = walk->match_len > well + WORTH_A_SEEK;
		if (walk->is_new || (walk->match_len == well && well != 0))
			return;
		if (counted > walk->at)
			well -= goes_on_well(finder, walk, walk->at);
		else
			counted = walk->at + 1;
	}
	walk->match_len = 0;
	walk->is_new = true;
}

/* How far the former place explains what follows it, up to LIMIT: where more than half of the bytes are right. */
static size_t extend_on(const struct finder *finder, const struct walk *walk, size_t limit)
{
	size_t best = 0;
	int64_t right = 0, best_score = 0;

	for (size_t i = 0; i < limit && walk->old_from + i < finder->old_len; i++) {
		right += finder->old[walk->old_from + i] == finder->new[walk->from + i];
		if (right * 2 - (int64_t)(i + 1) > best_score) {
			best_score = right * 2 - (int64_t)(i + 1);
			best = i + 1;
		}
	}
	return best;
}

/* How far the new place explains what stands before it. */
static size_t extend_back(const struct finder *finder, const struct walk *walk, size_t limit)
{
	size_t best = 0;
	int64_t right = 0, best_score = 0;

	for (size_t i = 1; i <= limit && i <= walk->match_at; i++) {
		right += finder->old[walk->match_at - i] == finder->new[walk->at - i];
		if (right * 2 - (int64_t)i > best_score) {
			best_score = right * 2 - (int64_t)i;
			best = i;
		}
	}
	return best;
}

/* Both places explain OVERLAP bytes: gives how many of them the former one should keep. */
static size_t split_overlap(
	const struct finder *finder, const struct walk *walk, size_t on, size_t back, size_t overlap)
{
	int64_t score = 0, best_score = 0;
	size_t best = 0;

	for (size_t i = 0; i < overlap; i++) {
		size_t former = on - overlap + i;

		score += finder->new[walk->from + former] == finder->old[walk->old_from + former];
		score -= finder->new[walk->at - back + i] == finder->old[walk->match_at - back + i];
		if (score > best_score) {
			best_score = score;
			best = i + 1;
		}
	}
	return best;
}

static int end_step(
	const struct finder *finder, struct walk *walk, bytediff_sink *sink, void *context, struct error *err)
{
	bool at_end = walk->at >= finder->new_len;
	size_t gap = walk->at - walk->from;
	size_t on = extend_on(finder, walk, gap);
	size_t back = at_end ? 0 : extend_back(finder, walk, gap);
	struct bytediff_step step = {.new_at = walk->from, .old_at = walk->old_from};

	if (on + back > gap) {
		size_t overlap = on + back - gap;
		size_t kept = split_overlap(finder, walk, on, back, overlap);

		on -= overlap - kept;
		back -= kept;
	}
	step.copied = on;
	step.added = gap - on - back;
	walk->from = walk->at - back;
	walk->old_from = walk->match_at - back;
	return sink(context, &step, err);
}

static int walk_new(const struct finder *finder, bytediff_sink *sink, void *context, struct error *err)
{
	struct walk walk = {0};

	while (walk.at < finder->new_len) {
		find_next(finder, &walk);
		if (walk.is_new && end_step(finder, &walk, sink, context, err) < 0)
			return -1;
	}
	return 0;
}

int bytediff_find(const uint8_t *old, size_t old_len, const uint8_t *new, size_t new_len, bytediff_sink *sink,
	void *context, struct error *err)
{
	struct finder finder = {.old = old, .old_len = old_len, .new = new, .new_len = new_len};
	struct bytediff_step all = {.added = new_len};
	AUTO(free) saidx_t *suffixes = NULL;

	if (old_len == 0 || new_len == 0)
		return sink(context, &all, err);
	if (old_len > INT32_MAX || new_len > INT32_MAX)
		return error_set(err, ERROR_USAGE, "files of 2 GiB and more cannot be compared");
	if (!(suffixes = malloc(old_len * sizeof(*suffixes))) || divsufsort(old, suffixes, (saidx_t)old_len) != 0)
		return error_set(err, ERROR_FAILED, "no memory to compare files of %zu bytes", old_len);
	finder.suffixes = suffixes;
	return walk_new(&finder, sink, context, err);
}
