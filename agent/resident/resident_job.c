#include "agent/resident/resident_job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "agent/base/job_lines.h"

/* A job that was asked to end ends at the next byte or file; synchronizing a disk may take a while. */
#define END_WITHIN_MS 30000

extern char **environ;

static const struct log *log_of(const struct resident *resident)
{
	return resident->terminal->env->log;
}

/* ---- Its beginning ---- */

struct job_request {
	enum job_kind kind;
	const char *option; /* "--from" or "--package"; NULL: neither */
	const char *value;
};

/* Starts ourselves with --job, its lines on a pipe, its signals as a fresh process has them. */
static int spawn_job(const struct resident *resident, const struct job_request *request, int lines_fd, pid_t *ret_pid,
	struct error *err)
{
	const char *argv[10] = {resident->program, "--config", resident->config_file, "--job",
		job_kind_name(request->kind)};
	size_t count = 5;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int sys;

	if (request->option) {
		argv[count++] = request->option;
		argv[count++] = request->value;
	}
	if (resident->root) {
		argv[count++] = "--root";
		argv[count++] = resident->root;
	}
	(void)sigemptyset(&none);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	sys = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!sys)
		sys = posix_spawn_file_actions_adddup2(&actions, lines_fd, JOB_LINES_FD);
	if (!sys)
		sys = posix_spawn(ret_pid, resident->program, &actions, &attributes, (char *const *)argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return sys ? error_system(err, sys, "cannot start job %s with '%s'", job_kind_name(request->kind),
			     resident->program)
		   : 0;
}

static int start_job(struct resident *resident, const struct job_request *request, struct error *err)
{
	enum job_kind kind = request->kind;
	struct resident_job *job = &resident->job;
	AUTO(fd) int read_fd = -1;
	AUTO(fd) int write_fd = -1;
	int fds[2];

	if (job->running)
		return error_set(
			err, ERROR_BUSY, "job %s is at work; try again when it has ended", job_kind_name(job->kind));
	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_system(err, errno, "cannot make a pipe for job %s", job_kind_name(kind));
	read_fd = fds[0];
	/* Not JOB_LINES_FD itself: dup2 of a descriptor onto itself would keep it closed on exec. */
	if ((write_fd = fcntl(fds[1], F_DUPFD_CLOEXEC, JOB_LINES_FD + 1)) < 0 ||
		fcntl(read_fd, F_SETFL, O_NONBLOCK) < 0) {
		(void)close(fds[1]);
		return error_system(err, errno, "cannot make a pipe for job %s", job_kind_name(kind));
	}
	(void)close(fds[1]);
	if (spawn_job(resident, request, write_fd, &job->pid, err) < 0)
		return -1;
	job->running = true;
	job->fd_ended = false;
	job->killed_ms = 0;
	job->is_night_due = false;
	job->kind = kind;
	job->fd = take_fd(&read_fd);
	job->started_s = terminal_now_s(resident->terminal);
	job->line = (struct buf)BUF_INIT(JOB_LINE_MAX_BYTES);
	resident->changed = true;
	log_line(log_of(resident), LOG_LEVEL_INFO, "job %s begins", job_kind_name(kind));
	return 0;
}

int resident_job_start(struct resident *resident, enum job_kind kind, struct error *err)
{
	const struct job_request request = {.kind = kind};

	return start_job(resident, &request, err);
}

int resident_job_start_install(struct resident *resident, const char *path, struct error *err)
{
	const struct job_request request = {.kind = JOB_INSTALL, .option = "--from", .value = path};

	return start_job(resident, &request, err);
}

int resident_job_start_verify(struct resident *resident, const char *package, struct error *err)
{
	const struct job_request request = {
		.kind = JOB_VERIFY, .option = package ? "--package" : NULL, .value = package};

	return start_job(resident, &request, err);
}

/* ---- Its lines ---- */

static void tell_callers(const struct resident *resident, json_t *progress, bool is_last)
{
	if (resident->callers.tell)
		resident->callers.tell(resident->callers.context, progress, is_last);
}

static void take_line(struct resident *resident, const char *line, size_t len)
{
	struct resident_job *job = &resident->job;
	json_t *progress = json_parse(line, len, NULL);

	if (!progress)
		return;
	json_decref(job->progress);
	job->progress = progress;
	if (strcmp(json_string_value(json_object_get(progress, "state")) ?: "", "end") != 0)
		tell_callers(resident, progress, false);
}

/* A line longer than a job may send is thrown away. */
void resident_job_take_lines(struct resident *resident)
{
	struct buf *line = &resident->job.line;
	char chunk[1024];
	ssize_t got;

	while ((got = read(resident->job.fd, chunk, sizeof(chunk))) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			if (chunk[i] == '\n') {
				take_line(resident, buf_text(line), line->len);
				buf_empty(line);
			} else if (buf_append(line, &chunk[i], 1, NULL) < 0) {
				buf_empty(line);
			}
		}
	}
}

