#include "updater/rewrite/rewrite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fs.h"
#include "updater/rewrite/elf_image.h"
#include "updater/rewrite/scan.h"
#include "updater/rewrite/unwind_index.h"

#define CHUNK 65536u

static int copy(int old_fd, uint64_t from, uint64_t end, int scratch_fd, struct error *err)
{
	AUTO(free) uint8_t *bytes = malloc(CHUNK);

	if (!bytes)
		return error_set(err, ERROR_FAILED, "no memory to rewrite a program");
	for (uint64_t at = from; at < end;) {
		ssize_t got = pread(old_fd, bytes, end - at < CHUNK ? (size_t)(end - at) : CHUNK, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_set(err, ERROR_DAMAGED, "the old program cannot be read to its end");
		if (fs_scratch_write(scratch_fd, at, bytes, (size_t)got, err) < 0)
			return -1;
		at += (uint64_t)got;
	}
	return 0;
}

/* What stands between the sections that a walk goes through: they are in the file's order, none overlapping. */
static int copy_between(int old_fd, uint64_t size, const struct elf_image *image, int scratch_fd, struct error *err)
{
	uint64_t behind = 0;

	for (size_t i = 0; i < image->count; i++) {
		const struct elf_section *section = &image->sections[i];

		if (!scan_covers(image, section))
			continue;
		if (copy(old_fd, behind, section->offset, scratch_fd, err) < 0)
			return -1;
		behind = section->offset + section->size;
	}
	return copy(old_fd, behind, size, scratch_fd, err);
}

static void lead(void *context, const struct field *field)
{
	const struct shifts *shifts = context;
	uint64_t base = field->base ? shifts_apply(shifts, field->base) : 0;

	field_put(field, base, shifts_apply(shifts, field->target));
}

static int empty_index(int old_fd, uint64_t size, int scratch_fd, struct error *err)
{
	AUTO(unwind_index) struct unwind_index index = {0};
	AUTO(free) uint8_t *zeros = NULL;

	if (unwind_index_find(old_fd, size, &index, err) < 0)
		return err->code == ERROR_NOT_FOUND ? 0 : -1;
	if (!(zeros = calloc(index.count + 1, 8)))
		return error_set(err, ERROR_FAILED, "no memory to rewrite a program");
	return fs_scratch_write(scratch_fd, index.offset, zeros, index.count * 8, err);
}

int rewrite_program(
	int old_fd, uint64_t size, const struct shifts *shifts, bool without_index, int scratch_fd, struct error *err)
{
	struct elf_image image;
	struct shifts *context = (struct shifts *)(uintptr_t)shifts;

	if (elf_image_read(old_fd, size, &image, err) < 0 ||
		copy_between(old_fd, size, &image, scratch_fd, err) < 0 ||
		scan_fields(old_fd, scratch_fd, &image, lead, context, err) < 0)
		return -1;
	return without_index ? empty_index(old_fd, size, scratch_fd, err) : 0;
}
