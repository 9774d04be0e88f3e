#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/terminal.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"
#include "tests/support/tuf_repository.h"

#define PATH_SIZE (FOLDER_PATH_SIZE + 64)

struct machine {
	struct folder folder;
	struct fs fs;
	struct clock clock;
	struct env env;
	struct config config;
	char paths[5][PATH_SIZE];
	struct terminal terminal;
	mode_t umask;
};

static int64_t fixed_now_s(const struct clock *clock)
{
	(void)clock;
	return TUF_NOW_S;
}

static int fixed_boot_id(const struct clock *clock, char ret_id[static BOOT_ID_SIZE], struct error *err)
{
	(void)clock;
	(void)err;
	(void)strcpy(ret_id, "boot-1");
	return 0;
}

static char *path_of(struct machine *machine, int index, const char *name)
{
	(void)snprintf(machine->paths[index], PATH_SIZE, "%s/%s", machine->folder.path, name);
	return machine->paths[index];
}

static int setup(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));

	assert_non_null(machine);
	machine->umask = umask(0022);
	folder_init(&machine->folder);
	fs_init(&machine->fs);
	machine->clock = (struct clock){.now_s = fixed_now_s, .boot_id = fixed_boot_id};
	machine->env = (struct env){.clock = &machine->clock, .fs = &machine->fs};
	machine->config = (struct config){
		.state_path = path_of(machine, 0, "var/lib/haishin"),
		.environment_path = path_of(machine, 0, "var/lib/haishin"),
		.cache_path = path_of(machine, 1, "var/cache/haishin"),
		.packages_path = path_of(machine, 2, "opt/haishin"),
		.run_path = path_of(machine, 3, "run/haishin"),
		.trusted_root_path = path_of(machine, 4, "usr/share/haishin/root.json"),
	};
	*state = machine;
	return 0;
}

static int teardown(void **state)
{
	struct machine *machine = *state;

	terminal_close(&machine->terminal);
	folder_clear(&machine->folder);
	(void)umask(machine->umask);
	free(machine);
	return 0;
}

static void ship_root(struct machine *machine)
{
	struct tuf_repository repository;
	char *root;
	size_t len;

	tuf_repository_init(&repository);
	assert_non_null(root = tuf_repository_bytes(&repository, "metadata/1.root.json", &len));
	folder_put(&machine->folder, "usr/share/haishin/root.json", root, len);
	free(root);
	tuf_repository_clear(&repository);
}

static void open_terminal(struct machine *machine)
{
	struct error err = {0};

	assert_ok(terminal_open(&machine->env, &machine->config, &machine->terminal, &err), &err);
}

static void assert_mode(struct machine *machine, const char *path, mode_t expected)
{
	struct stat st;

	if (fstatat(machine->folder.fd, path, &st, 0) < 0 || (st.st_mode & 0777) != expected)
		fail_msg("%s has mode %o, not %o", path, st.st_mode & 0777, expected);
}

/* A folder that a restore, or somebody, left where a file belongs; ours, and what is no name of a file of ours, stay. */
TEST_CASE(test_folders_in_the_place_of_files_are_set_aside)
{
	static const char *const stays[] = {"boot/inside", "history/inside", "lost+found/inside", "notes/inside"};
	static const char *const goes[] = {"catalog.json", "receipt.json", "tuf/timestamp.json", "tuf/time-floor", "tuf/lock", "tuf/root.json",
		"looks/a.look"};
	struct machine *machine = *state;
	char path[PATH_SIZE];

	ship_root(machine);
	for (size_t i = 0; i < ARRAY_SIZE(stays); i++)
		folder_put(&machine->folder, (snprintf(path, sizeof(path), "var/lib/haishin/%s", stays[i]), path), "x", 1);
	for (int time = 1; time <= 2; time++) {
		for (size_t i = 0; i < ARRAY_SIZE(goes); i++) {
			(void)snprintf(path, sizeof(path), "var/lib/haishin/%s", goes[i]);
			(void)unlinkat(machine->folder.fd, path, 0);
			folder_put(&machine->folder, (strcat(path, "/inside"), path), "x", 1);
		}
		open_terminal(machine);
		for (size_t i = 0; i < ARRAY_SIZE(goes); i++) {
			(void)snprintf(path, sizeof(path), "var/lib/haishin/%s.aside-%d/inside", goes[i], time);
			assert_true(fs_exists(&machine->fs, machine->folder.fd, path));
		}
		terminal_close(&machine->terminal);
	}
	for (size_t i = 0; i < ARRAY_SIZE(stays); i++)
		assert_true(fs_exists(&machine->fs, machine->folder.fd, (snprintf(path, sizeof(path), "var/lib/haishin/%s", stays[i]), path)));
	open_terminal(machine);
	assert_true(fs_exists(&machine->fs, machine->folder.fd, "var/lib/haishin/tuf/root.json"));
}

