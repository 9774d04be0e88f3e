/* What the walk over a program's fields shares with those who know the fields of one kind of section. */
#ifndef UPDATER_REWRITE_SCAN_PART_H
#define UPDATER_REWRITE_SCAN_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "updater/rewrite/elf_image.h"
#include "updater/rewrite/field.h"

/* Constants are looked through for jump tables within so many bytes. */
#define SCAN_TABLES_BYTES_MOST (UINT64_C(256) << 20)
#define SCAN_UNWIND_KINDS 64u

/* How the records of .eh_frame that refer to one head (CIE) are encoded. */
struct scan_unwind_kind {
	uint64_t at; /* of the head; 0: none here */
	bool has_near_code;
	bool has_near_exceptions;
};

struct scan {
	const struct elf_image *image; /* borrowed, as all below */
	field_visit *visit;
	void *context;
	uint8_t *table_starts; /* one bit for each 4 bytes of constants that code refers to; NULL: too many */
	struct scan_unwind_kind unwind_kinds[SCAN_UNWIND_KINDS]; /* the last ones met */
	size_t unwind_next;
	uint64_t jump_table; /* address of the one being read; 0: none */
};

/* One window of a section: LEN bytes that begin AT bytes into the file and at ADDRESS; 16 readable ones follow. */
struct scan_window {
	const struct elf_section *section;
	uint64_t at;
	uint64_t address;
	uint8_t *bytes;
	size_t len;
	bool is_last;
};

/* Shows VISIT every field of the window; gives how many bytes are done with. The others come again, at the beginning
 * of the next window. */
typedef size_t scan_part(struct scan *scan, const struct scan_window *window);

/* Those that there are, for each kind of section. */
scan_part scan_x86;
scan_part scan_arm;
scan_part scan_relocations;
scan_part scan_symbols;
scan_part scan_pointers;
scan_part scan_unwind;
scan_part scan_exceptions;
scan_part scan_jump_tables;

/* Notes that code refers to ADDRESS, where a jump table may begin. */
void scan_note_table(struct scan *scan, uint64_t address);

#endif
