/* The agent's own self-test. */
#include "agent/restart/self_test.h"

#include <dirent.h>
#include <stdlib.h>

#include "tests/support/folder.h"
#include "tests/support/test.h"

static int fixed_boot_id(const struct clock *clock, char ret_id[static BOOT_ID_SIZE], struct error *err)
{
	(void)clock;
	(void)err;
	(void)strcpy(ret_id, "boot-1");
	return 0;
}

static int run(const char *folder, struct error *err)
{
	struct clock clock;
	struct fs fs;
	struct env env = {.clock = &clock, .fs = &fs};

	fs_init(&fs);
	clock_init(&clock, "/nonexistent");
	clock.boot_id = fixed_boot_id;
	assert_int_equal(setenv("TMPDIR", folder, 1), 0);
	return self_test_run(&env, err);
}

static int count_names(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	(void)closedir(dir);
	return count - 2;
}

TEST_CASE(test_passes_and_leaves_nothing_behind)
{
	struct folder folder;
	struct error err = {0};

	folder_init(&folder);
	assert_ok(run(folder.path, &err), &err);
	assert_int_equal(count_names(folder.path), 0);
	folder_clear(&folder);
}

TEST_CASE(test_says_where_it_could_not_make_its_folder)
{
	struct error err = {0};

	assert_int_equal(run("/nonexistent", &err), -1);
	assert_non_null(strstr(err.text, "'/nonexistent'"));
}

TESTS(NULL, NULL)
