#include "common/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "common/auto.h"
#include "common/platform.h"

#define EXIT_CANNOT_START 127

extern char **environ;

static int64_t monotonic_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_passed_on(const char *variable)
{
	static const char *const kept[] = { "PATH=", "LANG=", "LC_ALL=", "TZ=", "HAISHIN_", "LD_PRELOAD=", "FAKETIME" };

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (strncmp(variable, kept[i], strlen(kept[i])) == 0)
			return true;
	return false;
}

/* Drops every variable that is not passed on, in place. */
static void clean_environment(void)
{
	char **out = environ;

	for (char **in = environ; *in; in++)
		if (is_passed_on(*in))
			*out++ = *in;
	*out = NULL;
}

/* In the child; never returns. */
static _Noreturn void become(const struct process_request *request, int output_fd)
{
	struct error err = { 0 };
	int null_fd = open("/dev/null", O_RDWR);

	(void)setpgid(0, 0);
	if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(output_fd >= 0 ? output_fd : null_fd, 1) < 0 ||
	    dup2(output_fd >= 0 ? output_fd : null_fd, 2) < 0 || close_range(3, ~0u, 0) < 0 ||
	    chdir(request->folder ? request->folder : "/") < 0)
		_exit(EXIT_CANNOT_START);
	if (request->user && platform_drop_privileges(request->user, &err) < 0) {
		dprintf(2, "%s\n", err.text);
		_exit(EXIT_CANNOT_START);
	}
	clean_environment();
	(void)signal(SIGPIPE, SIG_DFL);
	execv(request->argv[0], (char *const *)request->argv);
	dprintf(2, "cannot start %s: %s\n", request->argv[0], strerrordesc_np(errno));
	_exit(EXIT_CANNOT_START);
}

/* Takes what the program prints until it closes its end or the deadline passes. True at the deadline. */
static bool drain(int output_fd, struct buf *output, int64_t deadline_ms)
{
	for (;;) {
		struct pollfd poll_fd = { .fd = output_fd, .events = POLLIN };
		int64_t left_ms = deadline_ms - monotonic_ms();
		char chunk[1024];
		ssize_t got;

		if (left_ms <= 0)
			return true;
		if (poll(&poll_fd, 1, left_ms > 60000 ? 60000 : (int)left_ms) <= 0)
			continue;
		if ((got = read(output_fd, chunk, sizeof(chunk))) <= 0)
			return false;
		if (output && output->len < output->limit) {
			size_t room = output->limit - output->len;

			(void)!buf_append(output, chunk, (size_t)got < room ? (size_t)got : room, NULL);
		}
	}
}

/* Waits for the end of the process itself until the deadline. True at the deadline. */
static bool wait_until(pid_t pid, int64_t deadline_ms, int *ret_status)
{
	sigset_t child_set, old_set;
	bool timed_out = false;

	(void)sigemptyset(&child_set);
	(void)sigaddset(&child_set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &child_set, &old_set);
	for (;;) {
		pid_t ended = waitpid(pid, ret_status, WNOHANG);
		int64_t left_ms = deadline_ms - monotonic_ms();
		struct timespec left = { .tv_sec = left_ms / 1000, .tv_nsec = left_ms % 1000 * 1000000 };

		if (ended == pid)
			break;
		if (left_ms <= 0) {
			timed_out = true;
			break;
		}
		(void)sigtimedwait(&child_set, NULL, &left);
	}
	(void)sigprocmask(SIG_SETMASK, &old_set, NULL);
	return timed_out;
}

static int run(struct processes *processes, const struct process_request *request, struct process_result *ret_result,
	struct error *err)
{
	AUTO(fd) int read_fd = -1;
	AUTO(fd) int write_fd = -1;
	int64_t deadline_ms = monotonic_ms() + request->timeout_ms;
	struct process_result result = { 0 };
	int pipe_fds[2], status = 0;
	pid_t pid;

	(void)processes;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return error_system(err, errno, "cannot make a pipe for '%s'", request->argv[0]);
	read_fd = pipe_fds[0];
	write_fd = pipe_fds[1];
	if ((pid = fork()) < 0)
		return error_system(err, errno, "cannot start '%s'", request->argv[0]);
	if (pid == 0)
		become(request, write_fd);
	(void)setpgid(pid, pid);
	(void)close(take_fd(&write_fd));
	result.timed_out = drain(read_fd, request->output, deadline_ms) || wait_until(pid, deadline_ms, &status);
	if (result.timed_out) {
		(void)kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	} else {
		(void)kill(-pid, SIGKILL); /* what it left running in its group */
	}
	result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	*ret_result = result;
	return 0;
}

void processes_init(struct processes *processes)
{
	*processes = (struct processes){ .run = run };
}
