#include "tests/support/linked.h"

#include <elf.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "updater/rewrite/field.h"

/* Files and addresses begin alike: a byte's address is its place. */
#define CODE_AT 0x1000u
#define RECORD_SIZE 24u
#define HEAD_SIZE 24u
#define NAMES ".eh_frame_hdr\0.eh_frame\0.gcc_except_table"

enum { CODE = 1, RELOCATIONS, SYMBOLS, STRINGS, INDEX, UNWIND, CONSTANTS, DATA, SECTION_NAMES, SECTIONS };

struct linked {
	uint8_t *bytes;
	bool is_arm;
	size_t gap;
	size_t at[SECTIONS + 1]; /* where each section begins */
	size_t size[SECTIONS];
};

size_t linked_function(size_t index, size_t gap)
{
	return CODE_AT + index * LINKED_FUNCTION_SIZE + (index >= LINKED_AFTER ? gap : 0);
}

static void lay_out(struct linked *linked)
{
	size_t at = CODE_AT;

	linked->size[CODE] = LINKED_FUNCTIONS * LINKED_FUNCTION_SIZE + linked->gap;
	linked->size[RELOCATIONS] = LINKED_FUNCTIONS * sizeof(Elf64_Rela);
	linked->size[SYMBOLS] = LINKED_FUNCTIONS * sizeof(Elf64_Sym);
	linked->size[STRINGS] = LINKED_FUNCTIONS * 5;
	linked->size[INDEX] = 12 + LINKED_FUNCTIONS * 8;
	linked->size[UNWIND] = HEAD_SIZE + LINKED_FUNCTIONS * RECORD_SIZE + 4;
	linked->size[CONSTANTS] = LINKED_FUNCTIONS * 4;
	linked->size[DATA] = LINKED_FUNCTIONS * 8;
	linked->size[SECTION_NAMES] = sizeof(NAMES);
	for (int i = CODE; i < SECTIONS; i++) {
		linked->at[i] = at;
		at = (at + linked->size[i] + 63) & ~(size_t)63;
	}
	linked->at[SECTIONS] = at;
}

static void put_instruction(
	uint8_t *bytes, uint32_t instruction, enum field_kind kind, uint64_t base, uint64_t target)
{
	field_put_32(bytes, instruction);
	field_put(&(struct field){.kind = kind, .bytes = bytes}, base, target);
}

/* Calls another function, and takes the address of the table. */
static void put_function(const struct linked *linked, size_t index)
{
	size_t at = linked_function(index, linked->gap),
	       target = linked_function(index * 7 % LINKED_FUNCTIONS, linked->gap);
	uint8_t *code = linked->bytes + at;
	uint32_t noise = (uint32_t)index * 2654435761u;

	for (size_t i = 0; i < LINKED_FUNCTION_SIZE; i++, noise = noise * 1103515245u + 12345u)
		code[i] = linked->is_arm ? 0x1f : (uint8_t)(0x40 + (noise >> 24) % 16);
	if (linked->is_arm) {
		put_instruction(code + 8, 0x94000000, FIELD_ARM_26, at + 8, target);
		put_instruction(code + 16, 0x90000001, FIELD_ARM_PAGE, at + 16, linked->at[CONSTANTS]);
		put_instruction(code + 20, 0x91000021, FIELD_ARM_LOW, 0, linked->at[CONSTANTS]);
		put_instruction(code + 28, 0xb4000000, FIELD_ARM_19, at + 28, at);
		field_put_32(code + 40, (uint32_t)index | 0xd2800000);
		return;
	}
	code[8] = 0xe8;
	field_put_32(code + 9, (uint32_t)(target - (at + 13)));
	memcpy(code + 20, "\x48\x8d\x05", 3);
	field_put_32(code + 23, (uint32_t)(linked->at[CONSTANTS] - (at + 27)));
	memcpy(code + 30, "\x0f\x84", 2);
	field_put_32(code + 32, (uint32_t)(target - (at + 36)));
}

