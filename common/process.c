#include "common/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/platform.h"

#define EXIT_CANNOT_START 127
/* Of the child: where it tells that its cell cannot be made. Closed when the program starts. */
#define REFUSAL_FD 3
#define PIPE_BYTES 65536 /* that lie in a pipe at most */
/* How long a cell has to end all that is in it. */
#define CELL_END_MS 60000

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

static int leave_our_signals_and_descriptors(int output_fd, int refusal_fd)
{
	int null_fd = fcntl(open("/dev/null", O_RDWR), F_DUPFD, REFUSAL_FD + 1);
	sigset_t none;

	(void)setpgid(0, 0);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(output_fd, 1) < 0 || dup2(output_fd, 2) < 0 ||
		dup2(refusal_fd, REFUSAL_FD) < 0)
		return -1;
	(void)fcntl(REFUSAL_FD, F_SETFD, FD_CLOEXEC);
	return close_range(REFUSAL_FD + 1, ~0u, 0);
}

/* Whom and what the program is to be; what keeps it from starting is told on its output. */
static int become_its_user(const struct process_request *request, struct error *err)
{
	if (request->cell && request->cell->enter(request->cell, request, err) < 0) {
		dprintf(REFUSAL_FD, "%d %s", err->sys, err->text);
		_exit(EXIT_CANNOT_START);
	}
	if (chdir(request->folder ? request->folder : "/") < 0)
		return error_system(err, errno, "cannot enter %s", request->folder);
	return request->cell || !request->user ? 0 : platform_drop_privileges(request->user, err);
}

/* In the child; never returns. */
static _Noreturn void become(const struct process_request *request, int output_fd, int refusal_fd)
{
	struct error err = {0};

	if (leave_our_signals_and_descriptors(output_fd, refusal_fd) < 0)
		_exit(EXIT_CANNOT_START);
	if (become_its_user(request, &err) < 0) {
		dprintf(2, "%s\n", err.text);
		_exit(EXIT_CANNOT_START);
	}
	set_environment(request->environment);
	execv(request->argv[0], (char *const *)request->argv);
	dprintf(2, "cannot start %s: %s\n", request->argv[0], strerrordesc_np(errno));
	_exit(EXIT_CANNOT_START);
}

struct child {
	pid_t pid;
	int pid_fd, output_fd, refusal_fd; /* the last two are read */
};

static void child_close(struct child *child)
{
	fd_close(&child->pid_fd);
	fd_close(&child->output_fd);
	fd_close(&child->refusal_fd);
}
DEFINE_AUTO(child, struct child, child_close);

/* The oldest bytes make room for LEN more. */
static void make_room(struct buf *output, size_t len)
{
	size_t kept = len < output->limit ? output->limit - len : 0;

	if (kept >= output->len)
		return;
	memmove(output->data, output->data + output->len - kept, kept);
	output->len = kept;
}

static void keep_output(const struct process_request *request, const char *chunk, size_t len)
{
	struct buf *output = request->output;
	size_t cut;

	if (!output)
		return;
	if (request->keeps_end)
		make_room(output, len);
	cut = len > output->limit - output->len ? len - (output->limit - output->len) : 0;
	(void)!buf_append(output, request->keeps_end ? chunk + cut : chunk, len - cut, NULL);
}

/* Takes what has been printed so far, at most what a pipe holds: who prints without end keeps nobody here. False once nobody
 * can print any more. */
static bool take_output(int output_fd, const struct process_request *request)
{
	char chunk[4096];

	for (size_t taken = 0; taken < PIPE_BYTES; taken += sizeof(chunk)) {
		ssize_t got = TEMP_FAILURE_RETRY(read(output_fd, chunk, sizeof(chunk)));

		if (got <= 0)
			return got < 0 && errno == EAGAIN;
		keep_output(request, chunk, (size_t)got);
	}
	return true;
}

/* Waits for the end of the process itself, whoever else still holds its output, or until that is full where it is to end then.
 * True if the deadline came first. */
