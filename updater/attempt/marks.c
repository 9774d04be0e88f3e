#include "updater/attempt/marks.h"

#include <stdbool.h>
#include <stdlib.h>

#include "updater/rewrite/elf_image.h"
#include "updater/rewrite/scan.h"

struct reader {
	struct marks *marks;
	bool is_full; /* no memory for more */
};

void marks_clear(struct marks *marks)
{
	free(marks->all);
	*marks = (struct marks){0};
}

static void note(void *context, const struct field *field)
{
	struct reader *reader = context;
	struct marks *marks = reader->marks;

	if (marks->count == marks->room) {
		size_t room = marks->room ? marks->room * 2 : 4096;
		struct mark *all = reallocarray(marks->all, room, sizeof(*all));

		if (!all) {
			reader->is_full = true;
			return;
		}
		marks->all = all;
		marks->room = room;
	}
	marks->all[marks->count++] = (struct mark){
		.at = (uint32_t)field->at, .kind = field->kind, .base = field->base, .target = field->target};
}

static int by_place(const void *a, const void *b)
{
	const struct mark *left = a, *right = b;

	return left->at < right->at ? -1 : left->at > right->at;
}

int marks_read(int fd, uint64_t size, struct marks *ret_marks, struct error *err)
{
	AUTO(marks) struct marks marks = {0};
	struct reader reader = {.marks = &marks};
	struct elf_image image;

	if (elf_image_read(fd, size, &image, err) < 0 || scan_fields(fd, -1, &image, note, &reader, err) < 0)
		return -1;
	if (reader.is_full)
		return error_set(err, ERROR_FAILED, "no memory for the fields of a program");
	qsort(marks.all, marks.count, sizeof(*marks.all), by_place);
	*ret_marks = marks;
	marks = (struct marks){0};
	return 0;
}
