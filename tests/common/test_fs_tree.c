/* What another account does to the names below a folder while we make and remove them. */
#include "tests/support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/fs.h"
#include "tests/support/folder.h"

#define OTHER_ACCOUNT 65534
#define VICTIM_MODE 0751

struct place {
	struct folder folder;
	struct fs fs;
	enum fs_change at;		       /* before the first change of this kind ... */
	void (*exchange)(struct place *place); /* ... this happens; NULL: nothing */
};

static int strike(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	struct place *place = fs->context;
	void (*exchange)(struct place *) = place->exchange;

	(void)number, (void)path;
	if (exchange && change == place->at) {
		place->exchange = NULL;
		exchange(place);
	}
	return 0;
}

static int set_up(void **state)
{
	static struct place place; /* one test at a time */

	place = (struct place){0};
	folder_init(&place.folder);
	fs_init(&place.fs);
	place.fs.before_change = strike;
	place.fs.context = &place;
	folder_put(&place.folder, "victim/precious", "text", 4);
	assert_int_equal(fchmodat(place.folder.fd, "victim", VICTIM_MODE, 0), 0);
	*state = &place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	folder_clear(&place->folder);
	return 0;
}

static void assert_victim_is_untouched(const struct place *place)
{
	struct stat st;

	assert_int_equal(fstatat(place->folder.fd, "victim", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, VICTIM_MODE);
	assert_int_equal(faccessat(place->folder.fd, "victim/precious", F_OK, 0), 0);
}

/* "tree/inner" is put aside, and its name leads to the victim. */
static void put_a_link_there(struct place *place)
{
	assert_int_equal(renameat(place->folder.fd, "tree/inner", place->folder.fd, "tree/aside"), 0);
	assert_int_equal(symlinkat("../victim", place->folder.fd, "tree/inner"), 0);
}

TEST_CASE(test_a_folder_that_becomes_a_link_leads_to_nobody_else)
{
	static const enum fs_change moments[] = {FS_SET_MODE, FS_REMOVE};
	struct place *place = *state;
	struct error err = {0};

	for (size_t i = 0; i < ARRAY_SIZE(moments); i++) {
		folder_put(&place->folder, "tree/inner/file", "text", 4);
		assert_int_equal(fchmodat(place->folder.fd, "tree/inner", 0, 0), 0);
		place->at = moments[i];
		place->exchange = put_a_link_there;
		assert_ok(fs_remove_tree(&place->fs, place->folder.fd, "tree", &err), &err);
		assert_null(place->exchange);
		assert_false(fs_exists(&place->fs, place->folder.fd, "tree"));
		assert_victim_is_untouched(place);
	}
}

/* Ends when it is killed. */
static _Noreturn void exchange_for_ever(int pit_fd, const char *victim)
{
	if (geteuid() == 0 && (setgid(OTHER_ACCOUNT) < 0 || setuid(OTHER_ACCOUNT) < 0))
		_exit(1);
	for (;;) {
		(void)!symlinkat(victim, pit_fd, "other");
		(void)!mkdirat(pit_fd, "name", 0);
		(void)!renameat2(pit_fd, "name", pit_fd, "other", RENAME_EXCHANGE);
	}
}

TEST_CASE(test_another_account_that_exchanges_names_all_the_time_gains_nothing)
{
	struct place *place = *state;
	AUTO(fd) int pit_fd = -1;
	char victim[FOLDER_PATH_SIZE + 16];
	struct error ignored;
	mode_t mask;
	pid_t pid;

	(void)snprintf(victim, sizeof(victim), "%s/victim", place->folder.path);
	assert_int_equal(fchmodat(place->folder.fd, ".", 0755, 0), 0);
	assert_int_equal(mkdirat(place->folder.fd, "pit", 0700), 0);
	pit_fd = openat(place->folder.fd, "pit", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (geteuid() == 0)
		assert_int_equal(fchown(pit_fd, OTHER_ACCOUNT, OTHER_ACCOUNT), 0);
	assert_true((pid = fork()) >= 0);
	if (pid == 0)
		exchange_for_ever(pit_fd, victim);
	mask = umask(077);
	for (int round = 0; round < 300; round++) {
		(void)!fs_remove_tree(&place->fs, pit_fd, round % 2 ? "name" : "other", &ignored);
		(void)!fs_make_dirs(&place->fs, pit_fd, "name", 0777, &ignored);
	}
	(void)umask(mask);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_victim_is_untouched(place);
}

static void make_chain(int top_fd, int depth)
{
	int fd = dup(top_fd);

	for (int i = 0; i < depth; i++) {
		int next_fd;

		assert_int_equal(mkdirat(fd, "d", 0700), 0);
		next_fd = openat(fd, "d", O_RDONLY | O_DIRECTORY);
		assert_true(next_fd >= 0);
		assert_int_equal(fchmod(fd, 0), 0);
		(void)close(fd);
		fd = next_fd;
	}
	(void)close(fd);
}

TEST_CASE(test_folders_without_end_are_removed_with_few_descriptors)
{
	struct place *place = *state;
	struct rlimit old, few = {64, 64};
	struct error err = {0};
	int top_fd;

	assert_int_equal(mkdirat(place->folder.fd, "tree", 0700), 0);
	top_fd = openat(place->folder.fd, "tree", O_RDONLY | O_DIRECTORY);
	make_chain(top_fd, 2000);
	(void)close(top_fd);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_ok(fs_remove_tree(&place->fs, place->folder.fd, "tree", &err), &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_false(fs_exists(&place->fs, place->folder.fd, "tree"));
}

static int refill(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	struct place *place = fs->context;
	char name[64];

	(void)path;
	(void)snprintf(name, sizeof(name), "tree/%llu", (unsigned long long)number);
	if (change == FS_REMOVE)
		folder_put(&place->folder, name, "again", 5);
	return 0;
}

TEST_CASE(test_a_folder_that_fills_for_ever_is_given_up)
{
	struct place *place = *state;
	struct error err = {0};

	place->fs.before_change = refill;
	folder_put(&place->folder, "tree/first", "text", 4);
	/* The last name that is removed is the folder's own, so each look finds one more. */
	assert_int_equal(fs_remove_tree(&place->fs, place->folder.fd, "tree", &err), -1);
	assert_error(&err, ERROR_BUSY, "somebody fills 'tree'");
}

TESTS(set_up, tear_down)
