#include "tools/repo/workbench/bench_application.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "manifests/release/release.h"
#include "rollback/sandbox/sandbox.h"

#define OUTPUT_LIMIT 65536
#define LONGEST_MS (INT64_C(24) * 3600 * 1000)

static int write_program(const struct sandbox *sandbox, const char *name, char ret_path[static PATH_MAX], struct error *err)
{
	if (snprintf(ret_path, PATH_MAX, "%s/%s/versions/%s/%s", sandbox->packages_path, sandbox->package,
		    sandbox->folder, name) >= PATH_MAX)
		return error_set(err, ERROR_INPUT, "the path of '%.80s' is too long", name);
	return 0;
}

/* In the process that watches it. The sandbox ends with that process. */
static _Noreturn void watch(const struct env *env, const struct sandbox *sandbox, const char *const *argv, int end_fd)
{
	AUTO(buf) struct buf output = BUF_INIT(OUTPUT_LIMIT);
	struct process_request request = {.argv = argv, .output = &output, .timeout_ms = LONGEST_MS};
	struct process_result result = {0};
	struct error err = {0};
	const char *said;

	if (sandbox_run(env, sandbox, &request, &result, &err) < 0) {
		(void)dprintf(end_fd, "could not be run: %s", err.text);
		_exit(0);
	}
	said = process_last_line(&output);
	(void)dprintf(end_fd, "ended with status %d%s%.120s", result.exit_status, *said ? ": " : "", said);
	_exit(0);
}

int bench_application_start(const struct env *env, const struct sandbox *sandbox, const char *const *argv,
	struct bench_application *ret_application, struct error *err)
{
	const char *whole[RELEASE_MAX_ARGUMENTS + 1] = {NULL};
	char program[PATH_MAX];
	int fds[2];
	pid_t pid, parent = getpid();

	if (write_program(sandbox, argv[0], program, err) < 0)
		return -1;
	for (size_t i = 0; i < RELEASE_MAX_ARGUMENTS && argv[i]; i++)
		whole[i] = i ? argv[i] : program;
	/* What loses its parent becomes our child: so its end can be waited for. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 || pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_system(err, errno, "cannot watch the application");
	if ((pid = fork()) == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
			_exit(0);
		watch(env, sandbox, whole, fds[1]);
	}
	(void)close(fds[1]);
	if (pid < 0) {
		(void)close(fds[0]);
		return error_system(err, errno, "cannot start the application");
	}
	*ret_application = (struct bench_application){
		.pid = pid, .end_fd = fds[0], .begun_ms = env->clock->monotonic_ms(env->clock)};
	return 0;
}

bool bench_application_has_ended(struct bench_application *application)
{
	struct pollfd end = {.fd = application->end_fd, .events = POLLIN};
	ssize_t got;

	if (application->has_ended || poll(&end, 1, 0) <= 0)
		return application->has_ended;
	got = read(application->end_fd, application->how, sizeof(application->how) - 1);
	application->how[got > 0 ? got : 0] = '\0';
	if (got <= 0)
		(void)strcpy(application->how, "ended, nobody knows how");
	return application->has_ended = true;
}

void bench_application_clear(struct bench_application *application)
{
	if (application->pid > 0) {
		(void)kill(application->pid, SIGKILL);
		while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
			;
	}
	fd_close(&application->end_fd);
	application->pid = 0;
}
