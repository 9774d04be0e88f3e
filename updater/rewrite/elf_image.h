/* What a rewrite needs to know of a program or library: ELF, 64 bits, little-endian, x86-64 or 64-bit Arm. Read from a
 * file that may be anything; what is not understood is left alone. */
#ifndef UPDATER_REWRITE_ELF_IMAGE_H
#define UPDATER_REWRITE_ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* Sections beyond these are not looked at. */
#define ELF_SECTIONS_MOST 128u
/* Larger programs are not rewritten. */
#define ELF_BYTES_MOST (UINT64_C(1) << 30)

enum elf_section_kind {
	ELF_CODE,
	ELF_RELOCATIONS,   /* with addend */
	ELF_SYMBOLS,	   /* for the dynamic linker */
	ELF_OTHER_SYMBOLS, /* for debuggers; not loaded */
	ELF_UNWIND,	   /* .eh_frame */
	ELF_UNWIND_INDEX,  /* .eh_frame_hdr */
	ELF_EXCEPTIONS,	   /* .gcc_except_table */
	ELF_CONSTANTS,
	ELF_DATA,
	ELF_SPACE, /* addresses without bytes in the file */
};

/* What is not loaded has no address: here it has one that begins behind all others. */
#define ELF_NOT_LOADED (UINT64_C(1) << 40)

struct elf_section {
	enum elf_section_kind kind;
	uint64_t offset; /* in the file */
	uint64_t size;
	uint64_t address;
	uint64_t names; /* of symbols: the address of their names */
};

struct elf_image {
	bool is_arm;
	struct elf_section sections[ELF_SECTIONS_MOST]; /* by place in the file, none overlapping */
	size_t count;
	uint64_t symbols;    /* address of the dynamic symbols; 0: none */
	uint64_t begin, end; /* addresses of all sections */
	uint64_t code_begin, code_end;
	uint64_t data_begin, data_end;
	uint64_t constants_begin, constants_end;
};

/* ERROR_NOT_FOUND where the SIZE bytes of FD are no such program, or one whose headers make no sense. */
WARN_UNUSED int elf_image_read(int fd, uint64_t size, struct elf_image *ret_image, struct error *err);

/* The first section of a kind, or NULL. */
const struct elf_section *elf_image_find(const struct elf_image *image, enum elf_section_kind kind);

#endif
