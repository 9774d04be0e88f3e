/* Programs of packages in their sandbox: hostile ones, each with its end, nothing left and nobody else affected; and honest
 * ones, which bring a just-in-time compiler. As root and as an ordinary user. */
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <seccomp.h>

#include "rollback/sandbox/sandbox.h"
#include "tests/rollback/machine.h"

#define FOLDER FOLDER_OF("1.0.0")
#define HOSTILE "reader-app/hostile"
#define OTHER "face-library"
#define SHARED_MEMORY 0x48414953

struct place {
	struct machine machine;
	pid_t victim; /* of the same account */
	int network_fd, abstract_fd;
	char port[16], victim_text[16], abstract[32]; /* the last one begins with "@" */
	char secret[FOLDER_PATH_SIZE + 64], open_door[FOLDER_PATH_SIZE + 64];
};

/* ---- The place ---- */

/* Open from the beginning: where the tree lies, an ordinary user may have no way in. */
static int program_fd;

static void copy_program(const struct folder *folder, const char *path)
{
	AUTO(fd) int to_fd = -1;
	char chunk[65536];
	off_t at = 0;
	ssize_t got;

	folder_put(folder, path, "", 0);
	assert_int_equal(fchmodat(folder->fd, path, 0755, 0), 0);
	to_fd = openat(folder->fd, path, O_WRONLY | O_CLOEXEC);
	for (; (got = pread(program_fd, chunk, sizeof(chunk), at)) > 0; at += got)
		assert_int_equal(write(to_fd, chunk, (size_t)got), got);
	assert_true(at > 0);
}

static void put_package(struct place *place, const char *package)
{
	char path[256];

	machine_put_release(&place->machine, package, FOLDER, 0, true);
	(void)snprintf(path, sizeof(path), "opt/%s/versions/" FOLDER "/bin/hostile", package);
	copy_program(&place->machine.folder, path);
	(void)snprintf(path, sizeof(path), "opt/%s/data/secret", package);
	folder_put(&place->machine.folder, path, "pin", 3);
	if (geteuid() == 0)
		assert_int_equal(fchownat(place->machine.folder.fd, path, 65534, 65534, 0), 0);
	(void)snprintf(path, sizeof(path), "opt/%s/data", package);
	assert_int_equal(fchmodat(place->machine.folder.fd, path, 0777, 0), 0);
}

static int listen_at(int family, struct sockaddr *address, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, address, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static void open_doors(struct place *place)
{
	struct sockaddr_in network = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_un abstract = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(network);

	place->network_fd = listen_at(AF_INET, (struct sockaddr *)&network, sizeof(network));
	assert_int_equal(getsockname(place->network_fd, (struct sockaddr *)&network, &len), 0);
	(void)snprintf(place->port, sizeof(place->port), "%u", ntohs(network.sin_port));
	(void)snprintf(place->abstract, sizeof(place->abstract), "@haishin-test-%d", (int)getpid());
	memcpy(abstract.sun_path + 1, place->abstract + 1, strlen(place->abstract) - 1);
	place->abstract_fd = listen_at(AF_UNIX, (struct sockaddr *)&abstract,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(place->abstract)));
}

static pid_t start_victim(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(1);
		for (;;)
			(void)pause();
	}
	return pid;
}

static bool runs(pid_t pid)
{
	char path[64], text[256] = "";
	AUTO(fd) int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	return (fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0 && read(fd, text, sizeof(text) - 1) > 0 &&
	       !strstr(text, ") Z ");
}

static int set_up(void **state)
{
	static struct place place; /* one test at a time */

	place = (struct place){0};
	machine_init(&place.machine);
	put_package(&place, HOSTILE);
	put_package(&place, OTHER);
	open_doors(&place);
	assert_true((place.victim = start_victim()) > 0);
	(void)snprintf(place.victim_text, sizeof(place.victim_text), "%d", (int)place.victim);
	(void)snprintf(place.secret, sizeof(place.secret), "%s/" OTHER "/data/secret", place.machine.packages_path);
	(void)snprintf(place.open_door, sizeof(place.open_door), "%s/" OTHER "/data/x", place.machine.packages_path);
	*state = &place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	(void)kill(place->victim, SIGKILL);
	(void)waitpid(place->victim, NULL, 0);
	(void)close(place->network_fd);
	(void)close(place->abstract_fd);
	machine_clear(&place->machine);
	return 0;
}

/* ---- Running ---- */

#define MOST_WORDS 5

struct trial {
	bool has_network;
	int timeout_ms;
	struct buf *output;
};

static struct process_result run(struct place *place, const char *const *words, const struct trial *trial)
{
	const struct sandbox sandbox = {.packages_path = place->machine.packages_path,
		.package = HOSTILE,
		.folder = FOLDER,
		.former = "",
		.data = "data",
		.user = "nobody",
		.has_network = trial->has_network};
	struct process_request request = {.argv = words, .timeout_ms = trial->timeout_ms, .output = trial->output};
	struct process_result result = {0};
	struct error err = {0};

	assert_ok(sandbox_run(&place->machine.env, &sandbox, &request, &result, &err), &err);
	return result;
}

static struct process_result run_hostile(
	struct place *place, const char *how, const char *where, int timeout_ms, struct buf *output)
{
	char program[FOLDER_PATH_SIZE + 128];
	const char *const words[] = {program, how, where, NULL};
	const struct trial trial = {.timeout_ms = timeout_ms, .output = output};

	(void)snprintf(program, sizeof(program), "%s/" HOSTILE "/versions/" FOLDER "/bin/hostile",
		place->machine.packages_path);
	return run(place, words, &trial);
}

/* ---- What is true after each of them ---- */

struct count {
	const char *packages_path; /* other tests have their own */
	int hostile;
};

static int count_hostile(void *context, int dir_fd, const char *name, struct error *err)
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

	if (!runs(place->victim))
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
		struct process_result result = run_hostile(
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
		{"shared-memory", NULL, ENDS},
		{"machine", NULL, ENDS},
		{"devices", NULL, ENDS},
		{"kernel", NULL, ENDS},
	};

	try_rows(place, rows, ARRAY_SIZE(rows));
}

