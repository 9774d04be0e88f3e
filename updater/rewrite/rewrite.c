#include "updater/rewrite/rewrite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "updater/rewrite/elf_image.h"
#include "updater/rewrite/scan.h"
#include "updater/rewrite/unwind_index.h"

#define CHUNK 65536u

static int put_all(int fd, const uint8_t *bytes, size_t len, uint64_t at, struct error *err)
{
	while (len) {
		ssize_t put = pwrite(fd, bytes, len, (off_t)at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return error_system(err, put < 0 ? errno : EIO, "cannot write a rewritten program");
		bytes += put;
		at += (uint64_t)put;
		len -= (size_t)put;
	}
	return 0;
}

static int copy(int old_fd, uint64_t size, int scratch_fd, struct error *err)
{
	AUTO(free) uint8_t *bytes = malloc(CHUNK);

	if (!bytes)
		return error_set(err, ERROR_FAILED, "no memory to rewrite a program");
	for (uint64_t at = 0; at < size;) {
		ssize_t got = pread(old_fd, bytes, size - at < CHUNK ? (size_t)(size - at) : CHUNK, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_set(err, ERROR_DAMAGED, "the old program cannot be read to its end");
		if (put_all(scratch_fd, bytes, (size_t)got, at, err) < 0)
			return -1;
		at += (uint64_t)got;
	}
	return 0;
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
	return put_all(scratch_fd, zeros, index.count * 8, index.offset, err);
}

int rewrite_program(int old_fd, uint64_t size, const struct shifts *shifts, bool without_index, int scratch_fd,
	struct error *err)
{
	struct elf_image image;
	struct shifts *context = (struct shifts *)(uintptr_t)shifts;

	if (elf_image_read(old_fd, size, &image, err) < 0 || copy(old_fd, size, scratch_fd, err) < 0 ||
		scan_fields(old_fd, scratch_fd, &image, lead, context, err) < 0)
		return -1;
	return without_index ? empty_index(old_fd, size, scratch_fd, err) : 0;
}
