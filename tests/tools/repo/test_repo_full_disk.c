/* Packing when the disk fails: nothing half-written stays. */
#include "tests/support/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/support/folder.h"
#include "tools/repo/commands/commands.h"

/* Packs "in" of the folder, or "in.tar", into "out". */
static int pack(const struct folder *folder, struct fs *fs, const char *input, struct error *err)
{
	char in[FOLDER_PATH_SIZE + 16];
	char out[FOLDER_PATH_SIZE + 16];
	char *argv[] = {in, (char *)"--package=face-library", (char *)"--version=5.1.0", (char *)"--level=1",
		(char *)"--output", out};
	struct args args;
	struct clock clock;
	struct tool tool = {.fs = fs, .clock = &clock, .args = &args};

	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	(void)snprintf(in, sizeof(in), "%s/%s", folder->path, input);
	(void)snprintf(out, sizeof(out), "%s/out", folder->path);
	return args_init(&args, ARGS_TABLES(command_pack.options), 6, argv, err) < 0 ? -1
										     : command_pack.run(&tool, err);
}

/* Only the change numbered by CONTEXT fails. */
static int no_space_at(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	(void)change;
	(void)path;
	return number == *(uint64_t *)fs->context ? ENOSPC : 0;
}

static void make_input(const struct folder *folder)
{
	AUTO(free) char *large = calloc(1, 6000000);
	char command[FOLDER_PATH_SIZE + 64];

	assert_non_null(large);
	folder_put(folder, "in/bin/large", large, 6000000);
	folder_put(folder, "in/share/text", "text", 4);
	folder_put(folder, "in/share/more/text", "more", 4);
	(void)snprintf(command, sizeof(command), "cd %s && tar cf in.tar -C in .", folder->path);
	assert_int_equal(system(command), 0);
}

static bool is_there(const struct folder *folder, const char *path)
{
	return faccessat(folder->fd, path, F_OK, 0) == 0;
}

static int entries_of_out(const struct folder *folder)
{
	int fd = openat(folder->fd, "out", O_RDONLY | O_DIRECTORY);
	struct dirent *entry;
	DIR *out;
	int count = 0;

	if (fd < 0)
		return 0;
	out = fdopendir(fd);
	assert_non_null(out);
	while ((entry = readdir(out)))
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	(void)closedir(out);
	return count;
}

static void fail_everywhere(const char *input)
{
	struct folder folder;
	struct error err = {0};
	bool failed = true;
	uint64_t n;

	folder_init(&folder);
	make_input(&folder);
	for (n = 1; failed; n++) {
		struct fs fs;

		fs_init(&fs);
		fs.before_change = no_space_at;
		fs.context = &n;
		failed = pack(&folder, &fs, input, &err) < 0;
		if (failed && (err.code != ERROR_NO_SPACE || entries_of_out(&folder) != 0))
			fail_msg("change %d: %d left; %s", (int)n, entries_of_out(&folder), err.text);
		/* What cannot be removed stays, and only that. */
		if (!failed && n <= fs.changes)
			failed = true;
		if (failed && is_there(&folder, "out")) {
			char command[FOLDER_PATH_SIZE + 16];

			(void)snprintf(command, sizeof(command), "rm -rf %s/out", folder.path);
			assert_int_equal(system(command), 0);
		}
	}
	assert_true(n > 8);
	assert_true(is_there(&folder, "out/face-library-5.1.0.json"));
	assert_true(is_there(&folder, "out/face-library-5.1.0.tar.zst"));
	folder_clear(&folder);
}

TEST_CASE(test_a_folder_packed_on_a_full_disk_leaves_nothing_half_written)
{
	fail_everywhere("in");
}

TEST_CASE(test_an_archive_packed_on_a_full_disk_leaves_nothing_half_written)
{
	fail_everywhere("in.tar");
}

TESTS(NULL, NULL)
