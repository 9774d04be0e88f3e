#include "updater/rewrite/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fs.h"
#include "common/auto.h"
#include "updater/rewrite/scan_part.h"

#define WINDOW_BYTES 65536u
#define BEHIND 16u

static scan_part *part_for(const struct elf_image *image, enum elf_section_kind kind)
{
	switch (kind) {
	case ELF_CODE:
		return image->is_arm ? scan_arm : scan_x86;
	case ELF_RELOCATIONS:
		return scan_relocations;
	case ELF_SYMBOLS:
	case ELF_OTHER_SYMBOLS:
		return scan_symbols;
	case ELF_UNWIND:
		return scan_unwind;
	case ELF_EXCEPTIONS:
		return scan_exceptions;
	case ELF_CONSTANTS:
		return scan_jump_tables;
	case ELF_DATA:
		return scan_pointers;
	case ELF_UNWIND_INDEX:
	case ELF_SPACE:
		break;
	}
	return NULL;
}

bool scan_covers(const struct elf_image *image, const struct elf_section *section)
{
	return part_for(image, section->kind) != NULL;
}

static int scan_section(struct scan *scan, int fd, int out_fd, const struct elf_section *section, scan_part *part,
	uint8_t *bytes, struct error *err)
{
	for (uint64_t done = 0, step; done < section->size; done += step) {
		uint64_t left = section->size - done;
		struct scan_window window = {.section = section,
			.at = section->offset + done,
			.address = section->address + done,
			.bytes = bytes,
			.len = left < WINDOW_BYTES ? (size_t)left : WINDOW_BYTES,
			.is_last = left <= WINDOW_BYTES};

		if (pread(fd, bytes, window.len, (off_t)window.at) != (ssize_t)window.len)
			return error_set(err, ERROR_DAMAGED, "the program is shorter than its headers say");
		memset(bytes + window.len, 0, BEHIND);
		step = part(scan, &window);
		if (window.is_last || step == 0)
			step = window.len;
		if (out_fd >= 0 && fs_scratch_write(out_fd, window.at, bytes, (size_t)step, err) < 0)
			return -1;
	}
	return 0;
}

/* Code first: it tells where jump tables begin. */
static int scan_sections(struct scan *scan, int fd, int out_fd, bool code, uint8_t *bytes, struct error *err)
{
	for (size_t i = 0; i < scan->image->count; i++) {
		const struct elf_section *section = &scan->image->sections[i];
		scan_part *part = part_for(scan->image, section->kind);

		if (part && (section->kind == ELF_CODE) == code &&
			scan_section(scan, fd, out_fd, section, part, bytes, err) < 0)
			return -1;
	}
	return 0;
}

int scan_fields(
	int fd, int out_fd, const struct elf_image *image, field_visit *visit, void *context, struct error *err)
{
	struct scan scan = {.image = image, .visit = visit, .context = context};
	uint64_t constants = image->constants_end - image->constants_begin;
	AUTO(free) uint8_t *table_starts = NULL;
	AUTO(free) uint8_t *bytes = malloc(WINDOW_BYTES + BEHIND);

	if (constants && constants <= SCAN_TABLES_BYTES_MOST)
		scan.table_starts = table_starts = calloc((size_t)constants / 32 + 1, 1);
	if (!bytes || (constants && constants <= SCAN_TABLES_BYTES_MOST && !table_starts))
		return error_set(err, ERROR_FAILED, "no memory to rewrite a program");
	if (scan_sections(&scan, fd, out_fd, true, bytes, err) < 0)
		return -1;
	return scan_sections(&scan, fd, out_fd, false, bytes, err);
}
