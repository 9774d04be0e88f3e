/* Programs of packages in their sandbox: hostile ones, each with its end, nothing left and nobody else affected; and honest
 * ones, which bring a just-in-time compiler. As root and as an ordinary user. */
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/landlock.h>
#include <seccomp.h>

#include "tests/rollback/sandbox_place.h"
#include "tests/support/old_kernel.h"

#define SHARED_MEMORY 0x48414953

/* ---- What is true after each of them ---- */

struct count {
	const char *packages_path; /* other tests have their own */
	int hostile;
};

static int count_thread(void *context, int dir_fd, const char *name, struct error *err)
{
	struct count *count = context;
	char path[64], text[4096], start[FOLDER_PATH_SIZE + 64];
	AUTO(fd) int fd = -1;
	ssize_t got;

	(void)err;
	(void)snprintf(path, sizeof(path), "%.20s/cmdline", name);
	if ((fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC)) < 0 || (got = read(fd, text, sizeof(text) - 1)) <= 0)
		return 0;
	text[got] = '\0';
	(void)snprintf(start, sizeof(start), "%s/" HOSTILE "/versions/", count->packages_path);
	count->hostile += strstr(text, start) != NULL;
	return 0;
}

/* Its first thread may have ended, and shows nothing any more. */
static int count_hostile(void *context, int dir_fd, const char *name, struct error *err)
{
	struct count *count = context;
	struct fs fs;
	char path[64];

	(void)err;
	fs_init(&fs);
	(void)snprintf(path, sizeof(path), "%.20s/task", name);
	if (*name > '0' && *name <= '9')
		(void)!fs_each(&fs, dir_fd, path, count_thread, count, NULL);
	return 0;
}

static void assert_nothing_is_left(struct place *place, const char *how)
{
	struct count count = {place->machine.packages_path, 0};

	assert_int_equal(fs_each(&place->machine.fs, AT_FDCWD, "/proc", count_hostile, &count, NULL), 0);
	if (count.hostile)
		fail_msg("%s: %d processes are left", how, count.hostile);
	if (shmget(SHARED_MEMORY, 1, 0) >= 0)
		fail_msg("%s: its shared memory is left", how);
}

static void assert_nobody_is_affected(struct place *place, const char *how)
{
	AUTO(free) char *secret = folder_get(&place->machine.folder, "opt/" OTHER "/data/secret", NULL);

	if (!sandbox_place_victim_runs(place))
		fail_msg("%s: the other program was ended", how);
	if (!secret || strcmp(secret, "pin") != 0 || access(place->open_door, F_OK) == 0)
		fail_msg("%s: the other package's data was changed", how);
	if (faccessat(place->machine.folder.fd, "opt/" HOSTILE "/versions/" FOLDER "/bin/hostile", X_OK, 0) < 0)
		fail_msg("%s: the release was changed", how);
}

enum fate {
	ENDS,	   /* with 0: it could do nothing */
	FAILS,	   /* by itself, or ended for what it used */
	TIMES_OUT, /* ended when its time was up */
};

static const char *const fate_names[] = {"ends", "fails", "times out"};

static enum fate fate_of(const struct process_result *result)
{
	return result->timed_out ? TIMES_OUT : result->exit_status == 0 ? ENDS : FAILS;
}

struct row {
	const char *how, *where;
	enum fate fate;
};

static void try_rows(struct place *place, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		AUTO(buf) struct buf output = BUF_INIT(4096);
		struct process_result result = sandbox_place_run_hostile(
			place, rows[i].how, rows[i].where, rows[i].fate == TIMES_OUT ? 1000 : 60000, &output);

		if (fate_of(&result) != rows[i].fate)
			fail_msg("%s %s: %s with %d, should be: %s; it says: %s", rows[i].how,
				rows[i].where ? rows[i].where : "", fate_names[fate_of(&result)], result.exit_status,
				fate_names[rows[i].fate], buf_text(&output));
		assert_nothing_is_left(place, rows[i].how);
		assert_nobody_is_affected(place, rows[i].how);
	}
}

