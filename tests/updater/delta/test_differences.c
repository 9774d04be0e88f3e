/* The differences of a delta: split by the publisher, added by the terminal. */
#include "updater/delta/differences.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/folder.h"
#include "tests/support/test.h"
#include "updater/attempt/delta_pack.h"
#include "updater/attempt/delta_number.h"
#include "updater/attempt/differences_split.h"

#define MOST 65536

/* A section with these bytes, in a file of the folder. */
static struct section *open_section(struct folder *folder, const char *name, const struct buf *bytes, int *ret_fd)
{
	AUTO(buf) struct buf packed = BUF_INIT(2 * MOST);
	struct section *section = NULL;
	struct error err = {0};

	assert_ok(pack_smallest(bytes->data, bytes->len, &packed, &err), &err);
	folder_put(folder, name, packed.data + 1, packed.len - 1);
	*ret_fd = openat(folder->fd, name, O_RDONLY | O_CLOEXEC);
	assert_true(*ret_fd >= 0);
	assert_ok(section_open(*ret_fd, 0, packed.len - 1, bytes->len, packed.data[0], &section, &err), &err);
	return section;
}

/* Adds what the sections say to LEN bytes of DATA, PART at a time. */
static int add(const struct differences_sections *sections, uint8_t *data, size_t len, size_t part, struct error *err)
{
	struct folder folder;
	int fds[3], result = 0;
	struct differences differences = {0};

	folder_init(&folder);
	differences.equal = open_section(&folder, "equal", &sections->equal, &fds[0]);
	differences.unequal = open_section(&folder, "unequal", &sections->unequal, &fds[1]);
	differences.differences = open_section(&folder, "differences", &sections->differences, &fds[2]);
	for (size_t at = 0; at < len && result == 0; at += part)
		result = differences_add(&differences, data + at, part < len - at ? part : len - at, err);
	section_free(differences.equal);
	section_free(differences.unequal);
	section_free(differences.differences);
	for (int i = 0; i < 3; i++)
		(void)close(fds[i]);
	folder_clear(&folder);
	return result;
}

static struct differences_sections *sections_new(void)
{
	struct differences_sections *sections = calloc(1, sizeof(*sections));

	sections->equal.limit = sections->unequal.limit = sections->differences.limit = MOST;
	return sections;
}

static void sections_free(struct differences_sections *sections)
{
	buf_clear(&sections->equal);
	buf_clear(&sections->unequal);
	buf_clear(&sections->differences);
	free(sections);
}

static void split(struct differences_sections *sections, const void *differences, size_t len)
{
	struct error err = {0};

	assert_ok(differences_split(differences, len, sections, &err), &err);
}

TEST_CASE(test_what_was_split_is_added_again)
{
	static const struct {
		const char *differences;
		size_t len;
	} rows[] = {
		{"", 0},
		{"\0", 1},
		{"a", 1},
		{"\0\0\0\0\0", 5},
		{"abcdef", 6},
		{"\0\0\0abc", 6},
		{"abc\0", 4},
		{"abc\0\0\0\0", 7},
		{"a\0b\0\0c\0\0\0d\0\0\0\0e\0", 17},
		{"\0a\0\0\0b\0\0", 8},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t part = 1; part <= 8; part++) {
			struct differences_sections *sections = sections_new();
			uint8_t data[32];
			struct error err = {0};

			memset(data, 0xf0, sizeof(data));
			split(sections, rows[i].differences, rows[i].len);
			assert_ok(add(sections, data, rows[i].len, part, &err), &err);
			for (size_t at = 0; at < sizeof(data); at++)
				assert_int_equal(
					data[at], (uint8_t)(0xf0 + (at < rows[i].len ? rows[i].differences[at] : 0)));
			sections_free(sections);
		}
	}
}

TEST_CASE(test_few_zeros_stay_among_the_differences)
{
	struct differences_sections *sections = sections_new();

	split(sections, "\0\0\0\0a\0b\0\0c\0\0\0d", 14);
	assert_int_equal(sections->equal.len, 2);
	assert_memory_equal(sections->equal.data, "\4\3", 2);
	assert_memory_equal(sections->unequal.data, "\6\1", 2);
	assert_int_equal(sections->differences.len, 7);
	assert_memory_equal(sections->differences.data, "a\0b\0\0cd", 7);
	sections_free(sections);
}

/* More than what is read at a time. */
TEST_CASE(test_a_long_run_is_added_whole)
{
	struct differences_sections *sections = sections_new();
	uint8_t data[20000] = {0}, differences[20000];
	struct error err = {0};

	for (size_t i = 0; i < sizeof(differences); i++)
		differences[i] = (uint8_t)(i % 251 + 1);
	split(sections, differences, sizeof(differences));
	assert_ok(add(sections, data, sizeof(data), sizeof(data), &err), &err);
	assert_memory_equal(data, differences, sizeof(data));
	sections_free(sections);
}

TEST_CASE(test_refuses_runs_of_nothing)
{
	struct differences_sections *sections = sections_new();
	uint8_t data[4] = {0};
	struct error err = {0};

	assert_ok(delta_number_append(&sections->equal, 0, &err), &err);
	assert_ok(delta_number_append(&sections->unequal, 0, &err), &err);
	assert_int_equal(add(sections, data, 4, 4, &err), -1);
	assert_error(&err, ERROR_REFUSED, "make no sense");
	sections_free(sections);
}

TEST_CASE(test_refuses_differences_that_end_too_early)
{
	struct differences_sections *sections = sections_new();
	uint8_t data[8] = {0};
	struct error err = {0};

	split(sections, "abcd", 4);
	assert_int_equal(add(sections, data, 5, 5, &err), -1);
	assert_error(&err, ERROR_REFUSED, "ends too early");
	sections->differences.len = 3;
	assert_int_equal(add(sections, data, 4, 4, &err), -1);
	assert_error(&err, ERROR_REFUSED, "ends too early");
	sections_free(sections);
}

TESTS(NULL, NULL)
