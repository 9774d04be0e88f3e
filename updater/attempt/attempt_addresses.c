#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "updater/rewrite/field.h"
#include "updater/rewrite/rewrite.h"
#include "updater/rewrite/unwind_index.h"
#include "updater/attempt/delta_number.h"
#include "updater/attempt/shift_vote.h"
#include "updater/attempt/attempt.h"

/* The map is made, and then once more from what it did: that one is better. */
#define ROUNDS 2
/* So many times smaller, by bytes that differ, that other kinds need not be tried. */
#define MUCH_SMALLER 4

struct programs {
	const struct content *old;
	struct content new; /* of our own: an index that is left out is emptied in it */
	struct marks old_marks;
	struct marks new_marks;
	bool makes_index;
};

static void programs_clear(struct programs *programs)
{
	marks_clear(&programs->old_marks);
	marks_clear(&programs->new_marks);
	content_clear(&programs->new);
}
DEFINE_AUTO(programs, struct programs, programs_clear);

/* Where the new index is what its .eh_frame makes, it is left out: emptied here, as a terminal does with the old one. */
static int empty_index(struct programs *programs, struct error *err)
{
	const struct content *new = &programs->new;
	AUTO(unwind_index) struct unwind_index index = {0};
	struct error reason;

	if (unwind_index_make(new->fd, new->len, &index, &reason) < 0) {
		if (reason.code != ERROR_NOT_FOUND && err)
			*err = reason;
		return reason.code == ERROR_NOT_FOUND ? 0 : -1;
	}
	programs->makes_index = memcmp(new->bytes + index.offset, index.bytes, index.count * 8) == 0;
	if (programs->makes_index)
		memset(new->bytes + index.offset, 0, index.count * 8);
	return 0;
}

/* A program with all its distances and addresses empty. */
static uint8_t *without_fields(const struct content *content, const struct marks *marks)
{
	uint8_t *bytes = malloc(content->len);

	if (!bytes)
		return NULL;
	memcpy(bytes, content->bytes, content->len);
	for (size_t i = 0; i < marks->count; i++)
		field_put(&(struct field){.kind = marks->all[i].kind, .bytes = bytes + marks->all[i].at}, 0, 0);
	return bytes;
}

/* Which bytes stand opposite each other, addresses left aside. */
static int first_steps(const struct programs *programs, struct steps *ret_steps, struct error *err)
{
	AUTO(free) uint8_t *old = without_fields(programs->old, &programs->old_marks);
	AUTO(free) uint8_t *new = without_fields(&programs->new, &programs->new_marks);

	if (!old || !new)
		return error_set(err, ERROR_FAILED, "no memory to compare programs");
	return steps_find(old, programs->old->len, new, programs->new.len, ret_steps, err);
}

static size_t differing(const struct steps *steps, const uint8_t *old, const uint8_t *new)
{
	size_t count = 0;

	for (size_t i = 0; i < steps->count; i++) {
		const struct bytediff_step *step = &steps->all[i];

		count += step->added;
		for (size_t at = 0; at < step->copied; at++)
			count += old[step->old_at + at] != new[step->new_at + at];
	}
	return count;
}

/* One round: a map from STEPS, the old program rewritten through it, and better steps from there. */
static int make_round(const struct programs *programs, struct steps *steps, struct shifts *ret_map,
	struct content *ret_rewritten, struct error *err)
{
	AUTO(content) struct content rewritten = CONTENT_INIT;
	AUTO(shifts) struct shifts map = {0};
	const struct content *old = programs->old, *new = &programs->new;

	if (shift_vote(&programs->old_marks, &programs->new_marks, steps, &map, err) < 0 ||
		content_scratch(&rewritten, err) < 0 ||
		rewrite_program(old->fd, old->len, &map, programs->makes_index, rewritten.fd, err) < 0 ||
		content_map(&rewritten, err) < 0)
		return -1;
	steps_clear(steps);
	if (steps_find(rewritten.bytes, rewritten.len, new->bytes, new->len, steps, err) < 0)
		return -1;
	shifts_clear(ret_map);
	content_clear(ret_rewritten);
	*ret_map = map;
	*ret_rewritten = rewritten;
	map = (struct shifts){0};
	rewritten = (struct content)CONTENT_INIT;
	return 0;
}

static int put_map(struct attempt *attempt, const struct shifts *map, bool makes_index, struct error *err)
{
	struct buf *maps = &attempt->parts[DELTA_MAPS];
	struct shift before = {0};

	if (delta_number_append(maps, makes_index ? DELTA_MAKES_INDEX : 0, err) < 0 ||
		delta_number_append(maps, map->count, err) < 0)
		return -1;
	for (size_t i = 0; i < map->count; before = map->entries[i++])
		if (delta_number_append(maps, map->entries[i].from - before.from, err) < 0 ||
			delta_number_append_signed(maps, map->entries[i].by - before.by, err) < 0)
			return -1;
	return 0;
}

static int read_programs(
	struct programs *programs, const struct content *old, const struct content *new, struct error *err)
{
	programs->old = old;
	if ((programs->new.fd = fcntl(new->fd, F_DUPFD_CLOEXEC, 0)) < 0)
		return error_system(err, errno, "cannot read a program");
	if (content_map(&programs->new, err) < 0 || marks_read(old->fd, old->len, &programs->old_marks, err) < 0 ||
		marks_read(new->fd, new->len, &programs->new_marks, err) < 0)
		return -1;
	return empty_index(programs, err);
}

int attempt_addresses(struct attempt *attempt, const struct content *old, const struct content *new, struct error *err)
{
	AUTO(programs) struct programs programs = {.new = CONTENT_INIT};
	AUTO(content) struct content rewritten = CONTENT_INIT;
	AUTO(shifts) struct shifts map = {0};
	AUTO(steps) struct steps steps = {0};
	size_t before;

	if (read_programs(&programs, old, new, err) < 0 || first_steps(&programs, &steps, err) < 0)
		return -1;
	before = differing(&steps, old->bytes, new->bytes);
	for (int round = 0; round < ROUNDS; round++)
		if (make_round(&programs, &steps, &map, &rewritten, err) < 0)
			return -1;
	attempt->is_enough = differing(&steps, rewritten.bytes, programs.new.bytes) < before / MUCH_SMALLER;
	if (put_map(attempt, &map, programs.makes_index, err) < 0)
		return -1;
	return attempt_take_steps(attempt, &steps, rewritten.bytes, programs.new.bytes, err);
}
