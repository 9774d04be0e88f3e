#include "updater/attempt/attempt.h"

#include <stdlib.h>

#include <zstd.h>

#include "updater/attempt/delta_number.h"
#include "updater/attempt/delta_pack.h"
#include "updater/attempt/differences_split.h"

/* Of zstd: large parts are only to be compared, small ones decide. */
#define LEVEL_LARGE 3
#define LEVEL_SMALL 15
#define LARGE_BYTES (8u << 20)
/* Packing both ways to see which is better takes minutes beyond this. */
#define SPLIT_WITHOUT_LOOKING_BYTES (32u << 20)

void attempt_init(struct attempt *attempt, enum delta_kind kind)
{
	*attempt = (struct attempt){.kind = kind};
	for (int i = 0; i < DELTA_SECTIONS; i++)
		attempt->parts[i].limit = ATTEMPT_BYTES_MOST;
}

void attempt_clear(struct attempt *attempt)
{
	for (int i = 0; i < DELTA_SECTIONS; i++)
		buf_clear(&attempt->parts[i]);
}

static int estimate(const void *data, size_t len, uint64_t *ret_len, struct error *err)
{
	AUTO(free) void *packed = malloc(ZSTD_compressBound(len));
	size_t packed_len;

	*ret_len = 0;
	if (len == 0)
		return 0;
	if (!packed)
		return error_set(err, ERROR_FAILED, "no memory to compare sizes");
	packed_len = ZSTD_compress(
		packed, ZSTD_compressBound(len), data, len, len < LARGE_BYTES ? LEVEL_SMALL : LEVEL_LARGE);
	if (ZSTD_isError(packed_len))
		return error_set(err, ERROR_FAILED, "cannot compress: %s", ZSTD_getErrorName(packed_len));
	*ret_len = packed_len;
	return 0;
}

static int estimate_parts(struct attempt *attempt, struct error *err)
{
	attempt->estimate = 0;
	for (int i = DELTA_COPIED; i < DELTA_SECTIONS; i++) {
		uint64_t len;

		if (estimate(buf_text(&attempt->parts[i]), attempt->parts[i].len, &len, err) < 0)
			return -1;
		attempt->estimate += len;
	}
	return 0;
}

int attempt_whole(struct attempt *attempt, const struct content *new, struct error *err)
{
	attempt->is_whole = true;
	if (buf_append(&attempt->parts[DELTA_EXTRA], new->bytes, new->len, err) < 0)
		return -1;
	return estimate_parts(attempt, err);
}

static void sections_clear(struct differences_sections *sections)
{
	buf_clear(&sections->equal);
	buf_clear(&sections->unequal);
	buf_clear(&sections->differences);
}
DEFINE_AUTO(sections, struct differences_sections, sections_clear);

static uint64_t length_of(const struct differences_sections *sections)
{
	return sections->equal.len + sections->unequal.len + sections->differences.len;
}

/* As they will be packed: an estimate by a faster way takes the wrong side. */
static int packed_length(const struct differences_sections *sections, uint64_t *ret_len, struct error *err)
{
	const struct buf *all[] = {&sections->equal, &sections->unequal, &sections->differences};

	*ret_len = 0;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		AUTO(buf) struct buf packed = BUF_INIT(ATTEMPT_BYTES_MOST);

		if (pack_smallest(buf_text(all[i]), all[i]->len, &packed, err) < 0)
			return -1;
		*ret_len += packed.len;
	}
	return 0;
}

/* As one run of differences, zeros among them. */
static int as_one_run(struct buf *differences, struct differences_sections *ret_run, struct error *err)
{
	if (delta_number_append(&ret_run->equal, 0, err) < 0 ||
		delta_number_append(&ret_run->unequal, differences->len, err) < 0)
		return -1;
	return buf_append(&ret_run->differences, buf_text(differences), differences->len, err);
}

/* Addresses that moved alike all over a large program pack better split, a small one's patterns better whole. */
static int split_if_better(struct buf *differences, struct differences_sections *ret_sections, struct error *err)
{
	AUTO(sections) struct differences_sections run = {0};
	uint64_t split_len, run_len;

	run.equal.limit = run.unequal.limit = run.differences.limit = ATTEMPT_BYTES_MOST;
	if (differences_split((const uint8_t *)buf_text(differences), differences->len, ret_sections, err) < 0)
		return -1;
	if (differences->len == 0 || differences->len > SPLIT_WITHOUT_LOOKING_BYTES ||
		length_of(ret_sections) < differences->len / 16)
		return 0;
	if (as_one_run(differences, &run, err) < 0 || packed_length(&run, &run_len, err) < 0 ||
		packed_length(ret_sections, &split_len, err) < 0)
		return -1;
	if (run_len < split_len) {
		struct differences_sections split = *ret_sections;

		*ret_sections = run;
		run = split;
	}
	return 0;
}

static int put_step(struct attempt *attempt, const struct bytediff_step *step, size_t next_old_at, const uint8_t *new,
	struct error *err)
{
	if (delta_number_append(&attempt->parts[DELTA_COPIED], step->copied, err) < 0 ||
		delta_number_append(&attempt->parts[DELTA_ADDED], step->added, err) < 0 ||
		delta_number_append_signed(&attempt->parts[DELTA_SEEKS],
			(int64_t)next_old_at - (int64_t)(step->old_at + step->copied), err) < 0)
		return -1;
	return buf_append(&attempt->parts[DELTA_EXTRA], new + step->new_at + step->copied, step->added, err);
}

static int put_differences(struct buf *differences, const struct bytediff_step *step, const uint8_t *old,
	const uint8_t *new, struct error *err)
{
	char *room;

	if (step->copied == 0)
		return 0;
	if (buf_extend(differences, step->copied, &room, err) < 0)
		return -1;
	for (size_t i = 0; i < step->copied; i++)
		room[i] = (char)(uint8_t)(new[step->new_at + i] - old[step->old_at + i]);
	return 0;
}

int attempt_take_steps(
	struct attempt *attempt, const struct steps *steps, const uint8_t *old, const uint8_t *new, struct error *err)
{
	AUTO(buf) struct buf differences = BUF_INIT(ATTEMPT_BYTES_MOST);
	AUTO(sections) struct differences_sections sections = {0};

	sections.equal.limit = sections.unequal.limit = sections.differences.limit = ATTEMPT_BYTES_MOST;
	for (size_t i = 0; i < steps->count; i++) {
		const struct bytediff_step *step = &steps->all[i];
		size_t next = i + 1 < steps->count ? steps->all[i + 1].old_at : step->old_at + step->copied;

		if (put_step(attempt, step, next, new, err) < 0 ||
			put_differences(&differences, step, old, new, err) < 0)
			return -1;
	}
	if (split_if_better(&differences, &sections, err) < 0)
		return -1;
	attempt->parts[DELTA_EQUAL] = sections.equal;
	attempt->parts[DELTA_UNEQUAL] = sections.unequal;
	attempt->parts[DELTA_DIFFERENCES] = sections.differences;
	sections = (struct differences_sections){0};
	return estimate_parts(attempt, err);
}

int attempt_bytes(struct attempt *attempt, const struct content *old, const struct content *new, struct error *err)
{
	AUTO(steps) struct steps steps = {0};

	if (steps_find(old->bytes, old->len, new->bytes, new->len, &steps, err) < 0)
		return -1;
	return attempt_take_steps(attempt, &steps, old->bytes, new->bytes, err);
}
