#include "agent/resident.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include "agent/account.h"
#include "agent/agenda.h"
#include "agent/anchor.h"
#include "agent/archive.h"
#include "agent/control.h"
#include "agent/disabled.h"
#include "common/platform.h"

#define JOB_FD 3
#define LONGEST_WAIT_S (7 * 86400)
#define RETRY_AGENDA_S 600 /* when the agenda itself could not be worked out */

extern char **environ;

/* What the resident part waits on. */
struct waiting {
	int signal_fd;
	int timer_fd;	     /* the next job */
	int clock_change_fd; /* the clock was set: the next job may be due at another moment */
};

static void waiting_release(struct waiting *waiting)
{
	const int fds[] = {waiting->signal_fd, waiting->timer_fd, waiting->clock_change_fd};

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
}
DEFINE_AUTO(waiting, struct waiting, waiting_release);

static const struct log *log_of(const struct resident *resident)
{
	return resident->terminal->env->log;
}

static int64_t now_s(const struct resident *resident)
{
	const struct clock *clock = resident->terminal->env->clock;

	return clock->now_s(clock);
}

/* ---- The job at work ---- */

/* Starts ourselves with --job, its lines on a pipe, its signals as a fresh process has them. */
static int spawn_job(const struct resident *resident, enum job_kind kind, const char *from, int lines_fd,
	pid_t *ret_pid, struct error *err)
{
	const char *argv[10] = {resident->program, "--config", resident->config_file, "--job", job_kind_name(kind)};
	size_t count = 5;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int sys;

	if (from) {
		argv[count++] = "--from";
		argv[count++] = from;
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
		sys = posix_spawn_file_actions_adddup2(&actions, lines_fd, JOB_FD);
	if (!sys)
		sys = posix_spawn(ret_pid, resident->program, &actions, &attributes, (char *const *)argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return sys ? error_system(err, sys, "cannot start job %s with '%s'", job_kind_name(kind), resident->program)
		   : 0;
}

/* FROM is the folder for JOB_INSTALL; NULL for others. */
static int start_job(struct resident *resident, enum job_kind kind, const char *from, struct error *err)
{
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
	/* Not JOB_FD itself: dup2 of a descriptor onto itself would keep it closed on exec. */
	if ((write_fd = fcntl(fds[1], F_DUPFD_CLOEXEC, JOB_FD + 1)) < 0 || fcntl(read_fd, F_SETFL, O_NONBLOCK) < 0) {
		(void)close(fds[1]);
		return error_system(err, errno, "cannot make a pipe for job %s", job_kind_name(kind));
	}
	(void)close(fds[1]);
	if (spawn_job(resident, kind, from, write_fd, &job->pid, err) < 0)
		return -1;
	job->running = true;
	job->fd_ended = false;
	job->kind = kind;
	job->fd = take_fd(&read_fd);
	job->started_s = now_s(resident);
	job->line = (struct buf)BUF_INIT(JOB_LINE_MAX_BYTES);
	log_line(log_of(resident), LOG_LEVEL_INFO, "job %s begins", job_kind_name(kind));
	return 0;
}

int resident_start_job(struct resident *resident, enum job_kind kind, struct error *err)
{
	return start_job(resident, kind, NULL, err);
}

int resident_start_install(struct resident *resident, const char *path, struct error *err)
{
	return start_job(resident, JOB_INSTALL, path, err);
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
		control_job_progress(resident->control, progress, false);
}

/* Takes whole lines out of what has come; a line longer than a job may send is thrown away. */
static void take_lines(struct resident *resident)
{
	struct buf *line = &resident->job.line;
	char chunk[1024];
	ssize_t got;

	while ((got = read(resident->job.fd, chunk, sizeof(chunk))) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			if (chunk[i] == '\n') {
				take_line(resident, buf_text(line), line->len);
				buf_clear(line);
			} else if (buf_append(line, &chunk[i], 1, NULL) < 0) {
				buf_clear(line);
			}
		}
	}
}

/* The last word of a job that ended without one. */
static json_t *unexpected_end(int status)
{
	char message[128];

	if (WIFSIGNALED(status))
		(void)snprintf(message, sizeof(message), "the job was ended by signal %d", WTERMSIG(status));
	else
		(void)snprintf(message, sizeof(message), "the job ended with %d", WEXITSTATUS(status));
	return json_pack("{s:s, s:s, s:i, s:s}", "state", "end", "error", error_code_name(ERROR_FAILED), "exit",
		error_exit_status(ERROR_FAILED), "message", message);
}

static void end_job(struct resident *resident, int status)
{
	struct resident_job *job = &resident->job;
	const char *state;

	take_lines(resident);
	state = json_string_value(json_object_get(job->progress, "state"));
	if (!state || strcmp(state, "end") != 0) {
		json_decref(job->progress);
		job->progress = unexpected_end(status);
	}
	log_line(log_of(resident), LOG_LEVEL_INFO, "job %s ended: %s %s", job_kind_name(job->kind),
		json_string_value(json_object_get(job->progress, "error")),
		json_string_value(json_object_get(job->progress, "message")));
	if (json_is_true(json_object_get(job->progress, "agent_replaced"))) {
		log_line(log_of(resident), LOG_LEVEL_WARNING, "this agent was taken back; the former one takes over");
		resident->stop = true;
	}
	job->running = false;
	control_job_progress(resident->control, job->progress, true);
	(void)close(take_fd(&job->fd));
	buf_release(&job->line);
	json_decref(take_ptr(&job->progress));
	resident_plan_next(resident);
	platform_rest();
}

static void reap(struct resident *resident)
{
	int status;

	if (resident->job.running && waitpid(resident->job.pid, &status, WNOHANG) == resident->job.pid)
		end_job(resident, status);
}

/* ---- Waiting ---- */

/* What the history has got since the last time is signed; what is too much for the store goes to files. */
static void keep_history(struct resident *resident)
{
	struct error err = {0};

	if (archive_run(resident->terminal, &err) < 0 || anchor_set(resident->terminal, &err) < 0)
		log_line(log_of(resident), LOG_LEVEL_ERROR, "%s", err.text);
}

void resident_plan_next(struct resident *resident)
{
	struct agenda agenda;
	struct error err = {0};

	if (disabled_end_those_over(resident->terminal, &err) < 0 ||
		agenda_next(resident->terminal, &agenda, &err) < 0) {
		log_line(log_of(resident), LOG_LEVEL_ERROR, "cannot tell when the next job is due: %s", err.text);
		agenda = (struct agenda){.kind = JOB_NIGHT, .due_s = now_s(resident) + RETRY_AGENDA_S};
		(void)snprintf(agenda.reason, sizeof(agenda.reason), "%.*s", STORE_TEXT_SIZE - 1, err.text);
	}
	resident->next_s = agenda.due_s == SCHEDULE_NEVER ? 0 : agenda.due_s;
	resident->next_kind = agenda.kind;
	memcpy(resident->next_reason, agenda.reason, sizeof(resident->next_reason));
	keep_history(resident);
}

/* Notes that the agent is there, accounts for windows that have ended, and works out when to do so again. */
static void note_presence(struct resident *resident)
{
	struct terminal *terminal = resident->terminal;
	struct error err = {0};

	if (presence_note(terminal->store, &resident->presence, &err) == 0 && account_windows(terminal, &err) == 0 &&
		account_next_note_s(terminal, &resident->note_s, &err) == 0) {
		keep_history(resident);
		return;
	}
	log_line(log_of(resident), LOG_LEVEL_ERROR, "cannot note that haishind runs: %s", err.text);
	resident->note_s = now_s(resident) + RETRY_AGENDA_S;
}

/* Sets the timer to the next job or note. It runs on the clock that no time change moves; a change is told by the
 * other timer. */
static void set_timer(const struct resident *resident, const struct waiting *waiting)
{
	struct itimerspec timer = {0};
	int64_t due_s = resident->note_s, left_s;

	if (resident->next_s && !resident->job.running && resident->next_s < due_s)
		due_s = resident->next_s;
	left_s = due_s - now_s(resident);
	timer.it_value.tv_sec = left_s < 0 ? 0 : left_s > LONGEST_WAIT_S ? LONGEST_WAIT_S : left_s;
	timer.it_value.tv_nsec = left_s <= 0 ? 1 : 0;
	(void)timerfd_settime(waiting->timer_fd, 0, &timer, NULL);
}

/* Armed for the far future, so that nothing but a change of the clock makes it readable. */
static void watch_clock_changes(const struct waiting *waiting)
{
	struct itimerspec never = {.it_value.tv_sec = INT32_MAX};

	(void)timerfd_settime(waiting->clock_change_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static int waiting_init(struct waiting *waiting, struct error *err)
{
	const int wanted[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
	sigset_t signals;

	(void)sigemptyset(&signals);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		(void)sigaddset(&signals, wanted[i]);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	waiting->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	waiting->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	waiting->clock_change_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (waiting->signal_fd < 0 || waiting->timer_fd < 0 || waiting->clock_change_fd < 0)
		return error_system(err, errno, "cannot wait for signals and moments");
	watch_clock_changes(waiting);
	return 0;
}

static void take_signals(struct resident *resident, const struct waiting *waiting)
{
	struct signalfd_siginfo signal;

	while (read(waiting->signal_fd, &signal, sizeof(signal)) == sizeof(signal)) {
		if (signal.ssi_signo == SIGCHLD) {
			reap(resident);
		} else if (signal.ssi_signo == SIGHUP) {
			resident->reload = true;
		} else {
			log_line(log_of(resident), LOG_LEVEL_INFO, "asked to stop");
			resident->stop = true;
		}
	}
}

static void start_what_is_due(struct resident *resident)
{
	struct error err = {0};

	if (resident->job.running || !resident->next_s || now_s(resident) < resident->next_s)
		return;
	if (resident_start_job(resident, resident->next_kind, &err) == 0)
		return;
	log_line(log_of(resident), LOG_LEVEL_ERROR, "%s", err.text);
	resident->next_s = now_s(resident) + RETRY_AGENDA_S;
}

static int wait_once(struct resident *resident, const struct waiting *waiting, struct error *err)
{
	struct pollfd polls[] = {
		{.fd = waiting->signal_fd, .events = POLLIN},
		{.fd = waiting->timer_fd, .events = POLLIN},
		{.fd = waiting->clock_change_fd, .events = POLLIN},
		{.fd = control_fd(resident->control), .events = POLLIN},
		{.fd = resident->job.running && !resident->job.fd_ended ? resident->job.fd : -1, .events = POLLIN},
	};
	uint64_t expirations;

	if (poll(polls, ARRAY_SIZE(polls), platform_watchdog_ms()) < 0)
		return errno == EINTR ? 0 : error_system(err, errno, "cannot wait");
	if (polls[2].revents && read(waiting->clock_change_fd, &expirations, sizeof(expirations)) < 0 &&
		errno == ECANCELED) {
		log_line(log_of(resident), LOG_LEVEL_INFO, "the clock was set");
		watch_clock_changes(waiting);
		note_presence(resident);
		resident_plan_next(resident);
	}
	if (polls[1].revents)
		(void)!read(waiting->timer_fd, &expirations, sizeof(expirations));
	if (polls[4].revents)
		take_lines(resident);
	if (polls[4].revents & POLLHUP)
		resident->job.fd_ended = true;
	if (polls[3].revents)
		control_dispatch(resident->control);
	take_signals(resident, waiting);
	return 0;
}

/* Ends the job at work and waits for it: what it has done stays for the next time. */
static void stop_job(struct resident *resident)
{
	int status;

	if (!resident->job.running)
		return;
	(void)kill(resident->job.pid, SIGTERM);
	while (waitpid(resident->job.pid, &status, 0) < 0 && errno == EINTR)
		;
	end_job(resident, status);
}

static void tell_news(struct resident *resident)
{
	announce_news(resident->terminal->store, &resident->announce, log_of(resident));
}

int resident_run(struct resident *resident, struct error *err)
{
	AUTO(waiting) struct waiting waiting = {.signal_fd = -1, .timer_fd = -1, .clock_change_fd = -1};

	if (waiting_init(&waiting, err) < 0)
		return -1;
	note_presence(resident);
	resident_plan_next(resident);
	platform_rest();
	platform_notify("READY=1");
	while (!resident->stop && !(resident->reload && !resident->job.running)) {
		platform_notify("WATCHDOG=1");
		tell_news(resident);
		if (now_s(resident) >= resident->note_s)
			note_presence(resident);
		start_what_is_due(resident);
		set_timer(resident, &waiting);
		if (wait_once(resident, &waiting, err) < 0)
			return -1;
	}
	stop_job(resident);
	tell_news(resident);
	note_presence(resident);
	return 0;
}
