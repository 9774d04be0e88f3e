/* What haishin-fetch can no longer do. Each attempt runs in a child process of its own, since there is no way back.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"
#include "tools/fetch_sandbox.h"

/* Each returns true if it succeeded in what it tries. */

static bool write_a_file(void)
{
	return open("/tmp/haishin-sandbox", O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool change_a_file(void)
{
	return open("/dev/null", O_RDWR) >= 0;
}

static bool make_a_folder(void)
{
	return mkdir("/tmp/haishin-sandbox", 0700) == 0;
}

static bool remove_a_file(void)
{
	return unlink("/tmp/haishin-sandbox") == 0 || errno != EPERM;
}

static bool rename_a_file(void)
{
	return rename("/tmp/haishin-sandbox", "/tmp/haishin-sandbox-2") == 0 || errno != EPERM;
}

static bool start_a_program(void)
{
	(void)execl("/bin/true", "true", NULL);
	return errno != EPERM;
}

static bool make_a_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static bool signal_another(void)
{
	return kill(getppid(), 0) == 0;
}

static bool write_memory_and_run_it(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool make_memory_run_that_was_written(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory != MAP_FAILED && mprotect(memory, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) == 0;
}

static bool run_memory_that_was_written(void)
{
	char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return true;
	*memory = (char)0xc3;
	return mprotect(memory, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool have_memory_of_no_file_to_run(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

/* A descriptor that signals its owner when something comes. */
static bool name_a_process_to_signal(void)
{
	int fds[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 || fcntl(fds[0], F_SETOWN, getpid()) == 0 ||
	       fcntl(fds[0], F_SETSIG, SIGKILL) == 0;
}

static bool have_signals_sent(void)
{
	int fds[2], on = 1;

	return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 || fcntl(fds[0], F_SETFL, O_ASYNC) == 0 ||
	       fcntl(fds[0], F_SETFL, O_NONBLOCK | O_ASYNC) == 0 || ioctl(fds[0], FIOASYNC, &on) == 0;
}

static bool make_a_file_by_binding(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/tmp/haishin-sandbox-socket"};
	int fds[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 ||
	       bind(fds[0], (struct sockaddr *)&address, sizeof(address)) == 0;
}

static bool open_a_local_socket(void)
{
	int fds[2];

	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_DGRAM, 0) >= 0 ||
	       socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == 0;
}

static bool ask_the_kernel_by_a_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) >= 0 || socket(AF_INET, SOCK_RAW, 6) >= 0;
}

static bool wait_for_others_to_connect(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || listen(fd, 1) == 0;
}

static bool send_to_a_terminal(void)
{
	return ioctl(0, TIOCSTI, "x") == 0 || errno != EPERM;
}

static bool set_what_it_is(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0;
}

static bool open_more_than_64(void)
{
	int count = 0;

	while (open("/dev/null", O_RDONLY) >= 0)
		count++;
	return count > 64;
}

static bool hold_more_than_128_mib(void)
{
	return malloc((size_t)160 << 20) != NULL;
}

static bool share_more_than_a_gib(void)
{
	const size_t len = (size_t)1 << 30;
	int fd = open("/dev/zero", O_RDONLY);

	return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED ||
	       mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED;
}

static bool speak_another_protocol(void)
{
	static const struct {
		int kind, protocol;
	} others[] = {{SOCK_STREAM, IPPROTO_SCTP}, {SOCK_STREAM, IPPROTO_MPTCP}, {SOCK_DGRAM, IPPROTO_ICMP},
		{SOCK_DGRAM, IPPROTO_UDPLITE}};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (socket(AF_INET, others[i].kind, others[i].protocol) >= 0 || errno != EPERM)
			return true;
	return false;
}

static void *wait_without_end(void *context)
{
	for (;;)
		(void)poll(NULL, 0, -1);
	return context;
}

static bool start_2000_threads(void)
{
	pthread_attr_t small;
	pthread_t thread;

	(void)pthread_attr_init(&small);
	(void)pthread_attr_setstacksize(&small, 16384);
	for (int i = 0; i < 2000; i++)
		if (pthread_create(&thread, &small, wait_without_end, NULL) != 0)
			return false;
	return true;
}

static int open_file_fd; /* for writing, from before */

static bool let_a_file_grow(void)
{
	return write(open_file_fd, "x", 1) == 1;
}

static bool open_a_raw_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) >= 0;
}

static bool become_root(void)
{
	return setuid(0) == 0 && errno != EPERM;
}

static bool read_a_file(void)
{
	char byte;

	return read(open("/etc/passwd", O_RDONLY | O_CLOEXEC), &byte, 1) == 1;
}

static bool use_a_descriptor(void)
{
	int fds[2], waiting = 0;

	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0 &&
	       fcntl(fds[0], F_SETFL, fcntl(fds[0], F_GETFL) | O_NONBLOCK) == 0 && write(fds[1], "x", 1) == 1 &&
	       ioctl(fds[0], FIONREAD, &waiting) == 0 && waiting == 1;
}

static bool use_the_code_of_a_library(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != MAP_FAILED;
}

static void *nothing(void *context)
{
	return context;
}

static bool start_a_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static bool look_up_a_name(void)
{
	struct addrinfo *found;

	if (getaddrinfo("localhost", "443", NULL, &found) != 0)
		return false;
	freeaddrinfo(found);
	return true;
}

static bool open_a_connection(void)
{
	return socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 && socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

/* Tries it in the sandbox; true if it succeeded. */
static bool succeeds(bool (*try)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct error err = {0};

		if (sandbox_enter("nobody", &err) < 0)
			_exit(2);
		_exit(try() ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 2);
	return WEXITSTATUS(status) == 0;
}

#define CASE(name)                                                                                                   \
	{                                                                                                            \
#name, name                                                                                          \
	}

TEST_CASE(test_cannot_do_harm)
{
	static const struct {
		const char *name;
		bool (*try)(void);
	} cases[] = {CASE(write_a_file), CASE(change_a_file), CASE(make_a_folder), CASE(remove_a_file),
		CASE(rename_a_file), CASE(start_a_program), CASE(make_a_process), CASE(signal_another),
		CASE(write_memory_and_run_it), CASE(make_memory_run_that_was_written), CASE(open_a_raw_socket),
		CASE(run_memory_that_was_written), CASE(have_memory_of_no_file_to_run),
		CASE(name_a_process_to_signal), CASE(have_signals_sent), CASE(make_a_file_by_binding),
		CASE(open_a_local_socket), CASE(ask_the_kernel_by_a_socket), CASE(wait_for_others_to_connect),
		CASE(send_to_a_terminal), CASE(set_what_it_is), CASE(open_more_than_64), CASE(hold_more_than_128_mib),
		CASE(share_more_than_a_gib), CASE(speak_another_protocol),
		CASE(let_a_file_grow), CASE(become_root)};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (succeeds(cases[i].try))
			fail_msg("it can %s", cases[i].name);
	/* An ordinary user's other threads are none of its business. */
	if (geteuid() == 0 && succeeds(start_2000_threads))
		fail_msg("it can start 2000 threads");
}

TEST_CASE(test_can_do_what_fetching_needs)
{
	static const struct {
		const char *name;
		bool (*try)(void);
	} cases[] = {CASE(read_a_file), CASE(start_a_thread), CASE(look_up_a_name), CASE(open_a_connection),
		CASE(use_a_descriptor), CASE(use_the_code_of_a_library)};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!succeeds(cases[i].try))
			fail_msg("it cannot %s", cases[i].name);
}

TEST_CASE(test_does_not_start_for_a_user_that_is_not_there)
{
	struct error err = {0};
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int result = sandbox_enter("no-such-user", &err);

		_exit(geteuid() != 0 || (result < 0 && err.code == ERROR_NOT_FOUND) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int open_a_file(void **state)
{
	FILE *file = tmpfile();

	(void)state;
	open_file_fd = file ? fileno(file) : -1;
	return write(open_file_fd, "", 1) == 1 ? 0 : -1;
}

TESTS_WITHIN(open_a_file, NULL, NULL, NULL)
