#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/fs.h"
#include "tests/support/folder.h"

struct place {
	struct folder folder;
	struct fs fs;
	uint64_t fail_at; /* this change fails with FAIL_WITH; 0: none */
	int fail_with;
};

static int fail_one(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	const struct place *place = fs->context;

	(void)change;
	(void)path;
	return number == place->fail_at ? place->fail_with : 0;
}

static int set_up(void **state)
{
	static struct place place; /* one test at a time */

	place = (struct place){0};
	folder_init(&place.folder);
	fs_init(&place.fs);
	place.fs.before_change = fail_one;
	place.fs.context = &place;
	*state = &place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	folder_clear(&place->folder);
	return 0;
}

static bool holds(const struct place *place, const char *path, const char *text)
{
	AUTO(free) char *bytes = folder_get(&place->folder, path, NULL);

	return bytes && strcmp(bytes, text) == 0;
}

static int write_text(struct place *place, const char *path, const char *text, struct error *err)
{
	return fs_write_file(&place->fs, place->folder.fd, path, text, strlen(text), 0640, err);
}

TEST_CASE(test_writes_a_file_with_exactly_the_mode_asked_for)
{
	struct place *place = *state;
	struct error err = {0};
	struct stat st;
	mode_t mask = umask(077);

	assert_ok(write_text(place, "file", "text", &err), &err);
	(void)umask(mask);
	assert_true(holds(place, "file", "text"));
	assert_int_equal(fstatat(place->folder.fd, "file", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

TEST_CASE(test_makes_a_file_durable_before_it_gets_its_name)
{
	/* create, write, set-mode, sync of the file, rename, sync of the folder */
	static const enum fs_change expected[] = {FS_CREATE, FS_WRITE, FS_SET_MODE, FS_SYNC, FS_RENAME, FS_SYNC};
	struct place *place = *state;
	struct error err = {0};

	assert_ok(write_text(place, "file", "old", &err), &err);
	assert_int_equal(place->fs.changes, sizeof(expected) / sizeof(expected[0]));
	for (uint64_t n = 1; n <= sizeof(expected) / sizeof(expected[0]); n++) {
		place->fail_at = n;
		place->fail_with = EIO;
		place->fs.changes = 0;
		assert_int_equal(write_text(place, "file", "new", &err), -1);
		assert_int_equal(err.sys, EIO);
		/* Until the rename the old bytes stay, and nothing else does. */
		assert_true(holds(place, "file", expected[n - 1] == FS_SYNC && n > 4 ? "new" : "old"));
		assert_false(fs_exists(&place->fs, place->folder.fd, ".file.tmp"));
	}
}

TEST_CASE(test_writes_a_file_over_what_a_cut_left)
{
	struct place *place = *state;
	struct error err = {0};

	folder_put(&place->folder, "sub/.file.tmp", "half", 4);
	assert_ok(write_text(place, "sub/file", "whole", &err), &err);
	assert_true(holds(place, "sub/file", "whole"));
	assert_false(fs_exists(&place->fs, place->folder.fd, "sub/.file.tmp"));
}

TEST_CASE(test_names_the_full_disk)
{
	struct place *place = *state;
	struct error err = {0};

	place->fail_at = 2;
	place->fail_with = ENOSPC;
	assert_int_equal(write_text(place, "file", "text", &err), -1);
	assert_error(&err, ERROR_NO_SPACE, "cannot write '.file.tmp': No space left on device");
}

TEST_CASE(test_appends_to_a_file_and_makes_it_when_missing)
{
	struct place *place = *state;
	struct error err = {0};

	assert_ok(fs_append_file(&place->fs, place->folder.fd, "journal", "a\n", 2, 0644, &err), &err);
	assert_ok(fs_append_file(&place->fs, place->folder.fd, "journal", "b\n", 2, 0644, &err), &err);
	assert_true(holds(place, "journal", "a\nb\n"));
}

TEST_CASE(test_reads_no_more_than_the_limit)
{
	AUTO(buf) struct buf four = BUF_INIT(4), three = BUF_INIT(3);
	struct place *place = *state;
	struct error err = {0};

	folder_put(&place->folder, "file", "1234", 4);
	assert_ok(fs_read_file(&place->fs, place->folder.fd, "file", &four, &err), &err);
	assert_string_equal(buf_text(&four), "1234");
	assert_int_equal(fs_read_file(&place->fs, place->folder.fd, "file", &three, &err), -1);
	assert_error(&err, ERROR_REFUSED, "'file': more than the 3 bytes");
	assert_int_equal(fs_read_file(&place->fs, place->folder.fd, "none", &four, &err), -1);
	assert_error(&err, ERROR_NOT_FOUND, "'none'");
}

TEST_CASE(test_creates_a_file_only_under_a_free_name)
{
	struct place *place = *state;
	struct error err = {0};
	AUTO(fd) int fd = fs_create(&place->fs, place->folder.fd, "file", 0600, &err);

	assert_true(fd >= 0);
	assert_ok(fs_write(&place->fs, fd, "file", "text", 4, &err), &err);
	assert_true(holds(place, "file", "text"));
	assert_int_equal(fs_create(&place->fs, place->folder.fd, "file", 0600, &err), -1);
	assert_int_equal(err.sys, EEXIST);
}

TEST_CASE(test_makes_folders_on_the_way)
{
	struct place *place = *state;
	struct error err = {0};
	mode_t mask = umask(077);
	struct stat st;
	uint64_t changes;

	assert_ok(fs_make_dirs(&place->fs, place->folder.fd, "a/b/c", 0755, &err), &err);
	(void)umask(mask);
	assert_int_equal(fstatat(place->folder.fd, "a/b", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_true(fs_exists(&place->fs, place->folder.fd, "a/b/c"));
	changes = place->fs.changes;
	assert_ok(fs_make_dirs(&place->fs, place->folder.fd, "a/b/c", 0755, &err), &err);
	assert_int_equal(place->fs.changes, changes);
}

TEST_CASE(test_a_link_shows_the_old_target_or_the_new)
{
	struct place *place = *state;
	struct error err = {0};
	char link[16];

	assert_ok(fs_point_link(&place->fs, place->folder.fd, "current", "old", &err), &err);
	for (uint64_t n = 1; n <= 2; n++) {
		AUTO(buf) struct buf target = BUF_INIT(100);

		place->fail_at = n;
		place->fail_with = EIO;
		place->fs.changes = 0;
		assert_int_equal(fs_point_link(&place->fs, place->folder.fd, "current", "new", &err), -1);
		assert_ok(fs_read_link(&place->fs, place->folder.fd, "current", &target, &err), &err);
		assert_string_equal(buf_text(&target), "old");
		assert_false(fs_exists(&place->fs, place->folder.fd, ".current.tmp"));
	}
	place->fail_at = 0;
	assert_ok(fs_point_link(&place->fs, place->folder.fd, "current", "new", &err), &err);
	assert_int_equal(readlinkat(place->folder.fd, "current", link, sizeof(link)), 3);
	assert_memory_equal(link, "new", 3);
}

static void make_socket(struct place *place)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/odd", place->folder.path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(close(fd), 0);
}

static void make_pipe(struct place *place)
{
	assert_int_equal(mkfifoat(place->folder.fd, "odd", 0600), 0);
}

static void make_folder(struct place *place)
{
	assert_int_equal(mkdirat(place->folder.fd, "odd", 0700), 0);
}

static void make_link_to_a_device(struct place *place)
{
	assert_int_equal(symlinkat("/dev/zero", place->folder.fd, "odd"), 0);
}

/* A pipe says nothing for ever, a device says things without end. */
TEST_CASE(test_waits_for_nothing_that_is_no_plain_file)
{
	static void (*const make[])(struct place *place) = {
		make_pipe, make_socket, make_folder, make_link_to_a_device};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(make); i++) {
		AUTO(buf) struct buf text = BUF_INIT(100);
		struct error err = {0};

		make[i](place);
		assert_int_equal(fs_read_file(&place->fs, place->folder.fd, "odd", &text, &err), -1);
		assert_error(&err, ERROR_DAMAGED, "'odd' is no plain file");
		assert_int_equal(fs_append_file(&place->fs, place->folder.fd, "odd", "x", 1, 0600, &err), -1);
		assert_int_equal(err.code, ERROR_DAMAGED);
		assert_ok(fs_remove_tree(&place->fs, place->folder.fd, "odd", &err), &err);
	}
	make_pipe(place);
	assert_ok(fs_write_file(&place->fs, place->folder.fd, "odd", "x", 1, 0600, &(struct error){0}), &(struct error){0});
	assert_true(holds(place, "odd", "x"));
}

TEST_CASE(test_renames_and_syncs_each_folder_once)
{
	struct place *place = *state;
	struct error err = {0};

	folder_put(&place->folder, "a/file", "text", 4);
	assert_ok(fs_rename(&place->fs, place->folder.fd, "a/file", "a/other", &err), &err);
	assert_int_equal(place->fs.changes, 2);
	assert_ok(fs_rename(&place->fs, place->folder.fd, "a/other", "file", &err), &err);
	assert_int_equal(place->fs.changes, 5);
	assert_true(holds(place, "file", "text"));
}

static int count_name(void *context, int dir_fd, const char *name, struct error *err)
{
	int *left = context;

	assert_int_equal(faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW), 0);
	return --*left ? 0 : error_set(err, ERROR_STOPPED, "enough");
}

TEST_CASE(test_hands_over_each_name_in_a_folder_until_told_to_stop)
{
	struct place *place = *state;
	struct error err = {0};
	int left = 4;

	folder_put(&place->folder, "tree/a", "text", 4);
	folder_put(&place->folder, "tree/.b", "text", 4);
	folder_put(&place->folder, "tree/c/d", "text", 4);
	assert_ok(fs_each(&place->fs, place->folder.fd, "tree", count_name, &left, &err), &err);
	assert_int_equal(left, 1);
	left = 2;
	assert_int_equal(fs_each(&place->fs, place->folder.fd, "tree", count_name, &left, &err), -1);
	assert_error(&err, ERROR_STOPPED, "enough");
	assert_int_equal(symlinkat("tree", place->folder.fd, "link"), 0);
	assert_int_equal(fs_each(&place->fs, place->folder.fd, "link", count_name, &left, &err), -1);
	assert_int_equal(fs_each(&place->fs, place->folder.fd, "none", count_name, &left, &err), -1);
	assert_error(&err, ERROR_NOT_FOUND, "none");
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

TEST_CASE(test_hands_over_each_name_in_an_open_folder_and_closes_it)
{
	struct place *place = *state;
	struct error err = {0};
	int left = 3;
	int fd;

	folder_put(&place->folder, "tree/a", "text", 4);
	folder_put(&place->folder, "tree/.b", "text", 4);
	assert_int_equal(symlinkat("tree", place->folder.fd, "link"), 0);
	assert_true((fd = fs_open_dir(&place->fs, place->folder.fd, "link", &err)) >= 0);
	assert_ok(fs_each_in(&place->fs, fd, "link", count_name, &left, &err), &err);
	assert_int_equal(left, 1);
	assert_false(is_open(fd));
	assert_true((fd = fs_open_dir(&place->fs, place->folder.fd, "tree", &err)) >= 0);
	assert_int_equal(fs_each_in(&place->fs, fd, "tree", count_name, &left, &err), -1);
	assert_error(&err, ERROR_STOPPED, "enough");
	assert_false(is_open(fd));
}

TEST_CASE(test_says_which_open_folder_cannot_be_read_and_closes_it)
{
	struct place *place = *state;
	struct error err = {0};
	int left = 1;
	int fd = openat(place->folder.fd, ".", O_PATH | O_CLOEXEC); /* open, but not to be read */

	assert_true(fd >= 0);
	assert_int_equal(fs_each_in(&place->fs, fd, "the/place", count_name, &left, &err), -1);
	assert_error(&err, ERROR_FAILED, "cannot read folder 'the/place': ");
	assert_false(is_open(fd));
	folder_put(&place->folder, "file", "text", 4);
	assert_true((fd = fs_open(&place->fs, place->folder.fd, "file", O_RDONLY, &err)) >= 0);
	assert_int_equal(fs_each_in(&place->fs, fd, "the/file", count_name, &left, &err), -1);
	assert_error(&err, ERROR_FAILED, "cannot read folder 'the/file': ");
	assert_false(is_open(fd));
}

/* Half of them go away, half go elsewhere. */
static int take_out(void *context, int dir_fd, const char *name, struct error *err)
{
	const int *other_fd = context;
	int ret = name[strlen(name) - 1] % 2 ? unlinkat(dir_fd, name, 0) : renameat(dir_fd, name, *other_fd, name);

	return ret < 0 ? error_system(err, errno, "cannot take out '%s'", name) : 0;
}

TEST_CASE(test_hands_over_all_names_though_each_is_taken_out_of_the_folder)
{
	struct place *place = *state;
	AUTO(fd) int other_fd = -1;
	struct error err = {0};
	int left = 2003;

	folder_put(&place->folder, "other/first", "", 0);
	folder_put(&place->folder, "tree/.first", "", 0);
	assert_true((other_fd = fs_open_dir(&place->fs, place->folder.fd, "other", &err)) >= 0);
	for (int i = 0; i < 4000; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "tree/name-%04d", i);
		assert_int_equal(symlinkat("nowhere", place->folder.fd, name), 0);
	}
	assert_ok(fs_each(&place->fs, place->folder.fd, "tree", take_out, &other_fd, &err), &err);
	assert_ok(fs_remove_dir(&place->fs, place->folder.fd, "tree", &err), &err);
	assert_ok(fs_each(&place->fs, other_fd, ".", count_name, &left, &err), &err);
	assert_int_equal(left, 1);
}

TEST_CASE(test_removes_a_tree_but_follows_no_link)
{
	struct place *place = *state;
	struct error err = {0};

	folder_put(&place->folder, "outside/kept", "text", 4);
	folder_put(&place->folder, "tree/a/b", "text", 4);
	assert_int_equal(symlinkat("../outside", place->folder.fd, "tree/link"), 0);
	assert_int_equal(symlinkat("../../outside/kept", place->folder.fd, "tree/a/link"), 0);
	assert_ok(fs_remove_tree(&place->fs, place->folder.fd, "tree", &err), &err);
	assert_false(fs_exists(&place->fs, place->folder.fd, "tree"));
	assert_true(holds(place, "outside/kept", "text"));
	assert_ok(fs_remove_tree(&place->fs, place->folder.fd, "tree", &err), &err);
}

/* As an ordinary user, whom a folder's mode binds. */
static int remove_as_nobody(struct place *place, int dir_fd)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(2);
		_exit(fs_remove_tree(&place->fs, dir_fd, "tree", NULL) < 0 ? 1 : 0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE(test_removes_folders_that_nobody_may_write_to)
{
	struct place *place = *state;

	assert_int_equal(fchmodat(place->folder.fd, ".", 0777, 0), 0);
	folder_put(&place->folder, "tree/sub/file", "text", 4);
	if (geteuid() == 0) {
		assert_int_equal(fchownat(place->folder.fd, "tree", 65534, 65534, 0), 0);
		assert_int_equal(fchownat(place->folder.fd, "tree/sub", 65534, 65534, 0), 0);
	}
	assert_int_equal(fchmodat(place->folder.fd, "tree/sub", 0555, 0), 0);
	assert_int_equal(fchmodat(place->folder.fd, "tree", 0555, 0), 0);
	assert_int_equal(remove_as_nobody(place, place->folder.fd), 0);
	assert_false(fs_exists(&place->fs, place->folder.fd, "tree"));
}

TEST_CASE(test_a_dangling_link_exists_and_can_be_removed)
{
	struct place *place = *state;
	struct error err = {0};

	assert_ok(fs_make_link(&place->fs, place->folder.fd, "link", "nowhere", &err), &err);
	assert_true(fs_exists(&place->fs, place->folder.fd, "link"));
	assert_ok(fs_remove(&place->fs, place->folder.fd, "link", &err), &err);
	assert_false(fs_exists(&place->fs, place->folder.fd, "link"));
	assert_ok(fs_remove(&place->fs, place->folder.fd, "link", &err), &err);
}

TEST_CASE(test_a_lock_has_one_holder_and_ends_with_its_descriptor)
{
	struct place *place = *state;
	struct error err = {0};
	int first_fd = fs_lock(&place->fs, place->folder.fd, "lock", false, &err);

	assert_true(first_fd >= 0);
	assert_int_equal(fs_lock(&place->fs, place->folder.fd, "lock", false, &err), -1);
	assert_error(&err, ERROR_BUSY, "another process holds 'lock'");
	(void)close(first_fd);
	first_fd = fs_lock(&place->fs, place->folder.fd, "lock", true, &err);
	assert_true(first_fd >= 0);
	(void)close(first_fd);
	assert_int_equal(place->fs.changes, 1); /* made once */
}

TEST_CASE(test_what_is_no_file_keeps_nobody_from_a_lock)
{
	static const char *const makes[] = {
		"ln -s /etc/hostname", "ln -s /dev/zero", "ln -s gone", "mkfifo", "mkdir",
		"python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])'"};
	struct place *place = *state;
	char command[1024];

	for (size_t i = 0; i < ARRAY_SIZE(makes); i++) {
		struct error err = {0};
		int fd;

		(void)snprintf(command, sizeof(command), "cd %s && rm -rf lock && %s lock", place->folder.path, makes[i]);
		assert_int_equal(system(command), 0);
		if ((fd = fs_lock(&place->fs, place->folder.fd, "lock", false, &err)) < 0)
			fail_msg("%s: %s", makes[i], err.text);
		assert_int_equal(fs_lock(&place->fs, place->folder.fd, "lock", false, &err), -1);
		assert_error(&err, ERROR_BUSY, "another process holds 'lock'");
		(void)close(fd);
	}
}

TESTS(set_up, tear_down)
