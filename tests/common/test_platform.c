#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utmpx.h>

#include "common/auto.h"
#include "common/digest.h"
#include "common/fs.h"
#include "common/platform.h"
#include "common/process.h"
#include "tests/support/folder.h"
#include "tests/support/old_kernel.h"

TEST_CASE(test_reads_a_boot_identity_without_its_line_break)
{
	char path[FOLDER_PATH_SIZE + 8], id[8] = "unset";
	struct folder folder;
	struct error err = {0};

	folder_init(&folder);
	(void)snprintf(path, sizeof(path), "%s/id", folder.path);
	folder_put(&folder, "id", "1234567\n", 8);
	assert_ok(platform_boot_id(path, id, sizeof(id), &err), &err);
	assert_string_equal(id, "1234567");
	folder_put(&folder, "id", "12345678\n", 9);
	assert_int_equal(platform_boot_id(path, id, sizeof(id), &err), -1);
	assert_error(&err, ERROR_INPUT, "1 to 7 bytes");
	folder_put(&folder, "id", "\n", 1);
	assert_int_equal(platform_boot_id(path, id, sizeof(id), &err), -1);
	assert_error(&err, ERROR_INPUT, "boot identity");
	folder_clear(&folder);
}

TEST_CASE(test_knows_who_is_at_the_other_end_of_a_socket)
{
	struct platform_peer peer;
	struct error err = {0};
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_ok(platform_peer(fds[0], &peer, &err), &err);
	assert_int_equal(peer.uid, geteuid());
	assert_int_equal(peer.pid, getpid());
	(void)close(fds[0]);
	(void)close(fds[1]);
}

TEST_CASE(test_changes_are_for_root_and_those_named)
{
	static const struct {
		uid_t uid;
		gid_t gid;
		const char *users;
		const char *group;
		bool is_allowed;
	} rows[] = {
		{0, 0, NULL, NULL, true},
		{65534, 65534, NULL, NULL, false},
		{65534, 65534, "", "", false},
		{65534, 65534, "nobody", NULL, true},
		{65534, 65534, "daemon  nobody", NULL, true},
		{65534, 65534, "nobod nobodyx", NULL, false},
		{65534, 65534, NULL, "nogroup", true},
		{65534, 1, NULL, "nogroup", true},
		{65534, 65534, NULL, "no-such-group", false},
		{4000000, 4000000, "nobody", "nogroup", false},
	};

	if (geteuid() == 65534)
		return; /* our own user is always allowed */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(platform_user_is_allowed(rows[i].uid, rows[i].gid, rows[i].users, rows[i].group),
			rows[i].is_allowed);
}

TEST_CASE(test_knows_which_users_exist)
{
	assert_true(platform_user_exists("nobody"));
	assert_false(platform_user_exists("no-such-user"));
}

