#include "updater/rewrite/unwind_index.h"

#include <stdlib.h>
#include <unistd.h>

#include "updater/rewrite/elf_image.h"
#include "updater/rewrite/scan.h"

#define HEAD_SIZE 12u
#define ENTRY_SIZE 8u

struct entry {
	uint64_t code;
	uint64_t record;
};

struct collector {
	struct entry *entries;
	size_t count, room;
	uint64_t record; /* of the field seen last */
};

void unwind_index_clear(struct unwind_index *index)
{
	free(index->bytes);
	*index = (struct unwind_index){0};
}

static int no_index(struct error *err)
{
	return error_set(err, ERROR_NOT_FOUND, "the program has no index of its functions of the usual form");
}

static int find(int fd, const struct elf_image *image, struct unwind_index *ret_index, struct error *err)
{
	const struct elf_section *section = elf_image_find(image, ELF_UNWIND_INDEX);
	uint8_t head[HEAD_SIZE];
	uint32_t count;

	/* Version, and three encodings: near; a plain count; entries signed, 32 bits, from the section's beginning. */
	if (!section || section->size < HEAD_SIZE || !elf_image_find(image, ELF_UNWIND) ||
		pread(fd, head, sizeof(head), (off_t)section->offset) != (ssize_t)sizeof(head) || head[0] != 1 ||
		head[1] != 0x1b || head[2] != 0x03 || head[3] != 0x3b)
		return no_index(err);
	count = field_get_32(head + 8);
	if (count > UNWIND_INDEX_MOST || count > (section->size - HEAD_SIZE) / ENTRY_SIZE)
		return no_index(err);
	*ret_index = (struct unwind_index){.offset = section->offset + HEAD_SIZE, .count = count};
	return 0;
}

int unwind_index_find(int fd, uint64_t size, struct unwind_index *ret_index, struct error *err)
{
	struct elf_image image;

	return elf_image_read(fd, size, &image, err) < 0 ? -1 : find(fd, &image, ret_index, err);
}

/* A record's head comes first, as a distance back, 4 bytes into it; then its function, 4 further. */
static void collect(void *context, const struct field *field)
{
	struct collector *collector = context;

	if (field->kind == FIELD_BACK) {
		collector->record = field->base - 4;
		return;
	}
	if (collector->record == 0 || field->base != collector->record + 8)
		return;
	if (collector->count < collector->room)
		collector->entries[collector->count] = (struct entry){field->target, collector->record};
	collector->count++;
	collector->record = 0;
}

static int by_code(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	if (left->code != right->code)
		return left->code < right->code ? -1 : 1;
	return left->record < right->record ? -1 : left->record > right->record;
}

int unwind_index_make(int fd, uint64_t size, struct unwind_index *ret_index, struct error *err)
{
	AUTO(unwind_index) struct unwind_index index = {0};
	AUTO(free) struct entry *entries = NULL;
	struct elf_image image, only = {0};
	struct collector collector = {0};
	uint64_t begin;

	if (elf_image_read(fd, size, &image, err) < 0 || find(fd, &image, &index, err) < 0)
		return -1;
	begin = elf_image_find(&image, ELF_UNWIND_INDEX)->address;
	only.sections[only.count++] = *elf_image_find(&image, ELF_UNWIND);
	collector.entries = entries = calloc(index.count + 1, sizeof(*entries));
	collector.room = index.count;
	if (!entries || !(index.bytes = malloc(index.count * ENTRY_SIZE + 1)))
		return error_set(err, ERROR_FAILED, "no memory for an index of functions");
	if (scan_fields(fd, -1, &only, collect, &collector, err) < 0)
		return -1;
	if (collector.count != index.count)
		return no_index(err);
	qsort(entries, index.count, sizeof(*entries), by_code);
	for (size_t i = 0; i < index.count; i++) {
		field_put_32(index.bytes + i * ENTRY_SIZE, (uint32_t)(entries[i].code - begin));
		field_put_32(index.bytes + i * ENTRY_SIZE + 4, (uint32_t)(entries[i].record - begin));
	}
	*ret_index = index;
	index.bytes = NULL;
	return 0;
}
