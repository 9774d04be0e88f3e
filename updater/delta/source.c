#include "updater/delta/source.h"

#include <stdlib.h>
#include <unistd.h>

#include "updater/members/members.h"
#include "updater/rewrite/rewrite.h"
#include "updater/rewrite/unwind_index.h"

void source_clear(struct source *source)
{
	fd_close(&source->fd);
	members_writer_free(source->writer);
	shifts_clear(&source->map);
	*source = (struct source)SOURCE_INIT;
}

static int no_sense(struct error *err)
{
	return error_set(err, ERROR_REFUSED, "the delta's map makes no sense");
}

/* ---- What the delta has about the file. ---- */

/* How long the inflated old file is shows once it was made. */
static int read_members(struct source *source, struct section *maps, struct error *err)
{
	source->size = MEMBERS_INFLATED_MOST * 2;
	if (section_read_number(maps, &source->makes, err) < 0)
		return -1;
	return source->makes > MEMBERS_INFLATED_MOST * 2 ? no_sense(err) : 0;
}

/* The map: each entry as a distance from the one before it. */
static int read_addresses(struct source *source, struct section *maps, struct error *err)
{
	AUTO(free) struct shift *entries = NULL;
	uint64_t flags, count, step, from = 0;
	int64_t change, by = 0;

	if (section_read_number(maps, &flags, err) < 0 || section_read_number(maps, &count, err) < 0)
		return -1;
	if (flags > DELTA_MAKES_INDEX || count > SHIFTS_MOST)
		return no_sense(err);
	source->is_finished_later = flags & DELTA_MAKES_INDEX;
	if (!(entries = calloc((size_t)count + 1, sizeof(*entries))))
		return error_set(err, ERROR_FAILED, "no memory for a delta's map");
	for (uint64_t i = 0; i < count; i++) {
		if (section_read_number(maps, &step, err) < 0 || section_read_signed(maps, &change, err) < 0)
			return -1;
		if (step >= SHIFTS_ADDRESS_END || change >= (int64_t)SHIFTS_ADDRESS_END ||
			change <= -(int64_t)SHIFTS_ADDRESS_END)
			return no_sense(err);
		from += step;
		by += change;
		entries[i] = (struct shift){.from = from, .by = by};
	}
	return shifts_init(&source->map, take_ptr(&entries), (size_t)count, err);
}

int source_read(struct source *source, enum delta_kind kind, uint64_t old_size, uint64_t new_size,
	struct section *maps, struct error *err)
{
	source->kind = kind;
	source->size = old_size;
	source->makes = new_size;
	switch (kind) {
	case DELTA_MEMBERS:
		return read_members(source, maps, err);
	case DELTA_ADDRESSES:
		return read_addresses(source, maps, err);
	case DELTA_BYTES:
	case DELTA_KINDS:
		break;
	}
	return 0;
}

/* ---- What is done with the old file. ---- */

/* The old file's members inflated, and behind them the table of its pieces. */
static int prepare_members(int old_fd, uint64_t old_size, int scratch_fd, struct error *err)
{
	AUTO(members) struct members members = {0};
	AUTO(buf) struct buf table = BUF_INIT(MEMBERS_PIECES_MOST * MEMBERS_PIECE_SIZE);

	if (members_inflate(old_fd, old_size, scratch_fd, &members, err) < 0 ||
		members_table(&members, old_size, &table, err) < 0)
		return -1;
	return fs_scratch_write(scratch_fd, members.len, buf_text(&table), table.len, err);
}

static int prepare(struct source *source, int old_fd, uint64_t old_size, int scratch_fd, struct error *err)
{
	switch (source->kind) {
	case DELTA_MEMBERS:
		return prepare_members(old_fd, old_size, scratch_fd, err);
	case DELTA_ADDRESSES:
		return rewrite_program(old_fd, old_size, &source->map, source->is_finished_later, scratch_fd, err);
	case DELTA_BYTES:
	case DELTA_KINDS:
		break;
	}
	return 0;
}

int source_prepare(
	struct source *source, struct fs *fs, int dir_fd, int take_old_fd, uint64_t old_size, struct error *err)
{
	AUTO(fd) int old_fd = take_old_fd;
	AUTO(fd) int scratch_fd = -1;

	if (source->kind == DELTA_BYTES) {
		source->fd = take_fd(&old_fd);
		return 0;
	}
	if ((scratch_fd = fs_scratch(fs, dir_fd, err)) < 0 ||
		prepare(source, old_fd, old_size, scratch_fd, err) < 0)
		return -1;
	source->fd = take_fd(&scratch_fd);
	return 0;
}

/* ---- What is done with the bytes that are made of it. ---- */

int source_begin(struct source *source, members_sink *sink, void *context, struct error *err)
{
	source->sink = sink;
	source->sink_context = context;
	return source->kind == DELTA_MEMBERS ? members_writer_new(sink, context, &source->writer, err) : 0;
}

int source_put(struct source *source, const uint8_t *data, size_t len, struct error *err)
{
	return source->writer ? members_writer_put(source->writer, data, len, err)
			      : source->sink(source->sink_context, data, len, err);
}

int source_end(struct source *source, struct error *err)
{
	return source->writer ? members_writer_end(source->writer, err) : 0;
}

/* The index of .eh_frame. What has none stays as it is. */
static int write_index(struct fs *fs, int fd, const char *path, uint64_t size, struct error *err)
{
	AUTO(unwind_index) struct unwind_index index = {0};
	struct error ignored;

	if (unwind_index_make(fd, size, &index, &ignored) < 0 || lseek(fd, (off_t)index.offset, SEEK_SET) < 0)
		return 0;
	return fs_write(fs, fd, path, index.bytes, index.count * 8, err);
}

int source_finish(const struct source *source, struct fs *fs, int fd, const char *path, uint64_t size, struct error *err)
{
	return source->kind == DELTA_ADDRESSES ? write_index(fs, fd, path, size, err) : 0;
}