TEST_CASE(test_makes_what_is_missing)
{
	struct machine *machine = *state;

	ship_root(machine);
	open_terminal(machine);
	assert_mode(machine, "var/lib", 0755);
	assert_mode(machine, "var/lib/haishin", 0700);
	assert_mode(machine, "var/lib/haishin/boot", 0700);
	assert_mode(machine, "var/lib/haishin/tuf", 0700);
	assert_mode(machine, "var/lib/haishin/state.db", 0600);
	assert_mode(machine, "var/cache/haishin", 0700);
	assert_mode(machine, "opt/haishin", 0755);
	assert_mode(machine, "run/haishin", 0755);
	assert_false(machine->terminal.store_set_aside);
	assert_true(fs_exists(&machine->fs, machine->terminal.metadata_dir_fd, "root.json"));
	assert_true(fcntl(machine->terminal.boot_dir_fd, F_GETFD) & FD_CLOEXEC);
}

TEST_CASE(test_applications_can_read_releases_whatever_the_umask_is)
{
	struct machine *machine = *state;

	ship_root(machine);
	(void)umask(0077);
	open_terminal(machine);
	assert_mode(machine, "opt/haishin", 0755);
	assert_mode(machine, "run/haishin", 0755);
	assert_mode(machine, "var/lib/haishin", 0700);
}

TEST_CASE(test_closes_a_state_folder_that_others_can_enter)
{
	struct machine *machine = *state;

	ship_root(machine);
	folder_put(&machine->folder, "var/lib/haishin/note", "", 0);
	assert_mode(machine, "var/lib/haishin", 0755);
	open_terminal(machine);
	assert_mode(machine, "var/lib/haishin", 0700);
}

TEST_CASE(test_opens_again_without_the_shipped_root)
{
	struct machine *machine = *state;

	ship_root(machine);
	open_terminal(machine);
	terminal_close(&machine->terminal);
	assert_int_equal(unlink(machine->config.trusted_root_path), 0);
	open_terminal(machine);
}

TEST_CASE(test_says_what_to_do_where_no_root_was_shipped)
{
	struct machine *machine = *state;
	struct error err = {0};

	assert_int_equal(terminal_open(&machine->env, &machine->config, &machine->terminal, &err), -1);
	assert_error(&err, ERROR_NOT_FOUND, "no trusted root");
	assert_error(&err, ERROR_NOT_FOUND, "[paths] trusted_root");
	assert_error(&err, ERROR_NOT_FOUND, machine->config.trusted_root_path);
	assert_null(machine->terminal.env);
}

TEST_CASE(test_refuses_a_shipped_root_that_is_none)
{
	struct machine *machine = *state;
	struct error err = {0};

	folder_put(&machine->folder, "usr/share/haishin/root.json", "{\"signed\": {}}", 14);
	assert_int_equal(terminal_open(&machine->env, &machine->config, &machine->terminal, &err), -1);
	assert_non_null(strstr(err.text, "trusted root '"));
	ship_root(machine);
	open_terminal(machine);
}

/* What a disk that lost its power may leave of a file. */
static const struct {
	const char *bytes;
	size_t len;
} remains[] = {{"", 0}, {"{\"signatures\": [{\"keyid", 22}, {"\0\0\0\0\0\0\0\0", 8}};

