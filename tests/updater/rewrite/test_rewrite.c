#include "updater/rewrite/rewrite.h"

#include <elf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/linked.h"
#include "tests/support/test.h"
#include "updater/rewrite/elf_image.h"
#include "updater/rewrite/scan.h"
#include "updater/rewrite/unwind_index.h"

#define GAP 4160
#define PROGRAM_MOST (1u << 20)

/* A program in memory, with a descriptor. */
struct program {
	struct buf bytes;
	int fd;
};

static int in_memory(const void *data, size_t len)
{
	int fd = memfd_create("program", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, len, 0), len);
	return fd;
}

static struct program program_of(bool is_arm, size_t gap)
{
	struct program program = {.bytes = BUF_INIT(PROGRAM_MOST)};

	linked_make(&program.bytes, is_arm, gap);
	program.fd = in_memory(program.bytes.data, program.bytes.len);
	return program;
}

static void program_clear(struct program *program)
{
	buf_clear(&program->bytes);
	(void)close(program->fd);
}
DEFINE_AUTO(program, struct program, program_clear);

/* Everything behind the functions that stayed has moved by the gap; functions and their tables alike. */
static void map_of(struct shifts *ret_map, uint64_t from, int64_t by)
{
	struct shift *entries = calloc(1, sizeof(*entries));
	struct error err;

	entries[0] = (struct shift){.from = from, .by = by};
	assert_ok(shifts_init(ret_map, entries, 1, &err), &err);
}

static uint8_t *rewritten(const struct program *program, const struct shifts *map, bool without_index)
{
	AUTO(fd) int fd = memfd_create("rewritten", MFD_CLOEXEC);
	uint8_t *bytes = malloc(program->bytes.len);
	struct error err;

	assert_ok(rewrite_program(program->fd, program->bytes.len, map, without_index, fd, &err), &err);
	assert_int_equal(pread(fd, bytes, program->bytes.len, 0), program->bytes.len);
	return bytes;
}

TEST_CASE(test_every_function_looks_as_in_the_new_program)
{
	for (int is_arm = 0; is_arm < 2; is_arm++) {
		AUTO(program) struct program old = program_of(is_arm, 0);
		AUTO(program) struct program new = program_of(is_arm, GAP);
		AUTO(shifts) struct shifts map = {0};
		AUTO(free) uint8_t *bytes = NULL;
		size_t behind = linked_function(LINKED_AFTER, 0);

		map_of(&map, behind, GAP);
		bytes = rewritten(&old, &map, false);
		assert_memory_equal(bytes + 0x1000, new.bytes.data + 0x1000, behind - 0x1000);
		/* All sections behind the code are as they will be, GAP further on. */
		assert_memory_equal(bytes + behind, new.bytes.data + behind + GAP,
			LINKED_FUNCTIONS * LINKED_FUNCTION_SIZE - LINKED_AFTER * LINKED_FUNCTION_SIZE);
	}
}

static const struct elf_section *section_of(const struct elf_image *image, enum elf_section_kind kind)
{
	const struct elf_section *section = elf_image_find(image, kind);

	assert_non_null(section);
	return section;
}

TEST_CASE(test_tables_and_data_look_as_in_the_new_program)
{
	static const enum elf_section_kind kinds[] = {
		ELF_RELOCATIONS, ELF_SYMBOLS, ELF_UNWIND, ELF_CONSTANTS, ELF_DATA};
	AUTO(program) struct program old = program_of(false, 0);
	AUTO(program) struct program new = program_of(false, GAP);
	AUTO(shifts) struct shifts map = {0};
	AUTO(free) uint8_t *bytes = NULL;
	struct elf_image was, is;
	struct error err;

	assert_ok(elf_image_read(old.fd, old.bytes.len, &was, &err), &err);
	assert_ok(elf_image_read(new.fd, new.bytes.len, &is, &err), &err);
	map_of(&map, linked_function(LINKED_AFTER, 0), GAP);
	bytes = rewritten(&old, &map, false);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct elf_section *from = section_of(&was, kinds[i]), *to = section_of(&is, kinds[i]);

		assert_int_equal(from->size, to->size);
		assert_memory_equal(bytes + from->offset, new.bytes.data + to->offset, from->size);
	}
}

TEST_CASE(test_the_index_of_functions_is_made_anew)
{
	AUTO(program) struct program program = program_of(false, GAP);
	AUTO(unwind_index) struct unwind_index index = {0};
	AUTO(shifts) struct shifts map = {0};
	AUTO(free) uint8_t *bytes = NULL, *zeros = calloc(LINKED_FUNCTIONS, 8);
	struct error err;

	assert_ok(unwind_index_make(program.fd, program.bytes.len, &index, &err), &err);
	assert_int_equal(index.count, LINKED_FUNCTIONS);
	assert_memory_equal(index.bytes, program.bytes.data + index.offset, index.count * 8);
	map_of(&map, 1, 0);
	bytes = rewritten(&program, &map, true);
	assert_memory_equal(bytes + index.offset, zeros, index.count * 8);
}