TEST_CASE(test_names_the_first_character_that_a_path_must_not_hold)
{
	static const struct {
		const char *path;
		const char *character;
	} rows[] = {{"/opt/a b", " "},
		{"/opt/a\xe3\x80\x80"
		 "b",
			"\xe3\x80\x80"},
		{"/a!b", "!"}, {"/a$", "$"}, {"/a&", "&"}, {"/a(", "("}, {"/a)", ")"}, {"/a=", "="}, {"/a^", "^"},
		{"/a[", "["}, {"/a{", "{"}, {"/a}", "}"}, {"/a;", ";"}, {"/a'", "'"}, {"/a\"", "\""}, {"/a`", "`"},
		{"/a,", ","}, {"/opt/\xe9\x85\x8d\xe4\xbf\xa1", "\xe9\x85\x8d"}, {"/a\xff", "\xff"}, {"/a\\b", "\\"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t len = 0;
		const char *found = platform_forbidden_path_character(rows[i].path, &len);

		assert_non_null(found);
		assert_int_equal(len, strlen(rows[i].character));
		assert_memory_equal(found, rows[i].character, len);
	}
}

TEST_CASE(test_allows_plain_paths)
{
	static const char *const paths[] = {"/", "/opt/haishin", "/var/lib/a_b-c.d/9", ""};
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		assert_null(platform_forbidden_path_character(paths[i], &len));
}

TEST_CASE(test_refuses_names_that_windows_cannot_hold)
{
	static const char *const refused[] = {"", ".", "..", "con", "NUL.txt", "Com1", "a:b", "a/b", "a\\b", "a?",
		"a ", "a.", "a\x01", "a\xff", "lpt9.tar.gz"};
	static const char *const held[] = {"a", "console", "com", "COM10", ".hidden", "a b", "\xe9\x85\x8d"};
	char longest[257];

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		assert_non_null(platform_unportable_name(refused[i]));
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		assert_null(platform_unportable_name(held[i]));
	memset(longest, 'a', sizeof(longest));
	longest[255] = '\0';
	assert_null(platform_unportable_name(longest));
	longest[255] = 'a';
	longest[256] = '\0';
	assert_non_null(platform_unportable_name(longest));
}

/* A stand-in for the service manager's socket. */
static int listen_as_manager(const struct folder *folder)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_true(snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", folder->path) <
		    (int)sizeof(address.sun_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
	return fd;
}

TEST_CASE(test_tells_the_service_manager_where_one_listens)
{
	struct folder folder;
	char message[64] = "";
	int fd;

	(void)unsetenv("NOTIFY_SOCKET");
	platform_notify("READY=1"); /* nobody listens */
	folder_init(&folder);
	fd = listen_as_manager(&folder);
	platform_notify("WATCHDOG=1");
	assert_int_equal(recv(fd, message, sizeof(message) - 1, MSG_DONTWAIT), 10);
	assert_string_equal(message, "WATCHDOG=1");
	(void)unsetenv("NOTIFY_SOCKET");
	(void)close(fd);
	folder_clear(&folder);
}

TEST_CASE(test_a_watchdog_is_told_twice_within_its_limit)
{
	char pid[24];

	(void)unsetenv("WATCHDOG_PID");
	(void)unsetenv("WATCHDOG_USEC");
	assert_int_equal(platform_watchdog_ms(), -1);
	(void)setenv("WATCHDOG_USEC", "20000000", 1);
	assert_int_equal(platform_watchdog_ms(), 10000);
	(void)setenv("WATCHDOG_PID", "1", 1); /* meant for another process */
	assert_int_equal(platform_watchdog_ms(), -1);
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	(void)setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(platform_watchdog_ms(), 10000);
	(void)setenv("WATCHDOG_USEC", "soon", 1);
	assert_int_equal(platform_watchdog_ms(), -1);
}

static void check_what_opens_below(int dir_fd)
{
	static const struct {
		const char *path;
		int flags;
		enum error_code code; /* ERROR_NONE: it opens */
	} rows[] = {
		{"a/b/file", O_RDONLY, ERROR_NONE},
		{"a/b", O_RDONLY | O_DIRECTORY, ERROR_NONE},
		{".", O_RDONLY | O_DIRECTORY, ERROR_NONE},
		{"a/missing", O_RDONLY, ERROR_NOT_FOUND},
		{"missing/file", O_RDONLY, ERROR_NOT_FOUND},
		{"a/out/passwd", O_RDONLY, ERROR_DAMAGED},
		{"a/within/file", O_RDONLY, ERROR_DAMAGED},
		{"a/out", O_RDONLY | O_DIRECTORY, ERROR_DAMAGED},
		{"a/b/link", O_RDONLY, ERROR_DAMAGED},
		{"..", O_RDONLY | O_DIRECTORY, ERROR_DAMAGED},
		{"a/../../file", O_RDONLY, ERROR_DAMAGED},
		{"/etc/passwd", O_RDONLY, ERROR_DAMAGED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {0};
		int fd = platform_open_below(dir_fd, rows[i].path, rows[i].flags, &err);

		if (err.code != rows[i].code || (fd < 0) != (rows[i].code != ERROR_NONE))
			fail_msg("'%s': %s", rows[i].path, err.text);
		fd_close(&fd);
	}
}

TEST_CASE(test_opens_nothing_outside_a_folder)
{
	struct folder folder;
	struct error err = {0};
	int dir_fd;

	folder_init(&folder);
	dir_fd = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(dir_fd, "a", 0700) | mkdirat(dir_fd, "a/b", 0700), 0);
	folder_put(&folder, "a/b/file", "1", 1);
	assert_int_equal(symlinkat("/etc", dir_fd, "a/out") | symlinkat("b", dir_fd, "a/within"), 0);
	assert_int_equal(symlinkat("file", dir_fd, "a/b/link"), 0);
	check_what_opens_below(dir_fd);
	assert_int_equal(platform_open_below(dir_fd, "a/b/file/more", O_RDONLY, &err), -1);
	old_kernel_lose_openat2();
	check_what_opens_below(dir_fd);
	assert_int_equal(platform_open_below(dir_fd, "a/b/file/more", O_RDONLY, &err), -1);
	(void)close(dir_fd);
	folder_clear(&folder);
}

/* A service manager that answers with one word. */
static int answer_with_word(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	*ret_result = (struct process_result){.exit_status = 1};
	assert_string_equal(request->argv[1], "is-enabled");
	assert_string_equal(request->argv[2], "x.service");
	return buf_printf(request->output, err, "%s\n", (const char *)processes->context);
}

TEST_CASE(test_knows_if_a_service_starts_with_the_machine)
{
	static const struct {
		const char *word;
		enum platform_service service;
	} rows[] = {
		{"enabled", PLATFORM_SERVICE_ENABLED},
		{"disabled", PLATFORM_SERVICE_DISABLED},
		{"masked", PLATFORM_SERVICE_DISABLED},
		{"not-found", PLATFORM_SERVICE_UNKNOWN},
		{"Failed to connect to bus", PLATFORM_SERVICE_UNKNOWN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct processes processes = {.run = answer_with_word, .context = (void *)(uintptr_t)rows[i].word};

		assert_int_equal(platform_service(&processes, "x.service"), rows[i].service);
	}
}

TEST_CASE(test_knows_if_somebody_is_logged_in)
{
	struct folder folder;
	char path[FOLDER_PATH_SIZE + 16];
	struct utmpx entry = {.ut_type = DEAD_PROCESS, .ut_id = "a", .ut_line = "tty1"};

	folder_init(&folder);
	(void)snprintf(path, sizeof(path), "%s/logins", folder.path);
	assert_false(platform_is_in_use(path)); /* no such file */
	folder_put(&folder, "logins", "", 0);
	assert_false(platform_is_in_use(path));
	folder_put(&folder, "logins", &entry, sizeof(entry));
	assert_false(platform_is_in_use(path));
	entry.ut_type = USER_PROCESS;
	folder_put(&folder, "logins", &entry, sizeof(entry));
	assert_true(platform_is_in_use(path));
	folder_clear(&folder);
}

/* In pages, as the kernel counts them. */
static long resident_pages(void)
{
	AUTO(file) FILE *statm = fopen("/proc/self/statm", "r");
	long size, resident;

	assert_non_null(statm);
	assert_int_equal(fscanf(statm, "%ld %ld", &size, &resident), 2);
	return resident;
}

TEST_CASE(test_rests_on_less_memory_and_goes_on)
{
	struct sha256 before, after;
	long pages;

	sha256_of("x", 1, &before);
	pages = resident_pages();
	platform_rest();
	assert_true(resident_pages() < pages);
	sha256_of("x", 1, &after);
	assert_memory_equal(before.bytes, after.bytes, sizeof(before.bytes));
}

static void put_carrier(const struct folder *folder, const char *interface, const char *carrier)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "net/%s/carrier", interface);
	folder_put(folder, path, carrier, strlen(carrier));
}

TEST_CASE(test_knows_if_a_cable_is_plugged_in)
{
	struct folder folder;
	char path[FOLDER_PATH_SIZE + 8];
	struct fs fs;

	fs_init(&fs);
	folder_init(&folder);
	(void)snprintf(path, sizeof(path), "%s/net", folder.path);
	assert_int_equal(platform_link(&fs, path), PLATFORM_LINK_UNKNOWN);
	put_carrier(&folder, "lo", "1\n");
	assert_int_equal(platform_link(&fs, path), PLATFORM_LINK_DOWN);
	put_carrier(&folder, "enp1s0", "0\n");
	put_carrier(&folder, "wlan0", "");
	assert_int_equal(platform_link(&fs, path), PLATFORM_LINK_DOWN);
	put_carrier(&folder, "wlan0", "1\n");
	assert_int_equal(platform_link(&fs, path), PLATFORM_LINK_UP);
	folder_clear(&folder);
}

TESTS(NULL, NULL)