static void test_hostile_programs_end_leave_nothing_and_affect_nobody(void **state)
{
	struct place *place = *state;
	const struct row rows[] = {
		{"fork", NULL, TIMES_OUT},
		{"detach", NULL, ENDS},
		{"hop", NULL, ENDS},
		{"flood", NULL, TIMES_OUT},
		{"trap", NULL, TIMES_OUT},
		{"stop", NULL, TIMES_OUT},
		{"behind", NULL, ENDS},
		{"vfork", NULL, ENDS},
		{"orphans", NULL, TIMES_OUT},
		{"blind", NULL, ENDS},
		{"memory-behind", NULL, FAILS},
		{"share", NULL, ENDS},
		{"core", NULL, ENDS},
		{"terminal", NULL, ENDS},
		{"memory", NULL, FAILS},
		{"memory-together", NULL, FAILS},
		{"fill", "/tmp", ENDS},
		{"fill", "/dev/shm", ENDS},
		{"mode-0", NULL, ENDS},
		{"descriptors", NULL, ENDS},
		{"network", place->port, ENDS},
		{"socket", place->abstract, ENDS},
		{"socket", "/run/dbus/system_bus_socket", ENDS},
		{"mount", NULL, ENDS},
		{"namespaces", NULL, ENDS},
		{"trace", place->victim_text, ENDS},
		{"kill", place->victim_text, ENDS},
		{"write", place->open_door, ENDS},
		{"read", place->secret, ENDS},
		{"links", place->secret, ENDS},
		{"rights", NULL, ENDS},
		{"limits", NULL, ENDS},
		{"shared-memory", geteuid() == 0 ? "bounded" : NULL, ENDS},
		{"semaphores", geteuid() == 0 ? "bounded" : NULL, ENDS},
		{"machine", NULL, ENDS},
		{"devices", NULL, ENDS},
		{"kernel", NULL, ENDS},
	};

	try_rows(place, rows, ARRAY_SIZE(rows));
}

/* ---- Without namespaces ---- */

static void forbid(scmp_filter_ctx filter, int call, unsigned long kind)
{
	assert_int_equal(
		seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 1, SCMP_A0(SCMP_CMP_MASKED_EQ, kind, kind)), 0);
}

static void forbid_kinds(const unsigned long *kinds, size_t count)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	assert_non_null(filter);
	assert_int_equal(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW), 0);
	for (size_t i = 0; i < count; i++) {
		forbid(filter, SCMP_SYS(clone), kinds[i]);
		forbid(filter, SCMP_SYS(unshare), kinds[i]);
	}
	assert_int_equal(seccomp_load(filter), 0);
	seccomp_release(filter);
}

/* As a kernel that gives none, and as RestrictNamespaces= of a unit. */
static void forbid_namespaces(void)
{
	static const unsigned long kinds[] = {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID};

	forbid_kinds(kinds, ARRAY_SIZE(kinds));
}

static void test_without_namespaces_nothing_is_left_either(void **state)
{
	static const struct row rows[] = {{"detach", NULL, ENDS}, {"hop", NULL, ENDS}, {"trap", NULL, TIMES_OUT},
		{"stop", NULL, TIMES_OUT}, {"fork", NULL, TIMES_OUT}, {"behind", NULL, ENDS}, {"vfork", NULL, ENDS},
		{"orphans", NULL, TIMES_OUT}, {"blind", NULL, ENDS}, {"core", NULL, ENDS}, {"kernel", NULL, ENDS}};

	forbid_namespaces();
	try_rows(*state, rows, ARRAY_SIZE(rows));
}

/* A kernel from Linux 6.12 on keeps signals, and what has a name in no folder, within what a program started. */
static bool has_scopes(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 6;
}

/* Whose account is the program's own: what is left of the walls is the filter, and the end of all that it started. */
static void test_an_ordinary_user_without_namespaces_ends_all_too(void **state)
{
	static const struct row rows[] = {{"detach", NULL, ENDS}, {"behind", NULL, ENDS}, {"vfork", NULL, ENDS},
		{"blind", NULL, ENDS}, {"stop", NULL, TIMES_OUT}, {"core", NULL, ENDS}, {"kernel", NULL, ENDS}};

	static const struct row scoped = {"kill-keeper", NULL, ENDS};

	forbid_namespaces();
	try_rows(*state, rows, ARRAY_SIZE(rows));
	if (has_scopes())
		try_rows(*state, &scoped, 1);
}