/* ---- Its end ---- */

/* The last word of a job that ended without one. */
static json_t *unexpected_end(int status)
{
	char message[128];

	if (WIFSIGNALED(status))
		(void)snprintf(message, sizeof(message), "the job was ended by signal %d", WTERMSIG(status));
	else
		(void)snprintf(message, sizeof(message), "the job ended with %d", WEXITSTATUS(status));
	return JSON_OBJECT({
		json_text("state", "end"),
		json_text("error", error_code_name(ERROR_FAILED)),
		json_number("exit", error_exit_status(ERROR_FAILED)),
		json_text("message", message),
	});
}

/* The last word of a job, unless the night goes on with it; then others have their turn. */
static void hand_over(struct resident *resident, const struct error *why)
{
	enum job_kind kind = resident->job.kind;
	json_t *last = take_ptr(&resident->job.progress);
	struct error err = {0};

	if (!resident->job.is_night_due || resident->stop || resident_job_start(resident, JOB_NIGHT, &err) < 0)
		tell_callers(resident, last, true);
	json_decref(last);
	if (!resident->job.running && !resident->stop && resident->callers.job_ended)
		resident->callers.job_ended(resident->callers.context);
	resident_plan_after(resident, kind, why);
}

static void end_job(struct resident *resident, int status)
{
	struct resident_job *job = &resident->job;
	struct error why = {0};
	const char *state;

	resident_job_take_lines(resident);
	state = json_string_value(json_object_get(job->progress, "state"));
	if (!state || strcmp(state, "end") != 0) {
		json_decref(job->progress);
		job->progress = unexpected_end(status);
	}
	log_line(log_of(resident), LOG_LEVEL_INFO, "job %s ended: %s %s", job_kind_name(job->kind),
		json_string_value(json_object_get(job->progress, "error")),
		json_string_value(json_object_get(job->progress, "message")));
	if (json_integer_value(json_object_get(job->progress, "exit")) != 0)
		(void)error_set(&why, ERROR_FAILED, "job %s: %s", job_kind_name(job->kind),
			json_string_value(json_object_get(job->progress, "message")));
	if (json_is_true(json_object_get(job->progress, "agent_replaced"))) {
		log_line(log_of(resident), LOG_LEVEL_WARNING, "this agent was taken back; the former one takes over");
		resident->stop = true;
	}
	job->running = false;
	fd_close(&job->fd);
	buf_clear(&job->line);
	hand_over(resident, why.code ? &why : NULL);
}

void resident_job_reap(struct resident *resident)
{
	int status;

	if (resident->job.running && waitpid(resident->job.pid, &status, WNOHANG) == resident->job.pid)
		end_job(resident, status);
}

bool resident_job_gives_way(const struct resident *resident)
{
	switch (resident->job.kind) {
	case JOB_NIGHT:
	case JOB_BUTTON:
	case JOB_CHECK:
	case JOB_DOCTOR:
	case JOB_VERIFY:
		return resident->job.running;
	default:
		return false;
	}
}

static int64_t now_ms(const struct resident *resident)
{
	const struct clock *clock = resident->terminal->env->clock;

	return clock->monotonic_ms(clock);
}

void resident_job_ask_to_end(struct resident *resident)
{
	resident->job.is_night_due = false; /* whoever asks now comes before the night */
	if (!resident_job_gives_way(resident) || resident->job.killed_ms)
		return;
	log_line(log_of(resident), LOG_LEVEL_INFO, "job %s is asked to end", job_kind_name(resident->job.kind));
	resident->job.killed_ms = now_ms(resident) + END_WITHIN_MS;
	(void)kill(resident->job.pid, SIGTERM);
}

void resident_job_give_to_night(struct resident *resident)
{
	if (!resident_job_gives_way(resident) || resident->job.kind == JOB_NIGHT || resident->job.killed_ms)
		return;
	resident_job_ask_to_end(resident);
	resident->job.is_night_due = true;
}

int64_t resident_job_see_to_end(struct resident *resident)
{
	int64_t left_ms = resident->job.killed_ms - now_ms(resident);

	if (!resident->job.running || !resident->job.killed_ms)
		return -1;
	if (left_ms > 0)
		return left_ms;
	log_line(log_of(resident), LOG_LEVEL_WARNING, "job %s did not end within %d s and is killed",
		job_kind_name(resident->job.kind), END_WITHIN_MS / 1000);
	(void)kill(resident->job.pid, SIGKILL);
	resident->job.killed_ms = INT64_MAX;
	return -1;
}

void resident_job_stop(struct resident *resident)
{
	int status;

	if (!resident->job.running)
		return;
	(void)kill(resident->job.pid, SIGTERM);
	while (waitpid(resident->job.pid, &status, 0) < 0 && errno == EINTR)
		;
	end_job(resident, status);
}
