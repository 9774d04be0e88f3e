#include "common/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
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

static bool begins_with_one_of(const char *variable, const char *const *names)
{
	for (; *names; names++)
		if (strncmp(variable, *names, strlen(*names)) == 0)
			return true;
	return false;
}

/* libfaketime's settings are passed on, so that a test can move the clock of all programs. Its FAKETIME_SHARED names
 * memory of this process, which another account must not open: libfaketime gives up where it finds it named and closed. */
static bool is_passed_on(const char *variable)
{
	static const char *const kept[] = {
		"PATH=", "LANG=", "LC_ALL=", "TZ=", "HAISHIN_", "LD_PRELOAD=", "FAKETIME", NULL};
	static const char *const ours[] = {"FAKETIME_SHARED=", NULL};

	return begins_with_one_of(variable, kept) && !begins_with_one_of(variable, ours);
}

/* Drops every variable that is not passed on, in place, and adds MORE. */
static void set_environment(const char *const *more)
{
	char **out = environ;

	for (char **in = environ; *in; in++)
		if (is_passed_on(*in))
			*out++ = *in;
	*out = NULL;
	for (; more && *more; more++)
		(void)putenv((char *)*more);
}

/* In the child; never returns. */
static _Noreturn void become(const struct process_request *request, int output_fd)
{
	struct error err = {0};
	int null_fd = fcntl(open("/dev/null", O_RDWR), F_DUPFD, 3);
	sigset_t none;

	(void)setpgid(0, 0);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(output_fd, 1) < 0 || dup2(output_fd, 2) < 0 ||
		close_range(3, ~0u, 0) < 0)
		_exit(EXIT_CANNOT_START);
	if (chdir(request->folder ? request->folder : "/") < 0) {
		dprintf(2, "cannot enter %s: %s\n", request->folder, strerrordesc_np(errno));
		_exit(EXIT_CANNOT_START);
	}
	if (request->user && platform_drop_privileges(request->user, &err) < 0) {
		dprintf(2, "%s\n", err.text);
		_exit(EXIT_CANNOT_START);
	}
	set_environment(request->environment);
	execv(request->argv[0], (char *const *)request->argv);
	dprintf(2, "cannot start %s: %s\n", request->argv[0], strerrordesc_np(errno));
	_exit(EXIT_CANNOT_START);
}

/* Takes what has been printed so far. False once nobody can print any more. */
static bool take_output(int output_fd, struct buf *output)
{
	char chunk[4096];
	ssize_t got;

	while ((got = read(output_fd, chunk, sizeof(chunk))) > 0 || (got < 0 && errno == EINTR))
		if (got > 0 && output && output->len < output->limit) {
			size_t room = output->limit - output->len;

			(void)!buf_append(output, chunk, (size_t)got < room ? (size_t)got : room, NULL);
		}
	return got < 0 && errno == EAGAIN;
}

/* Waits for the end of the process itself, whoever else still holds its output. True if the deadline came first. */
static bool wait_for_end(int pid_fd, int output_fd, struct buf *output, int64_t deadline_ms)
{
	struct pollfd fds[] = {{.fd = pid_fd, .events = POLLIN}, {.fd = output_fd, .events = POLLIN}};

	for (;;) {
		int64_t left_ms = deadline_ms - monotonic_ms();

		if (left_ms <= 0)
			return true;
		(void)poll(fds, ARRAY_SIZE(fds), left_ms > 60000 ? 60000 : (int)left_ms);
		if (fds[1].revents && !take_output(output_fd, output))
			fds[1].fd = -1;
		if (fds[0].revents)
			return false;
	}
}

/* Ends the whole group, the process itself too if it still runs, and tells how it ended. */
static int end_group(pid_t pid)
{
	int status = 0;

	(void)kill(-pid, SIGKILL); /* before it is reaped: until then the group's number is not given to others */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(struct processes *processes, const struct process_request *request, struct process_result *ret_result,
	struct error *err)
{
	AUTO(fd) int read_fd = -1;
	AUTO(fd) int write_fd = -1;
	AUTO(fd) int pid_fd = -1;
	int64_t deadline_ms = monotonic_ms() + request->timeout_ms;
	struct process_result result = {0};
	int pipe_fds[2];
	pid_t pid;

	(void)processes;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return error_system(err, errno, "cannot make a pipe for '%s'", request->argv[0]);
	read_fd = pipe_fds[0];
	write_fd = pipe_fds[1];
	if (fcntl(read_fd, F_SETFL, O_NONBLOCK) < 0)
		return error_system(err, errno, "cannot prepare the pipe for '%s'", request->argv[0]);
	if ((pid = fork()) < 0)
		return error_system(err, errno, "cannot start '%s'", request->argv[0]);
	if (pid == 0)
		become(request, fcntl(write_fd, F_DUPFD, 3));
	(void)setpgid(pid, pid);
	(void)close(take_fd(&write_fd));
	if ((pid_fd = pidfd_open(pid, 0)) < 0) {
		int sys = errno;

		(void)end_group(pid);
		return error_system(err, sys, "cannot watch '%s'", request->argv[0]);
	}
	result.timed_out = wait_for_end(pid_fd, read_fd, request->output, deadline_ms);
	result.exit_status = end_group(pid);
	(void)take_output(read_fd, request->output);
	*ret_result = result;
	return 0;
}

const char *process_last_line(struct buf *output)
{
	char *end = output->data ? output->data + output->len : NULL;

	while (end && end > output->data && (end[-1] == '\n' || end[-1] == ' '))
		*--end = '\0';
	while (end && end > output->data && end[-1] != '\n')
		end--;
	return end ? end : "";
}

void processes_init(struct processes *processes)
{
	*processes = (struct processes){.run = run};
}