/* As a kernel that gives ordinary users none: root needs none of those for all others. */
static void test_root_builds_its_walls_without_namespaces_of_users(void **state)
{
	static const unsigned long users = CLONE_NEWUSER;
	struct place *place = *state;
	const struct row rows[] = {{"detach", NULL, ENDS}, {"behind", NULL, ENDS}, {"network", place->port, ENDS},
		{"socket", place->abstract, ENDS}, {"mount", NULL, ENDS}, {"namespaces", NULL, ENDS},
		{"trace", place->victim_text, ENDS}, {"kill", place->victim_text, ENDS},
		{"write", place->open_door, ENDS}, {"read", place->secret, ENDS}, {"links", place->secret, ENDS},
		{"rights", NULL, ENDS}, {"limits", NULL, ENDS}, {"shared-memory", "bounded", ENDS},
		{"machine", NULL, ENDS}, {"devices", NULL, ENDS}, {"kernel", NULL, ENDS}};

	forbid_kinds(&users, 1);
	try_rows(place, rows, ARRAY_SIZE(rows));
}

/* Under one who sits at a terminal: what a program could type there, that one's shell would read. */
static void run_at_a_terminal(struct place *place)
{
	int master_fd = posix_openpt(O_RDWR | O_NOCTTY), terminal_fd, status = 0;
	pid_t pid;

	assert_true(master_fd >= 0 && grantpt(master_fd) == 0 && unlockpt(master_fd) == 0);
	terminal_fd = open(ptsname(master_fd), O_RDWR | O_NOCTTY);
	if ((pid = fork()) == 0) {
		if (setsid() < 0 || ioctl(terminal_fd, TIOCSCTTY, 0) < 0 || open("/dev/tty", O_RDWR) < 0)
			_exit(100);
		_exit(sandbox_place_run_hostile(place, "terminal", NULL, 60000, NULL).exit_status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(terminal_fd);
	(void)close(master_fd);
	assert_int_equal(status, 0); /* no signal of the terminal either */
}

static void test_without_namespaces_the_terminal_is_nobodys(void **state)
{
	forbid_namespaces();
	run_at_a_terminal(*state);
}

/* ---- What it uses ---- */

/* Its data on a disk of its own, which is made with OPTIONS. */
static void assert_is_ended_on_disk(struct place *place, const char *how, const char *options, const char *reason)
{
	AUTO(buf) struct buf output = BUF_INIT(4096);
	char path[FOLDER_PATH_SIZE + 64];
	struct process_result result;

	/* Another disk is for root to bring. */
	if (geteuid() != 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/" HOSTILE "/data", place->machine.packages_path);
	assert_int_equal(mount("tmpfs", path, "tmpfs", 0, options), 0);
	result = sandbox_place_run_hostile(place, how, NULL, 60000, &output);
	assert_int_equal(umount(path), 0);
	assert_int_equal(fate_of(&result), FAILS);
	assert_non_null(strstr(buf_text(&output), reason));
}

static void test_a_program_that_fills_the_disk_is_ended(void **state)
{
	assert_is_ended_on_disk(*state, "fill-data", "size=16M,mode=0777", "half of what was free on the disk");
}

static void test_what_a_program_took_at_once_is_found_when_it_has_ended(void **state)
{
	assert_is_ended_on_disk(*state, "allocate", "size=16M,mode=0777", "half of what was free on the disk");
}

static void test_a_program_that_takes_all_files_of_the_disk_is_ended(void **state)
{
	assert_is_ended_on_disk(*state, "files", "size=64M,nr_inodes=4000,mode=0777", "more files than");
}

/* The reason is what a program says last, however much it said before; what is said about it comes last of all. */
static void test_what_is_said_last_is_told_after_much_else(void **state)
{
	static const char *const words[] = {"/bin/sh", "-c",
		"i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i + 1)); done; echo the reason; exit 3", NULL};
	AUTO(buf) struct buf output = BUF_INIT(4096);
	const struct trial trial = {.timeout_ms = 60000, .output = &output};

	assert_int_equal(sandbox_place_run(*state, words, &trial).exit_status, 3);
	assert_string_equal(process_last_line(&output), "the reason");
}

/* ---- What it may do ---- */

static void assert_runs(struct place *place, const char *const *words, bool has_network)
{
	AUTO(buf) struct buf output = BUF_INIT(4096);
	const struct trial trial = {.has_network = has_network, .timeout_ms = 120000, .output = &output};
	struct process_result result = sandbox_place_run(place, words, &trial);

	if (fate_of(&result) != ENDS)
		fail_msg("%s %s with %d: %s", words[0], fate_names[fate_of(&result)], result.exit_status,
			buf_text(&output));
}

static void test_programs_that_are_compiled_as_they_run_run(void **state)
{
	static const char *const node[] = {"/usr/bin/env", "node", "-e",
		"let sum = 0; for (let i = 0; i < 3e7; i++) sum += i % 7; if (sum !== 89999995) process.exit(1)",
		NULL};
	static const char *const java[] = {"/usr/bin/env", "java", "-Xcomp", "-version", NULL};

	assert_runs(*state, node, false);
	assert_runs(*state, java, false);
}

static void test_a_program_finds_its_own_surroundings(void **state)
{
	static const char *const words[] = {"/bin/sh", "-ec",
		"test \"$HAISHIN_PACKAGE $HAISHIN_VERSION\" = 'reader-app/hostile 1.0.0'\n"
		"test -x bin/hostile; test -x ../../current/bin/hostile; test -e "
		"../../../../face-library/current/check\n"
		"echo new >\"$HAISHIN_DATA/new\"; mkdir \"$HAISHIN_DATA/a\"; mv \"$HAISHIN_DATA/new\" "
		"\"$HAISHIN_DATA/a\"; mv \"$HAISHIN_DATA/a/new\" \"$HAISHIN_DATA\"; echo scratch >/tmp/x; echo x "
		">/dev/shm/x; test -r /etc/passwd\n"
		"test \"$(ls /proc | grep -c '^[1-9]')\" -lt 8; grep -q 'CapBnd:.0000000000000000' "
		"/proc/self/status\n"
		"! test -e /home; ! test -e /root; ! test -e /run; ! test -e /var/lib",
		NULL};
	struct place *place = *state;

	assert_runs(place, words, false);
	assert_int_equal(faccessat(place->machine.folder.fd, "opt/" HOSTILE "/data/new", F_OK, 0), 0);
}

static void test_the_network_is_there_for_whom_it_is_allowed(void **state)
{
	struct place *place = *state;
	char program[FOLDER_PATH_SIZE + 128];
	const char *words[] = {program, "network", place->port, NULL};
	const struct trial trial = {.has_network = true, .timeout_ms = 60000};

	(void)snprintf(program, sizeof(program), "%s/" HOSTILE "/versions/" FOLDER "/bin/hostile",
		place->machine.packages_path);
	assert_int_equal(sandbox_place_run(place, words, &trial).exit_status, 9);
	/* The network, and not what this machine's programs have for each other. */
	words[1] = "socket";
	words[2] = place->abstract;
	if (has_scopes())
		assert_int_equal(sandbox_place_run(place, words, &trial).exit_status, 0);
}

/* Walls that cannot be built for another reason than the kernel's refusal are no reason to do without walls. */
static void test_no_program_runs_without_walls_since_a_folder_is_missing(void **state)
{
	static const char *const words[] = {"/bin/sh", "-c", "echo it ran", NULL};
	struct place *place = *state;
	AUTO(buf) struct buf output = BUF_INIT(4096);
	const struct sandbox sandbox = {.packages_path = "/nowhere",
		.package = HOSTILE,
		.folder = FOLDER,
		.former = "",
		.data = "data",
		.user = HOSTILE_USER};
	struct process_request request = {.argv = words, .timeout_ms = 60000, .output = &output};
	struct process_result result = {0};
	struct error err = {0};

	assert_int_equal(sandbox_run(&place->machine.env, &sandbox, &request, &result, &err), -1);
	assert_error(&err, ERROR_FAILED, "nowhere");
	assert_null(strstr(buf_text(&output), "it ran"));
}

/* ---- In processes of their own ---- */

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, sandbox_place_set_up, sandbox_place_tear_down)

static int become_ordinary_user(void)
{
	return geteuid() == 0 && (setgid(HOSTILE_GID) < 0 || setuid(HOSTILE_UID) < 0) ? -1 : 0;
}

static int try_without_namespaces(void)
{
	const struct CMUnitTest tests[] = {IN_PLACE(test_without_namespaces_nothing_is_left_either),
		IN_PLACE(test_without_namespaces_the_terminal_is_nobodys)};

	return cmocka_run_group_tests_name("sandbox without namespaces", tests, NULL, NULL);
}

static int try_ordinary_user_without_namespaces(void)
{
	const struct CMUnitTest tests[] = {IN_PLACE(test_an_ordinary_user_without_namespaces_ends_all_too)};

	return become_ordinary_user() < 0
		       ? 1
		       : cmocka_run_group_tests_name(
				 "sandbox of an ordinary user without namespaces", tests, NULL, NULL);
}

static int try_without_user_namespaces(void)
{
	const struct CMUnitTest tests[] = {IN_PLACE(test_root_builds_its_walls_without_namespaces_of_users)};

	/* An ordinary user has no others without one of users. */
	return geteuid() != 0 ? 0 : cmocka_run_group_tests_name("sandbox without user namespaces", tests, NULL, NULL);
}

static int try_as_ordinary_user(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(test_hostile_programs_end_leave_nothing_and_affect_nobody),
		IN_PLACE(test_programs_that_are_compiled_as_they_run_run),
		IN_PLACE(test_a_program_finds_its_own_surroundings),
		IN_PLACE(test_the_network_is_there_for_whom_it_is_allowed),
	};

	return become_ordinary_user() < 0
		       ? 1
		       : cmocka_run_group_tests_name("sandbox of an ordinary user", tests, NULL, NULL);
}

/* As in the unit of a check on a kernel before Linux 6.6: its umask takes all rights of others, and a folder's mode has to be set. */
static int try_on_an_older_kernel(void)
{
	const struct CMUnitTest tests[] = {IN_PLACE(test_a_program_finds_its_own_surroundings),
		IN_PLACE(test_no_program_runs_without_walls_since_a_folder_is_missing)};

	old_kernel_lose_fchmodat2();
	(void)umask(077);
	return cmocka_run_group_tests_name("sandbox on an older kernel", tests, NULL, NULL);
}

static const struct {
	const char *name;
	int (*try)(void);
} hows[] = {{"ordinary-user", try_as_ordinary_user}, {"without-namespaces", try_without_namespaces},
	{"ordinary-user-without-namespaces", try_ordinary_user_without_namespaces},
	{"without-user-namespaces", try_without_user_namespaces}, {"older-kernel", try_on_an_older_kernel}};

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(test_hostile_programs_end_leave_nothing_and_affect_nobody),
		IN_PLACE(test_a_program_that_fills_the_disk_is_ended),
		IN_PLACE(test_a_program_that_takes_all_files_of_the_disk_is_ended),
		IN_PLACE(test_what_a_program_took_at_once_is_found_when_it_has_ended),
		IN_PLACE(test_what_is_said_last_is_told_after_much_else),
		IN_PLACE(test_programs_that_are_compiled_as_they_run_run),
		IN_PLACE(test_a_program_finds_its_own_surroundings),
		IN_PLACE(test_the_network_is_there_for_whom_it_is_allowed),
		IN_PLACE(test_no_program_runs_without_walls_since_a_folder_is_missing),
	};

	if (!sandbox_place_find_program())
		return 1;
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(hows); i++)
		if (strcmp(argv[1], hows[i].name) == 0)
			return hows[i].try();
	if (argc > 1)
		return 2;
	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
