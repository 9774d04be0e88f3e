/* Tables that the linker and the dynamic linker read: relocations, symbols, pointers in data, jump tables, references
 * of exception tables. */
#include <elf.h>

#include "updater/rewrite/scan_part.h"

static void see(struct scan *scan, const struct scan_window *window, size_t at, struct field field)
{
	field.at = window->at + at;
	field.bytes = window->bytes + at;
	scan->visit(scan->context, &field);
}

static bool is_inside(const struct elf_image *image, uint64_t address)
{
	return address >= image->begin && address < image->end && address != 0;
}

static void see_address(struct scan *scan, const struct scan_window *window, size_t at)
{
	uint64_t target = field_get_64(window->bytes + at);

	if (is_inside(scan->image, target))
		see(scan, window, at, (struct field){.kind = FIELD_ADDRESS, .target = target});
}

size_t scan_relocations(struct scan *scan, const struct scan_window *window)
{
	const struct elf_image *image = scan->image;
	uint32_t relative = image->is_arm ? R_AARCH64_RELATIVE : R_X86_64_RELATIVE;
	uint32_t indirect = image->is_arm ? R_AARCH64_IRELATIVE : R_X86_64_IRELATIVE;
	size_t at = 0;

	for (; at + sizeof(Elf64_Rela) <= window->len; at += sizeof(Elf64_Rela)) {
		uint32_t type = field_get_32(window->bytes + at + 8), symbol = field_get_32(window->bytes + at + 12);

		see_address(scan, window, at);
		if (symbol && image->symbols)
			see(scan, window, at + 12,
				(struct field){.kind = FIELD_SYMBOL,
					.base = image->symbols,
					.target = image->symbols + (uint64_t)symbol * sizeof(Elf64_Sym)});
		if (type == relative || type == indirect)
			see_address(scan, window, at + 16);
	}
	return at;
}

size_t scan_symbols(struct scan *scan, const struct scan_window *window)
{
	uint64_t names = window->section->names;
	size_t at = 0;

	for (; at + sizeof(Elf64_Sym) <= window->len; at += sizeof(Elf64_Sym)) {
		const uint8_t *symbol = window->bytes + at;

		if (names)
			see(scan, window, at,
				(struct field){
					.kind = FIELD_NEAR, .base = names, .target = names + field_get_32(symbol)});
		if (ELF64_ST_TYPE(symbol[4]) != STT_TLS)
			see_address(scan, window, at + 8);
	}
	return at;
}

size_t scan_pointers(struct scan *scan, const struct scan_window *window)
{
	size_t at = (size_t)(-window->address % 8);

	for (; at + 8 <= window->len; at += 8)
		see_address(scan, window, at);
	return at;
}

size_t scan_exceptions(struct scan *scan, const struct scan_window *window)
{
	size_t at = (size_t)(-window->address % 4);

	for (; at + 4 <= window->len; at += 4) {
		uint64_t base = window->address + at;
		uint64_t target = base + (uint64_t)(int32_t)field_get_32(window->bytes + at);

		if (target % 8 == 0 && target >= scan->image->data_begin && target < scan->image->data_end)
			see(scan, window, at, (struct field){.kind = FIELD_NEAR, .base = base, .target = target});
	}
	return at;
}

static bool begins_table(const struct scan *scan, uint64_t address)
{
	uint64_t word = (address - scan->image->constants_begin) / 4;

	return scan->table_starts && scan->table_starts[word / 8] >> (word % 8) & 1;
}

/* A table begins where code refers to it, and goes on for as long as what it holds leads into code. */
size_t scan_jump_tables(struct scan *scan, const struct scan_window *window)
{
	const struct elf_image *image = scan->image;
	size_t at = (size_t)(-window->address % 4);

	for (; at + 4 <= window->len; at += 4) {
		uint64_t address = window->address + at, target;

		if (begins_table(scan, address))
			scan->jump_table = address;
		if (!scan->jump_table)
			continue;
		target = scan->jump_table + (uint64_t)(int32_t)field_get_32(window->bytes + at);
		if (target >= image->code_begin && target < image->code_end)
			see(scan, window, at,
				(struct field){.kind = FIELD_NEAR, .base = scan->jump_table, .target = target});
		else
			scan->jump_table = 0;
	}
	return at;
}