/* ---- Without namespaces ---- */

/* As a kernel that gives none, and as RestrictNamespaces= of a unit. */
static void forbid_namespaces(void)
{
	static const unsigned long kinds[] = {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	assert_non_null(filter);
	assert_int_equal(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW), 0);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		assert_int_equal(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
					 SCMP_A0(SCMP_CMP_MASKED_EQ, kinds[i], kinds[i])),
			0);
	assert_int_equal(seccomp_load(filter), 0);
	seccomp_release(filter);
}

static void test_without_namespaces_nothing_is_left_either(void **state)
{
	static const struct row rows[] = {
		{"detach", NULL, ENDS}, {"hop", NULL, ENDS}, {"trap", NULL, TIMES_OUT}, {"fork", NULL, TIMES_OUT},
		{"kernel", NULL, ENDS}};

	forbid_namespaces();
	try_rows(*state, rows, ARRAY_SIZE(rows));
}

/* ---- What it uses ---- */

static void test_a_program_that_fills_the_disk_is_ended(void **state)
{
	struct place *place = *state;
	AUTO(buf) struct buf output = BUF_INIT(4096);
	char path[FOLDER_PATH_SIZE + 64];
	struct process_result result;

	/* Another disk is for root to bring. */
	if (geteuid() != 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/" HOSTILE "/data", place->machine.packages_path);
	assert_int_equal(mount("tmpfs", path, "tmpfs", 0, "size=16M,mode=0777"), 0);
	result = run_hostile(place, "fill-data", NULL, 60000, &output);
	assert_int_equal(umount(path), 0);
	assert_int_equal(fate_of(&result), FAILS);
	assert_non_null(strstr(buf_text(&output), "half of what was free on the disk"));
}

/* ---- What it may do ---- */

static void assert_runs(struct place *place, const char *const *words, bool has_network)
{
	AUTO(buf) struct buf output = BUF_INIT(4096);
	const struct trial trial = {.has_network = has_network, .timeout_ms = 120000, .output = &output};
	struct process_result result = run(place, words, &trial);

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
		"echo new >\"$HAISHIN_DATA/new\"; echo scratch >/tmp/x; echo x >/dev/shm/x; test -r /etc/passwd\n"
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
	const char *const words[] = {program, "network", place->port, NULL};
	const struct trial trial = {.has_network = true, .timeout_ms = 60000};

	(void)snprintf(program, sizeof(program), "%s/" HOSTILE "/versions/" FOLDER "/bin/hostile",
		place->machine.packages_path);
	assert_int_equal(run(place, words, &trial).exit_status, 9);
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
		.user = "nobody"};
	struct process_request request = {.argv = words, .timeout_ms = 60000, .output = &output};
	struct process_result result = {0};
	struct error err = {0};

	assert_int_equal(sandbox_run(&place->machine.env, &sandbox, &request, &result, &err), -1);
	assert_error(&err, ERROR_FAILED, "nowhere");
	assert_null(strstr(buf_text(&output), "it ran"));
}

/* ---- In processes of their own ---- */

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int try_without_namespaces(void)
{
	const struct CMUnitTest tests[] = {IN_PLACE(test_without_namespaces_nothing_is_left_either)};

	return cmocka_run_group_tests_name("sandbox without namespaces", tests, NULL, NULL);
}

static int try_as_ordinary_user(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(test_hostile_programs_end_leave_nothing_and_affect_nobody),
		IN_PLACE(test_programs_that_are_compiled_as_they_run_run),
		IN_PLACE(test_a_program_finds_its_own_surroundings),
		IN_PLACE(test_the_network_is_there_for_whom_it_is_allowed),
	};

	if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
		return 1;
	return cmocka_run_group_tests_name("sandbox of an ordinary user", tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(test_hostile_programs_end_leave_nothing_and_affect_nobody),
		IN_PLACE(test_a_program_that_fills_the_disk_is_ended),
		IN_PLACE(test_programs_that_are_compiled_as_they_run_run),
		IN_PLACE(test_a_program_finds_its_own_surroundings),
		IN_PLACE(test_the_network_is_there_for_whom_it_is_allowed),
		IN_PLACE(test_no_program_runs_without_walls_since_a_folder_is_missing),
	};

	if ((program_fd = open(HOSTILE_PROGRAM, O_RDONLY | O_CLOEXEC)) < 0)
		return 1;
	if (argc > 1)
		return strcmp(argv[1], "ordinary-user") == 0 ? try_as_ordinary_user() : try_without_namespaces();
	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
