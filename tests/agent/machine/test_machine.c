/* The judge of the machine, on a terminal in a fresh folder. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/machine/machine.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

static void run(struct agent_fixture *fixture, const char *command)
{
	char line[1024];

	(void)snprintf(line, sizeof(line), "cd %s && %s", fixture->folder.path, command);
	if (system(line) != 0)
		fail_msg("'%s' failed", line);
}

static struct machine look(struct agent_fixture *fixture)
{
	const struct machine_question question = {.fs = &fixture->fs, .config = &fixture->config, .has_agent = true};
	struct machine machine;

	machine_look(&question, &machine);
	return machine;
}

/* Exactly this is wrong. */
static void assert_finds(struct agent_fixture *fixture, enum machine_fault_kind kind, const char *says)
{
	struct machine machine = look(fixture);

	if (machine.count != 1)
		fail_msg("%zu faults, the first: %s", machine.count, machine.count ? machine.faults[0].detail : "");
	if (machine.faults[0].kind != kind || !strstr(machine.faults[0].detail, says))
		fail_msg("expected %s with '%s', got %s: %s", machine_fault_name(kind), says,
			machine_fault_name(machine.faults[0].kind), machine.faults[0].detail);
}

static void assert_sound(struct agent_fixture *fixture)
{
	struct machine machine = look(fixture);

	if (machine.count)
		fail_msg("%s: %s", machine_fault_name(machine.faults[0].kind), machine.faults[0].detail);
}

TEST_CASE(test_nothing_is_wrong_with_a_new_terminal)
{
	assert_sound(*state);
}

TEST_CASE(test_each_file_that_is_empty_cut_or_foreign_is_named)
{
	static const struct {
		const char *path, *holds; /* below the state folder */
		enum machine_fault_kind kind;
		const char *says;
	} rows[] = {
		{"terminal.key", "", MACHINE_FILE_DAMAGED, "terminal.key: it is empty"},
		{"terminal.key", "-----BEGIN PRIVATE", MACHINE_FILE_DAMAGED, "terminal.key: it is cut"},
		{"environment", "", MACHINE_FILE_DAMAGED, "environment: it is empty"},
		{"catalog.json", "", MACHINE_FILE_DAMAGED, "catalog.json: it is empty"},
		{"catalog.json", "{\"packages\": [", MACHINE_FILE_DAMAGED, "catalog.json: it is cut"},
		{"tuf/timestamp.json", "", MACHINE_FILE_DAMAGED, "timestamp.json: it is empty"},
		{"tuf/snapshot.json", "{}", MACHINE_FILE_DAMAGED, "snapshot.json: it is cut"},
		{"tuf/targets.json", "{\"signed\": {}", MACHINE_FILE_DAMAGED, "targets.json: it is cut"},
		{"tuf/time-floor", "yesterday", MACHINE_FILE_DAMAGED, "time-floor: it is cut"},
	};
	struct agent_fixture *fixture = *state;
	const char *state_path = fixture->config.state_path + strlen(fixture->folder.path) + 1;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char path[512], removal[1200];

		(void)snprintf(path, sizeof(path), "%s/%s", state_path, rows[i].path);
		folder_put(&fixture->folder, path, rows[i].holds, strlen(rows[i].holds));
		(void)snprintf(removal, sizeof(removal), "chmod 600 '%s'", path);
		run(fixture, removal);
		assert_finds(fixture, rows[i].kind, rows[i].says);
		(void)snprintf(removal, sizeof(removal), "rm '%s' && mkdir -m 700 '%s'", path, path);
		run(fixture, removal);
		assert_finds(fixture, MACHINE_FILE_FOREIGN, "it is no plain file");
		(void)snprintf(removal, sizeof(removal), "rmdir '%s'", path);
		run(fixture, removal);
	}
	assert_sound(fixture);
}

TEST_CASE(test_a_plan_that_cannot_be_read_is_named)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};

	assert_ok(fs_write_file(&fixture->fs, fixture->terminal.boot_dir_fd, "plan", "haishin-plan 1\npack", 19, 0600, &err),
		&err);
	assert_finds(fixture, MACHINE_FILE_DAMAGED, "boot");
	assert_ok(fs_write_file(&fixture->fs, fixture->terminal.boot_dir_fd, "plan", "", 0, 0600, &err), &err);
	assert_true(look(fixture).count > 0);
}