/* What is refused, by what is changed in its headers. */
static void assert_no_program(size_t at, size_t width, uint64_t value, const char *why)
{
	AUTO(program) struct program program = program_of(false, 0);
	AUTO(fd) int fd = -1;
	struct elf_image image;
	struct error err;

	for (size_t i = 0; i < width; i++)
		program.bytes.data[at + i] = (char)(value >> (8 * i));
	fd = in_memory(program.bytes.data, program.bytes.len);
	assert_int_equal(elf_image_read(fd, program.bytes.len, &image, &err), -1);
	assert_error(&err, ERROR_NOT_FOUND, why);
}

#define SECTION(index, member) (sizeof(Elf64_Ehdr) + (index) * sizeof(Elf64_Shdr) + offsetof(Elf64_Shdr, member))

TEST_CASE(test_other_programs_are_left_alone)
{
	assert_no_program(EI_CLASS, 1, ELFCLASS32, "64 bits");
	assert_no_program(EI_DATA, 1, ELFDATA2MSB, "little-endian");
	assert_no_program(offsetof(Elf64_Ehdr, e_machine), 2, EM_RISCV, "processor");
	assert_no_program(offsetof(Elf64_Ehdr, e_shnum), 2, ELF_SECTIONS_MOST + 1, "table of sections");
	assert_no_program(offsetof(Elf64_Ehdr, e_shoff), 8, UINT64_MAX - 63, "table of sections");
	assert_no_program(SECTION(2, sh_offset), 8, 0x1000, "overlap");
	assert_no_program(SECTION(8, sh_size), 8, PROGRAM_MOST, "behind it");
	assert_no_program(SECTION(3, sh_addr), 8, UINT64_MAX - 4096, "addresses");
	assert_no_program(SECTION(9, sh_offset), 8, UINT64_MAX, "names");
}

static void ignore(void *context, const struct field *field)
{
	(void)context;
	(void)field;
}

/* Wherever it is cut, nothing beyond its end is read. */
TEST_CASE(test_a_program_cut_anywhere_is_refused)
{
	AUTO(program) struct program program = program_of(false, 0);
	AUTO(shifts) struct shifts map = {0};

	map_of(&map, 0, 64);
	for (size_t len = 0; len < program.bytes.len - 64; len += 97) {
		AUTO(fd) int fd = in_memory(program.bytes.data, len);
		AUTO(fd) int scratch_fd = memfd_create("scratch", MFD_CLOEXEC);
		struct elf_image image;
		struct error err;

		assert_int_equal(rewrite_program(fd, len, &map, false, scratch_fd, &err), -1);
		assert_int_equal(err.code, ERROR_NOT_FOUND);
		/* The same where the file became shorter after its size was asked. */
		if (elf_image_read(fd, program.bytes.len, &image, &err) == 0)
			assert_int_equal(scan_fields(fd, -1, &image, ignore, NULL, &err), -1);
	}
}

static void assert_no_map(size_t count, uint64_t from, uint64_t step, int64_t by)
{
	struct shift *entries = calloc(count, sizeof(*entries));
	struct shifts map;
	struct error err;

	for (size_t i = 0; i < count; i++)
		entries[i] = (struct shift){.from = from + i * step, .by = by};
	assert_int_equal(shifts_init(&map, entries, count, &err), -1);
	assert_int_equal(err.code, ERROR_REFUSED);
}

TEST_CASE(test_a_map_beyond_its_bounds_is_refused)
{
	assert_no_map(SHIFTS_MOST + 1, 1, 16, 0);
	assert_no_map(2, 4096, 0, 0);
	assert_no_map(1, SHIFTS_ADDRESS_END, 1, 0);
	assert_no_map(1, 0, 1, (int64_t)SHIFTS_ADDRESS_END);
	assert_no_map(1, 0, 1, -(int64_t)SHIFTS_ADDRESS_END);
}

TEST_CASE(test_an_address_follows_the_entry_at_or_below_it)
{
	struct shift *entries = calloc(3, sizeof(*entries));
	struct shifts map;
	struct error err;

	entries[0] = (struct shift){.from = 0x1000, .by = 8};
	entries[1] = (struct shift){.from = 0x1010, .by = -4};
	entries[2] = (struct shift){.from = UINT64_C(1) << 40, .by = 100};
	assert_ok(shifts_init(&map, entries, 3, &err), &err);
	assert_int_equal(shifts_apply(&map, 0xfff), 0xfff);
	assert_int_equal(shifts_apply(&map, 0x1000), 0x1008);
	assert_int_equal(shifts_apply(&map, 0x100f), 0x1017);
	assert_int_equal(shifts_apply(&map, 0x1010), 0x100c);
	assert_int_equal(shifts_apply(&map, 0x999999), 0x999995);
	assert_int_equal(shifts_apply(&map, UINT64_C(1) << 40), (UINT64_C(1) << 40) + 100);
	assert_int_equal(shifts_apply(&map, (UINT64_C(1) << 40) - 1), (UINT64_C(1) << 40) - 5);
	shifts_clear(&map);
}

TESTS(NULL, NULL)