static bool wait_for_end(const struct child *child, const struct process_request *request, int64_t deadline_ms)
{
	struct pollfd fds[] = {
		{.fd = child->pid_fd, .events = POLLIN},
		{.fd = child->output_fd, .events = POLLIN},
	};
	const struct buf *output = request->output;

	for (;;) {
		int64_t left_ms = deadline_ms - monotonic_ms();

		if (left_ms <= 0)
			return true;
		(void)poll(fds, ARRAY_SIZE(fds), left_ms > 60000 ? 60000 : (int)left_ms);
		if (fds[1].revents && !take_output(child->output_fd, request))
			fds[1].fd = -1;
		if (fds[0].revents || (request->ends_when_full && output->len >= output->limit))
			return false;
	}
}

/* Ends the whole group, the process itself too if it still runs, and tells how it ended. The first process of a cell takes
 * all of the cell with it, and is not waited for to the end before that is gone. */
static int end(const struct child *child, const struct process_cell *cell)
{
	struct pollfd ended = {.fd = child->pid_fd, .events = POLLIN};
	int status = 0;

	if (cell && cell->ends_when_asked && child->pid_fd >= 0) {
		(void)kill(child->pid, SIGTERM);
		while (poll(&ended, 1, CELL_END_MS) < 0 && errno == EINTR)
			;
	}
	(void)kill(
		-child->pid, SIGKILL); /* before it is reaped: until then the group's number is not given to others */
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int make_pipe(int *ret_read_fd, int *ret_write_fd)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	*ret_read_fd = fds[0];
	*ret_write_fd = fds[1];
	return fcntl(fds[0], F_SETFL, O_NONBLOCK);
}

static pid_t make_process(const struct process_cell *cell)
{
	return cell && cell->namespaces ? (pid_t)syscall(SYS_clone, cell->namespaces | SIGCHLD, 0, 0, 0, 0) : fork();
}

static int start(const struct process_request *request, struct child *child, struct error *err)
{
	AUTO(fd) int output_fd = -1;
	AUTO(fd) int refusal_fd = -1;

	if (make_pipe(&child->output_fd, &output_fd) < 0 || make_pipe(&child->refusal_fd, &refusal_fd) < 0)
		return error_system(err, errno, "cannot make a pipe for '%s'", request->argv[0]);
	if ((child->pid = make_process(request->cell)) < 0) {
		if (request->cell)
			request->cell->is_missing = true;
		return error_system(err, errno, "cannot start '%s'", request->argv[0]);
	}
	if (child->pid == 0)
		become(request, fcntl(output_fd, F_DUPFD, REFUSAL_FD + 1),
			fcntl(refusal_fd, F_DUPFD, REFUSAL_FD + 1));
	(void)setpgid(child->pid, child->pid);
	if ((child->pid_fd = pidfd_open(child->pid, 0)) < 0) {
		int sys = errno;

		(void)end(child, request->cell);
		return error_system(err, sys, "cannot watch '%s'", request->argv[0]);
	}
	return 0;
}

/* A cell that could not be made says why in the pipe kept for that. */
static int check_cell(const struct child *child, struct process_cell *cell, struct error *err)
{
	char refusal[256], *text;
	ssize_t got = cell ? read(child->refusal_fd, refusal, sizeof(refusal) - 1) : 0;
	int sys;

	if (got <= 0)
		return 0;
	refusal[got] = '\0';
	cell->is_missing = true;
	sys = (int)strtol(refusal, &text, 10);
	(void)error_set(err, ERROR_FAILED, "%s", text + strspn(text, " "));
	if (err)
		err->sys = sys;
	return -1;
}

static int run(struct processes *processes, const struct process_request *request, struct process_result *ret_result,
	struct error *err)
{
	AUTO(child) struct child child = {.pid_fd = -1, .output_fd = -1, .refusal_fd = -1};
	int64_t deadline_ms = monotonic_ms() + request->timeout_ms;
	struct process_result result = {0};

	(void)processes;
	if (start(request, &child, err) < 0)
		return -1;
	result.timed_out = wait_for_end(&child, request, deadline_ms);
	result.exit_status = end(&child, request->cell);
	(void)take_output(child.output_fd, request);
	if (check_cell(&child, request->cell, err) < 0)
		return -1;
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

int process_limit(const struct process_limit *limits, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct rlimit limit = {limits[i].most, limits[i].most};
		struct rlimit old;

		if (getrlimit(limits[i].resource, &old) == 0 && old.rlim_max < limit.rlim_max)
			limit.rlim_cur = limit.rlim_max = old.rlim_max;
		if (setrlimit(limits[i].resource, &limit) < 0)
			return error_system(err, errno, "cannot limit resources");
	}
	return 0;
}