TEST_CASE(test_the_shipped_root_leads_on_where_the_kept_one_is_damaged)
{
	struct machine *machine = *state;

	ship_root(machine);
	for (size_t i = 0; i < sizeof(remains) / sizeof(*remains); i++) {
		AUTO(buf) struct buf root = BUF_INIT(1u << 20), kept = BUF_INIT(64);
		struct error err = {0};

		folder_put(&machine->folder, "var/lib/haishin/tuf/root.json", remains[i].bytes, remains[i].len);
		open_terminal(machine);
		assert_ok(fs_read_file(&machine->fs, machine->terminal.metadata_dir_fd, "root.json", &root, &err),
			&err);
		assert_true(root.len > 100);
		assert_ok(fs_read_file(&machine->fs, machine->terminal.metadata_dir_fd, "damaged-root", &kept, &err),
			&err);
		assert_int_equal(kept.len, remains[i].len);
		terminal_close(&machine->terminal);
	}
}

TEST_CASE(test_names_the_damaged_root_where_none_was_shipped)
{
	struct machine *machine = *state;
	struct error err = {0};

	folder_put(&machine->folder, "var/lib/haishin/tuf/root.json", "", 0);
	assert_int_equal(terminal_open(&machine->env, &machine->config, &machine->terminal, &err), -1);
	assert_error(&err, ERROR_NOT_FOUND, machine->config.trusted_root_path);
	assert_true(fs_exists(&machine->fs, machine->folder.fd, "var/lib/haishin/tuf/root.json"));
}

TEST_CASE(test_an_emptied_store_is_a_damaged_one)
{
	struct machine *machine = *state;

	ship_root(machine);
	open_terminal(machine);
	assert_false(machine->terminal.store_set_aside);
	terminal_close(&machine->terminal);
	folder_put(&machine->folder, "var/lib/haishin/state.db", "", 0);
	open_terminal(machine);
	assert_true(machine->terminal.store_set_aside);
}

TEST_CASE(test_a_store_that_is_a_link_is_a_damaged_one)
{
	static const char *const targets[] = {"/nowhere/at/all", "elsewhere.db"};
	struct machine *machine = *state;

	ship_root(machine);
	open_terminal(machine);
	terminal_close(&machine->terminal);
	assert_int_equal(renameat(machine->folder.fd, "var/lib/haishin/state.db", machine->folder.fd, "var/lib/haishin/elsewhere.db"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		(void)unlinkat(machine->folder.fd, "var/lib/haishin/state.db", 0);
		assert_int_equal(symlinkat(targets[i], machine->folder.fd, "var/lib/haishin/state.db"), 0);
		open_terminal(machine);
		assert_true(machine->terminal.store_set_aside);
		terminal_close(&machine->terminal);
	}
	assert_true(fs_exists(&machine->fs, machine->folder.fd, "var/lib/haishin/elsewhere.db"));
}

TEST_CASE(test_sets_a_damaged_store_aside_and_goes_on)
{
	struct machine *machine = *state;

	ship_root(machine);
	folder_put(&machine->folder, "var/lib/haishin/state.db", "this is no database, and it never was one", 41);
	open_terminal(machine);
	assert_true(machine->terminal.store_set_aside);
	terminal_close(&machine->terminal);
	open_terminal(machine);
	assert_false(machine->terminal.store_set_aside);
}

TEST_CASE(test_leaves_nothing_open_where_it_fails)
{
	struct machine *machine = *state;
	struct error err = {0};
	int before = open("/dev/null", O_RDONLY | O_CLOEXEC), after;

	assert_int_equal(close(before), 0);
	assert_int_equal(terminal_open(&machine->env, &machine->config, &machine->terminal, &err), -1);
	after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(after, before);
	assert_int_equal(close(after), 0);
}

TEST_CASE(test_closing_twice_does_nothing)
{
	struct machine *machine = *state;

	ship_root(machine);
	open_terminal(machine);
	terminal_close(&machine->terminal);
	terminal_close(&machine->terminal);
	assert_true(fcntl(0, F_GETFD) >= 0);
}

TESTS(setup, teardown)
