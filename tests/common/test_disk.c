#include <stdint.h>

#include "common/disk/disk.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

#define MIB (UINT64_C(1) << 20)

TEST_CASE(test_tells_what_is_free_and_what_the_mount_forbids)
{
	struct folder folder;
	struct error err = {0};
	struct disk disk = {0};
	struct fs fs;

	fs_init(&fs);
	folder_init(&folder);
	assert_ok(disk_look(&fs, folder.fd, ".", &disk, &err), &err);
	assert_true(disk.free_bytes > 0 && disk.free_bytes <= disk.total_bytes);
	assert_true(disk.free_files > 0);
	assert_false(disk.is_read_only);
	assert_int_equal(disk_look(&fs, folder.fd, "none", &disk, &err), -1);
	assert_error(&err, ERROR_NOT_FOUND, "'none'");
	folder_clear(&folder);
}

TEST_CASE(test_room_is_bytes_and_files_with_what_stays_free)
{
	static const struct {
		const char *says; /* NULL: it fits */
		struct disk disk;
		struct disk_room needed, reserve;
	} rows[] = {
		{NULL, {.free_bytes = 30 * MIB, .free_files = 5000, .total_files = 40000}, {10 * MIB, 4000}, {20 * MIB, 1000}},
		{"1 MiB more are needed on this disk", {.free_bytes = 30 * MIB - 1, .free_files = UINT64_MAX}, {10 * MIB, 1},
			{20 * MIB, 1000}},
		{"can hold 4999 more files", {.free_bytes = 30 * MIB, .free_files = 4999, .total_files = 40000},
			{10 * MIB, 4000}, {20 * MIB, 1000}},
		/* a small disk: a twentieth of it stays free */
		{NULL, {.free_bytes = 30 * MIB, .free_files = 112, .total_files = 256}, {10 * MIB, 100}, {20 * MIB, 1000}},
		{"(100 for the release, 12 to stay free)", {.free_bytes = 30 * MIB, .free_files = 111, .total_files = 256},
			{10 * MIB, 100}, {20 * MIB, 1000}},
		/* it counts no files */
		{NULL, {.free_bytes = 30 * MIB, .free_files = UINT64_MAX}, {10 * MIB, 4000}, {20 * MIB, 1000}},
		{"MiB more are needed", {.free_bytes = 30 * MIB, .free_files = UINT64_MAX}, {10 * MIB, 1}, {UINT64_MAX, 1000}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error err = {0};
		int ret = disk_check_room(&rows[i].disk, &rows[i].needed, &rows[i].reserve, &err);

		if (rows[i].says)
			assert_error(&err, ERROR_NO_SPACE, rows[i].says);
		else
			assert_ok(ret, &err);
	}
}

TEST_CASE(test_a_disk_is_short_of_bytes_or_of_files)
{
	const struct disk_room reserve = {.bytes = 20 * MIB, .files = 1000};
	const struct disk rich = {.free_bytes = 20 * MIB, .free_files = 1000, .total_files = 40000};
	const struct disk full = {.free_bytes = 20 * MIB - 1, .free_files = 0, .total_files = 40000};
	const struct disk crowded = {.free_bytes = 20 * MIB, .free_files = 999, .total_files = 40000};
	bool files;

	assert_false(disk_is_short(&rich, &reserve, &files));
	assert_true(disk_is_short(&full, &reserve, &files));
	assert_false(files);
	assert_true(disk_is_short(&crowded, &reserve, &files));
	assert_true(files);
}

TESTS(NULL, NULL)