static void put_tables(const struct linked *linked, size_t index)
{
	uint8_t *bytes = linked->bytes, *record;
	size_t function = linked_function(index, linked->gap), data = linked->at[DATA] + index * 8;
	size_t unwind = linked->at[UNWIND] + HEAD_SIZE + index * RECORD_SIZE;

	field_put_64(bytes + data, function);
	record = bytes + linked->at[RELOCATIONS] + index * sizeof(Elf64_Rela);
	field_put_64(record, data);
	field_put_32(record + 8, linked->is_arm ? R_AARCH64_RELATIVE : R_X86_64_RELATIVE);
	field_put_32(record + 12, (uint32_t)index);
	field_put_64(record + 16, function);
	record = bytes + linked->at[SYMBOLS] + index * sizeof(Elf64_Sym);
	field_put_32(record, (uint32_t)index * 5);
	record[4] = STT_FUNC;
	field_put_64(record + 8, function);
	field_put_32(bytes + linked->at[CONSTANTS] + index * 4, (uint32_t)(function - linked->at[CONSTANTS]));
	record = bytes + unwind;
	field_put_32(record, RECORD_SIZE - 4);
	field_put_32(record + 4, (uint32_t)(unwind + 4 - linked->at[UNWIND]));
	field_put_32(record + 8, (uint32_t)(function - (unwind + 8)));
	field_put_32(record + 12, LINKED_FUNCTION_SIZE);
	record = bytes + linked->at[INDEX] + 12 + index * 8;
	field_put_32(record, (uint32_t)(function - linked->at[INDEX]));
	field_put_32(record + 4, (uint32_t)(unwind - linked->at[INDEX]));
}

static void put_unwind_heads(const struct linked *linked)
{
	static const uint8_t head[HEAD_SIZE] = {
		HEAD_SIZE - 4, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b};
	uint8_t *index = linked->bytes + linked->at[INDEX];

	memcpy(linked->bytes + linked->at[UNWIND], head, sizeof(head));
	memcpy(index, "\1\x1b\3\x3b", 4);
	field_put_32(index + 4, (uint32_t)(linked->at[UNWIND] - (linked->at[INDEX] + 4)));
	field_put_32(index + 8, LINKED_FUNCTIONS);
}

static void put_section(const struct linked *linked, int index, uint32_t type, uint64_t flags, uint32_t name)
{
	Elf64_Shdr *header = (Elf64_Shdr *)(void *)(linked->bytes + sizeof(Elf64_Ehdr)) + index;

	*header = (Elf64_Shdr){.sh_name = htole32(name),
		.sh_type = htole32(type),
		.sh_flags = htole64(flags),
		.sh_addr = htole64(flags ? linked->at[index] : 0),
		.sh_offset = htole64(linked->at[index]),
		.sh_size = htole64(linked->size[index]),
		.sh_link = htole32(index == SYMBOLS ? STRINGS : 0)};
}

static void put_headers(const struct linked *linked)
{
	Elf64_Ehdr head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
		.e_machine = htole16(linked->is_arm ? EM_AARCH64 : EM_X86_64),
		.e_shoff = htole64(sizeof(Elf64_Ehdr)),
		.e_shentsize = htole16(sizeof(Elf64_Shdr)),
		.e_shnum = htole16(SECTIONS),
		.e_shstrndx = htole16(SECTION_NAMES)};

	memcpy(linked->bytes, &head, sizeof(head));
	memcpy(linked->bytes + linked->at[SECTION_NAMES], NAMES, sizeof(NAMES));
	put_section(linked, CODE, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 13);
	put_section(linked, RELOCATIONS, SHT_RELA, SHF_ALLOC, 13);
	put_section(linked, SYMBOLS, SHT_DYNSYM, SHF_ALLOC, 13);
	put_section(linked, STRINGS, SHT_STRTAB, SHF_ALLOC, 13);
	put_section(linked, INDEX, SHT_PROGBITS, SHF_ALLOC, 0);
	put_section(linked, UNWIND, SHT_PROGBITS, SHF_ALLOC, 14);
	put_section(linked, CONSTANTS, SHT_PROGBITS, SHF_ALLOC, 13);
	put_section(linked, DATA, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 13);
	put_section(linked, SECTION_NAMES, SHT_STRTAB, 0, 13);
}

void linked_make(struct buf *ret_program, bool is_arm, size_t gap)
{
	struct linked linked = {.is_arm = is_arm, .gap = gap};
	char *room;

	lay_out(&linked);
	if (buf_extend(ret_program, linked.at[SECTIONS], &room, NULL) < 0)
		abort();
	linked.bytes = (uint8_t *)room;
	memset(room, 0, linked.at[SECTIONS]);
	put_headers(&linked);
	put_unwind_heads(&linked);
	for (size_t i = 0; i < LINKED_FUNCTIONS; i++) {
		put_function(&linked, i);
		put_tables(&linked, i);
		memcpy(room + linked.at[STRINGS] + i * 5, (char[5]){'f', (char)('a' + i / 26), (char)('a' + i % 26)},
			5);
	}
}
