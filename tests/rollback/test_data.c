/* Migration of a package's data with real programs, and the way back. */
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rollback/versions.h"
#include "tests/rollback/machine.h"

#define OLD FOLDER_OF("5.0.2")
#define NEW FOLDER_OF("5.1.0")
#define NEWER FOLDER_OF("5.2.0")
#define PACKAGE "reader-app/acme"
#define BELOW "opt/" PACKAGE "/"
#define OWNER 4711

static int set_up(void **state)
{
	static struct machine machine; /* one test at a time */

	machine_init(&machine);
	*state = &machine;
	return 0;
}

static int tear_down(void **state)
{
	machine_clear(*state);
	return 0;
}

static void put(struct machine *machine, const char *path, const char *text)
{
	folder_put(&machine->folder, path, text, strlen(text));
}

static bool is_there(struct machine *machine, const char *path)
{
	return faccessat(machine->folder.fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void assert_holds(struct machine *machine, const char *path, const char *text)
{
	size_t len;
	char *held = folder_get(&machine->folder, path, &len);

	if (!held || strcmp(held, text) != 0)
		fail_msg("%s holds '%s', not '%s'", path, held ? held : "nothing", text);
	free(held);
}

/* FOLDER is staged, with a program "migrate" of these lines; none where LINES is NULL. */
static void stage(struct machine *machine, const char *folder, const char *lines, int self_test_status)
{
	struct plan_entry entry = {.package = PACKAGE, .self_test = "check", .migrate_timeout_s = 20};
	char path[256], script[1024];

	(void)snprintf(entry.folder, sizeof(entry.folder), "%s", folder);
	machine_put_release(machine, PACKAGE, folder, self_test_status, false);
	if (lines) {
		(void)snprintf(path, sizeof(path), BELOW "versions/%s/migrate", folder);
		(void)snprintf(script, sizeof(script), "#!/bin/sh -e\ncd \"$HAISHIN_DATA\"\n%s\n", lines);
		put(machine, path, script);
		assert_int_equal(fchmodat(machine->folder.fd, path, 0755, 0), 0);
		(void)strcpy(entry.migrate, "migrate");
	}
	machine_stage(machine, &entry);
}

/* OLD is current, with the settings that staff have made; FOLDER becomes current with the restart. */
static void update(struct machine *machine, const char *lines, int self_test_status)
{
	machine_put_release(machine, PACKAGE, OLD, 0, true);
	put(machine, BELOW "data/settings/mode", "unattended");
	stage(machine, NEW, lines, self_test_status);
	machine_restart(machine);
	(void)machine_boot(machine);
}

static void condemn(struct machine *machine)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	machine_plan(machine, plan);
	assert_int_equal(plan->count, 1);
	plan->entries[0].state = PLAN_CONDEMNED;
	machine_set_plan(machine, plan);
	machine_restart(machine);
	(void)machine_boot(machine);
	assert_true(machine_runs(machine, PACKAGE, OLD));
}

TEST_CASE(test_a_release_finds_its_data_migrated)
{
	struct machine *machine = *state;

	update(machine, "mv settings/mode mode; echo $HAISHIN_FORMER_VERSION to $HAISHIN_VERSION >form", 0);
	assert_true(machine_runs(machine, PACKAGE, NEW));
	assert_holds(machine, BELOW "data/mode", "unattended");
	assert_holds(machine, BELOW "data/form", "5.0.2 to 5.1.0\n");
	assert_false(is_there(machine, BELOW "data/settings/mode"));
	assert_holds(machine, BELOW "data.before-" NEW "/settings/mode", "unattended");
}

TEST_CASE(test_data_is_migrated_once)
{
	struct machine *machine = *state;

	update(machine, "echo again >>settings/mode", 0);
	for (int start = 0; start < 2; start++) {
		machine_restart(machine);
		(void)machine_boot(machine);
	}
	assert_holds(machine, BELOW "data/settings/mode", "unattendedagain\n");
}

TEST_CASE(test_the_way_back_brings_the_data_back)
{
	struct machine *machine = *state;

	update(machine, "rm -r settings; echo 2 >form", 0);
	put(machine, BELOW "data/since", "set with the new release");
	condemn(machine);
	assert_holds(machine, BELOW "data/settings/mode", "unattended");
	assert_false(is_there(machine, BELOW "data/form"));
	assert_holds(machine, BELOW "data.undone/since", "set with the new release");
	assert_false(is_there(machine, BELOW "data.before-" NEW));
}

TEST_CASE(test_without_a_migration_the_way_back_leaves_data_alone)
{
	struct machine *machine = *state;

	update(machine, NULL, 0);
	put(machine, BELOW "data/settings/mode", "staff check by eye");
	condemn(machine);
	assert_holds(machine, BELOW "data/settings/mode", "staff check by eye");
	assert_false(is_there(machine, BELOW "data.undone"));
}

TEST_CASE(test_a_migration_that_fails_takes_the_release_back_and_leaves_data_alone)
{
	struct machine *machine = *state;
	char *journal;
	size_t len;

	update(machine, "echo half >settings/mode; echo the settings are too old; exit 3", 0);
	assert_true(machine_runs(machine, PACKAGE, OLD));
	assert_holds(machine, BELOW "data/settings/mode", "unattended");
	assert_int_equal(machine_told(machine, JOURNAL_ROLLED_BACK, PACKAGE), 1);
	journal = folder_get(&machine->folder, "boot/journal", &len);
	assert_non_null(strstr(journal, "the migration of its data ended with status 3: the settings are too old"));
	free(journal);
	assert_false(is_there(machine, BELOW "data.new"));
	assert_false(is_there(machine, BELOW "data.work"));
}

TEST_CASE(test_a_self_test_that_fails_after_the_migration_undoes_it)
{
	struct machine *machine = *state;

	update(machine, "echo 2 >form", 1);
	assert_true(machine_runs(machine, PACKAGE, OLD));
	assert_false(is_there(machine, BELOW "data/form"));
	assert_holds(machine, BELOW "data/settings/mode", "unattended");
}

TEST_CASE(test_the_next_activation_forgets_what_the_last_one_kept)
{
	struct machine *machine = *state;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	update(machine, "echo 2 >form", 0);
	put(machine, BELOW "data.undone/x", "older still");
	machine_set_plan(machine, plan); /* confirmed */
	stage(machine, NEWER, NULL, 0);
	machine_restart(machine);
	(void)machine_boot(machine);
	assert_true(machine_runs(machine, PACKAGE, NEWER));
	assert_false(is_there(machine, BELOW "data.before-" NEW));
	assert_false(is_there(machine, BELOW "data.undone"));
	assert_holds(machine, BELOW "data/form", "2\n");
}

static struct stat status_of(struct machine *machine, const char *path)
{
	struct stat st;

	if (fstatat(machine->folder.fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		fail_msg("%s: %s", path, strerrordesc_np(errno));
	return st;
}

/* Who owns it where only root can give things away. */
static uid_t owner(uid_t uid)
{
	return geteuid() == 0 ? uid : geteuid();
}

static void give(struct machine *machine, const char *path, uid_t uid)
{
	assert_int_equal(fchownat(machine->folder.fd, path, owner(uid), owner(uid) ? (gid_t)-1 : 0, 0), 0);
}

TEST_CASE(test_owners_and_modes_stay_and_the_program_has_no_privileges)
{
	struct machine *machine = *state;
	const struct passwd *nobody = getpwnam("nobody");
	char id[32];

	machine_put_release(machine, PACKAGE, OLD, 0, true);
	put(machine, BELOW "data/secret", "pin");
	put(machine, BELOW "data/settings/mode", "unattended");
	assert_int_equal(fchmodat(machine->folder.fd, BELOW "data/secret", 0600, 0), 0);
	assert_int_equal(fchmodat(machine->folder.fd, BELOW "data", 0750, 0), 0);
	give(machine, BELOW "data", OWNER);
	give(machine, BELOW "data/secret", OWNER + 1);
	give(machine, BELOW "data/settings", OWNER + 2);
	stage(machine, NEW, "id -u >who; echo x >settings/added; echo more >>secret; chmod u+s settings/added", 0);
	machine_restart(machine);
	(void)machine_boot(machine);
	assert_true(machine_runs(machine, PACKAGE, NEW));
	(void)snprintf(id, sizeof(id), "%u\n", (unsigned)owner(nobody->pw_uid));
	assert_holds(machine, BELOW "data/who", id);
	assert_holds(machine, BELOW "data/secret", "pinmore\n");
	assert_int_equal(status_of(machine, BELOW "data").st_uid, owner(OWNER));
	assert_int_equal(status_of(machine, BELOW "data").st_mode & 07777, 0750);
	assert_int_equal(status_of(machine, BELOW "data/secret").st_uid, owner(OWNER + 1));
	assert_int_equal(status_of(machine, BELOW "data/secret").st_mode & 07777, 0600);
	assert_int_equal(status_of(machine, BELOW "data/who").st_uid, owner(OWNER));
	assert_int_equal(status_of(machine, BELOW "data/settings/added").st_uid, owner(OWNER + 2));
	assert_int_equal(status_of(machine, BELOW "data/settings/added").st_mode & S_ISUID, 0);
}

TEST_CASE(test_links_come_along_and_sockets_and_pipes_do_not)
{
	struct machine *machine = *state;

	machine_put_release(machine, PACKAGE, OLD, 0, true);
	assert_int_equal(symlinkat("settings/mode", machine->folder.fd, BELOW "data/link"), 0);
	assert_int_equal(mkfifoat(machine->folder.fd, BELOW "data/pipe", 0600), 0);
	update(machine, "test ! -e pipe; mkfifo another; ln -s /etc/shadow shadow", 0);
	assert_true(machine_runs(machine, PACKAGE, NEW));
	assert_true(S_ISLNK(status_of(machine, BELOW "data/link").st_mode));
	assert_true(S_ISLNK(status_of(machine, BELOW "data/shadow").st_mode));
	assert_false(is_there(machine, BELOW "data/pipe"));
	assert_false(is_there(machine, BELOW "data/another"));
}

TEST_CASE(test_a_file_with_a_second_name_is_refused)
{
	struct machine *machine = *state;

	update(machine, "ln settings/mode elsewhere", 0);
	assert_true(machine_runs(machine, PACKAGE, OLD));
	assert_holds(machine, BELOW "data/settings/mode", "unattended");
	assert_false(is_there(machine, BELOW "data/elsewhere"));
}

TEST_CASE(test_folders_without_end_are_refused)
{
	struct machine *machine = *state;

	update(machine, "i=0; while [ $i -lt 100 ]; do mkdir d; cd d; i=$((i + 1)); done", 0);
	assert_true(machine_runs(machine, PACKAGE, OLD));
	assert_holds(machine, BELOW "data/settings/mode", "unattended");
}

TEST_CASE(test_holes_of_a_file_stay_holes)
{
	struct machine *machine = *state;
	struct stat st;

	update(machine, "echo begin >file; truncate -s 1G file; echo end >>file", 0);
	assert_true(machine_runs(machine, PACKAGE, NEW));
	st = status_of(machine, BELOW "data/file");
	assert_int_equal(st.st_size, (1 << 30) + 4);
	assert_true(st.st_blocks < 2048);
}

TEST_CASE(test_more_than_a_start_can_wait_for_is_refused)
{
	struct machine *machine = *state;

	update(machine, "for i in 1 2 3 4 5 6 7 8 9; do truncate -s 2G $i; done", 0);
	assert_true(machine_runs(machine, PACKAGE, OLD));
	assert_holds(machine, BELOW "data/settings/mode", "unattended");
	assert_false(is_there(machine, BELOW "data.partial"));
}

TEST_CASE(test_folders_that_nobody_may_enter_keep_nothing_from_its_end)
{
	struct machine *machine = *state;

	update(machine, "for i in 1 2 3; do mkdir -p $i/in; chmod 0 $i/in $i; done; exit 1", 0);
	assert_true(machine_runs(machine, PACKAGE, OLD));
	assert_holds(machine, BELOW "data/settings/mode", "unattended");
	assert_false(is_there(machine, BELOW "data.work"));
}

TESTS(set_up, tear_down)