TEST_CASE(test_a_folder_may_be_a_link_to_one_of_ours)
{
	struct agent_fixture *fixture = *state;
	char command[1024];

	(void)snprintf(command, sizeof(command), "mv '%s' elsewhere && ln -s '%s/elsewhere' '%s'", fixture->config.state_path,
		fixture->folder.path, fixture->config.state_path);
	run(fixture, command);
	assert_sound(fixture);
	run(fixture, "chmod 777 elsewhere");
	assert_true(look(fixture).count > 0);
	assert_int_equal(look(fixture).faults[0].kind, MACHINE_FILE_FOREIGN);
	run(fixture, "mv elsewhere gone");
	assert_true(look(fixture).count > 0);
	assert_non_null(strstr(look(fixture).faults[0].detail, "a link that leads nowhere"));
	run(fixture, "mv gone elsewhere");
}

TEST_CASE(test_a_disk_without_the_reserve_is_named_with_its_setting)
{
	struct agent_fixture *fixture = *state;
	struct machine machine;

	fixture->config.reserve_space = UINT64_C(1) << 60;
	machine = look(fixture);
	assert_int_equal(machine.count, 1);
	assert_int_equal(machine.faults[0].kind, MACHINE_DISK_FULL);
	assert_true(machine.faults[0].holds_packages && machine.faults[0].stops_delivery);
	assert_false(machine.faults[0].stops_restart);
	assert_non_null(strstr(machine.faults[0].detail, "[delivery] reserve_space"));
	assert_ptr_equal(machine_stops_delivery(&machine), &machine.faults[0]);
}

TEST_CASE(test_what_is_current_has_to_be_a_link)
{
	struct agent_fixture *fixture = *state;
	char command[1024];

	agent_fixture_install(fixture, "face-library", "1.0.0-aaaaaaaa");
	assert_sound(fixture);
	(void)snprintf(command, sizeof(command), "cd '%s/face-library' && rm current && mkdir current",
		fixture->config.packages_path);
	run(fixture, command);
	assert_finds(fixture, MACHINE_PACKAGE_ODD, "face-library/current: it is a folder, and should be a link");
}

/* ---- Mounts, in a process with mounts of its own ---- */

static void put_line(const char *path, const char *line)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(line, file) < 0 || fclose(file) != 0)
		_exit(3);
}

static void get_own_mounts(void)
{
	unsigned uid = geteuid(), gid = getegid();
	char line[32];

	if (unshare(CLONE_NEWNS | (uid ? CLONE_NEWUSER : 0)) < 0)
		_exit(4);
	if (uid) {
		(void)snprintf(line, sizeof(line), "0 %u 1", uid);
		put_line("/proc/self/uid_map", line);
		put_line("/proc/self/setgroups", "deny");
		(void)snprintf(line, sizeof(line), "0 %u 1", gid);
		put_line("/proc/self/gid_map", line);
	}
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(5);
}

static bool has(const struct machine *machine, enum machine_fault_kind kind, const char *says)
{
	for (size_t i = 0; i < machine->count; i++)
		if (machine->faults[i].kind == kind && strstr(machine->faults[i].detail, says))
			return true;
	return false;
}

/* A disk of its own at PATH, of which FILL takes some; what was there is hidden by it. */
static bool finds_on_disk(struct agent_fixture *fixture, const char *path, const char *options, unsigned long flags,
	const char *fill, enum machine_fault_kind kind, const char *says)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		char command[1024];
		struct machine machine;

		get_own_mounts();
		(void)snprintf(command, sizeof(command), "cd '%s' && %s", path, fill);
		if (mount("none", path, "tmpfs", 0, options) < 0 || system(command) != 0 ||
			mount("none", path, NULL, MS_REMOUNT | MS_BIND | flags, NULL) < 0)
			_exit(6);
		machine = look(fixture);
		_exit(has(&machine, kind, says) ? 0 : 1);
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_CASE(test_every_disk_that_is_written_is_looked_at)
{
	struct agent_fixture *fixture = *state;
	struct config *config = &fixture->config;

	config->reserve_space = 1 << 20;
	assert_true(finds_on_disk(fixture, config->packages_path, "size=8M,mode=755", MS_NOEXEC, "true", MACHINE_DISK_NOEXEC,
		"is mounted noexec"));
	assert_true(finds_on_disk(fixture, config->packages_path, "size=8M,mode=755", MS_RDONLY, "true",
		MACHINE_DISK_NOT_WRITABLE, "is mounted read-only"));
	assert_true(finds_on_disk(fixture, config->packages_path, "size=8M,nr_inodes=64,mode=755", 0,
		"for i in $(seq 61); do : >$i; done", MACHINE_DISK_FILES, "[delivery] reserve_files"));
	assert_true(finds_on_disk(fixture, config->state_path, "size=2M,mode=700", 0,
		"dd if=/dev/zero of=fill bs=4k count=505 2>/dev/null", MACHINE_DISK_FULL, "KiB are free"));
	assert_true(finds_on_disk(fixture, config->cache_path, "size=2M,mode=700", MS_RDONLY, "true",
		MACHINE_DISK_NOT_WRITABLE, "is mounted read-only"));
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
