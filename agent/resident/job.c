#include "agent/resident/job.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include "agent/night/doctor.h"
#include "agent/night/enrolment.h"
#include "agent/night/install.h"
#include "agent/night/night.h"
#include "agent/power/wake.h"
#include "agent/resident/agenda.h"
#include "agent/restart/clean_up.h"
#include "agent/restart/confirm.h"
#include "agent/restart/notice.h"
#include "agent/restart/restart.h"
#include "agent/sound/sound_job.h"
#include "agent/store/history.h"
#include "agent/turn/disabled.h"
#include "agent/turn/windows.h"

/* ---- When it must stop ---- */

struct stopping {
	int epoll_fd; /* readable: stop */
	int signal_fd;
	int timer_fd;
};

static void stopping_clear(struct stopping *stopping)
{
	fd_close(&stopping->epoll_fd);
	fd_close(&stopping->signal_fd);
	fd_close(&stopping->timer_fd);
}
DEFINE_AUTO(stopping, struct stopping, stopping_clear);

static int watch(const struct stopping *stopping, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return fd < 0 ? -1 : epoll_ctl(stopping->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

#define NO_LIMIT (-1)

/* Readable at a signal that asks to stop, or AFTER_S seconds from now (0: at once), or NO_LIMIT. */
static int stopping_init(struct stopping *stopping, int64_t after_s, struct error *err)
{
	struct itimerspec timer = {
		.it_value = {.tv_sec = after_s > 0 ? after_s : 0, .tv_nsec = after_s == 0}}; /* all zeros would be never */
	sigset_t signals;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	stopping->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	stopping->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	stopping->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (stopping->epoll_fd < 0 || watch(stopping, stopping->signal_fd) < 0 ||
		watch(stopping, stopping->timer_fd) < 0 || timerfd_settime(stopping->timer_fd, 0, &timer, NULL) < 0)
		return error_system(err, errno, "cannot watch for the end of the window");
	return 0;
}

/* Somebody asked for it: neither the window nor the time for it is over. */
static bool was_signalled(const struct stopping *stopping)
{
	struct pollfd asked = {.fd = stopping->signal_fd, .events = POLLIN};

	return poll(&asked, 1, 0) > 0;
}

/* ---- The jobs ---- */

/* How long it may take, or NO_LIMIT. A window may have closed since it was asked for. */
static int64_t time_for(const struct terminal *terminal, const struct night_options *options)
{
	int64_t left_s = options->closes_s - terminal_now_s(terminal);

	if (options->any_hour)
		return terminal->config->longest_by_hand_s;
	return !options->closes_s ? NO_LIMIT : left_s > 0 ? left_s : 0;
}

/* Delivery as OPTIONS say, with what belongs to its end: the notice to staff and the clean-up. *RET_ASKED where it ended because
 * somebody asked for that. */
static int run_delivery(struct terminal *terminal, struct night_options *options, struct job_lines *lines,
	struct job_result *result, bool *ret_asked, struct error *err)
{
	AUTO(stopping) struct stopping stopping = {.epoll_fd = -1, .signal_fd = -1, .timer_fd = -1};
	int ret;

	if (stopping_init(&stopping, time_for(terminal, options), err) < 0)
		return -1;
	options->stop_fd = stopping.epoll_fd;
	ret = night_run(terminal, options, lines, result, err);
	*ret_asked = ret < 0 && err->code == ERROR_STOPPED && was_signalled(&stopping);
	if (!options->check_only)
		clean_up_run(terminal);
	notice_update(terminal);
	return ret;
}

static int run_by_hand(
	struct terminal *terminal, bool check_only, struct job_lines *lines, struct job_result *result, struct error *err)
{
	struct night_options any_hour = {.any_hour = true, .check_only = check_only, .stop_fd = -1};
	bool was_asked;

	return disabled_refuse(terminal, err) < 0 ? -1
						  : run_delivery(terminal, &any_hour, lines, result, &was_asked, err);
}

/* The window that is open. Staff's word comes first: who disabled delivery is to be told that, and not to wait for an hour. */
static int ask_for_open_window(struct terminal *terminal, struct schedule_answer *ret_window, struct error *err)
{
	if (disabled_refuse(terminal, err) < 0 || windows_ask(terminal, ret_window, err) < 0)
		return -1;
	if (ret_window->reason != SCHEDULE_OPEN)
		return error_set(
			err, ERROR_OUTSIDE_WINDOW, "no delivery now: %s", schedule_reason_name(ret_window->reason));
	return 0;
}

/* A night that gave way to something else is tried again, as one that found somebody else at work. */
static int run_night(
	struct terminal *terminal, struct job_lines *lines, struct job_result *result, struct error *err)
{
	struct night_options options = {.stop_fd = -1};
	struct schedule_answer window;
	struct error settle = {0}, why;
	bool was_asked = false;
	int ret;

	if (ask_for_open_window(terminal, &window, err) < 0)
		return -1;
	options.opens_s = window.opens_s;
	options.closes_s = window.closes_s == SCHEDULE_NEVER ? 0 : window.closes_s;
	ret = run_delivery(terminal, &options, lines, result, &was_asked, err);
	why = ret < 0 ? *err : (struct error){0};
	if (was_asked)
		why.code = ERROR_BUSY;
	if (agenda_settle_night(terminal, &window, result, ret < 0 ? &why : NULL, &settle) < 0) {
		*err = settle;
		return -1;
	}
	return ret;
}

static int run_confirm(
	struct terminal *terminal, struct job_lines *lines, struct job_result *result, struct error *err)
{
	int ret = confirm_run(terminal, lines, result, err);
	struct error settle = {0};

	if (agenda_settle_confirm(terminal, ret < 0 ? err : NULL, &settle) < 0) {
		*err = settle;
		return -1;
	}
	clean_up_run(terminal);
	notice_update(terminal);
	return ret;
}

static int run_enrolment(struct terminal *terminal, struct error *err)
{
	AUTO(stopping) struct stopping stopping = {.epoll_fd = -1, .signal_fd = -1, .timer_fd = -1};

	return stopping_init(&stopping, NO_LIMIT, err) < 0 ? -1 : enrolment_run(terminal, stopping.epoll_fd, err);
}

static int run_doctor(struct terminal *terminal, struct job_lines *lines, struct error *err)
{
	AUTO(stopping) struct stopping stopping = {.epoll_fd = -1, .signal_fd = -1, .timer_fd = -1};

	if (stopping_init(&stopping, NO_LIMIT, err) < 0)
		return -1;
	doctor_walk(terminal, stopping.epoll_fd, job_lines_hop, lines);
	return 0;
}

int job_run(struct terminal *terminal, enum job_kind kind, struct job_lines *lines, struct job_result *ret_result,
	struct error *err)
{
	*ret_result = (struct job_result){0};
	switch (kind) {
	case JOB_NIGHT:
		return run_night(terminal, lines, ret_result, err);
	case JOB_BUTTON:
	case JOB_CHECK:
		return run_by_hand(terminal, kind == JOB_CHECK, lines, ret_result, err);
	case JOB_CONFIRM:
		return run_confirm(terminal, lines, ret_result, err);
	case JOB_ENROL:
		return run_enrolment(terminal, err);
	case JOB_DOCTOR:
		return run_doctor(terminal, lines, err);
	case JOB_INSTALL:
		return error_set(err, ERROR_USAGE, "job install needs the folder of a repository");
	case JOB_RESTART_NOW:
		return restart_now(terminal, err);
	case JOB_VERIFY:
		return job_verify(terminal, NULL, lines, ret_result, err);
	case JOB_RESTART:
		return restart_run(terminal, err);
	case JOB_POWER_DOWN:
		return wake_power_down(terminal, err);
	}
	return error_set(err, ERROR_USAGE, "there is no such job");
}

int job_install(struct terminal *terminal, const char *path, struct job_lines *lines, struct job_result *ret_result,
	struct error *err)
{
	AUTO(stopping) struct stopping stopping = {.epoll_fd = -1, .signal_fd = -1, .timer_fd = -1};
	struct night_options options = {.stop_fd = -1};
	int ret;

	*ret_result = (struct job_result){0};
	if (stopping_init(&stopping, terminal->config->longest_by_hand_s, err) < 0)
		return -1;
	options.stop_fd = stopping.epoll_fd;
	ret = install_run(terminal, path, &options, lines, ret_result, err);
	clean_up_run(terminal);
	notice_update(terminal);
	return ret;
}

int job_verify(struct terminal *terminal, const char *package, struct job_lines *lines,
	struct job_result *ret_result, struct error *err)
{
	AUTO(stopping) struct stopping stopping = {.epoll_fd = -1, .signal_fd = -1, .timer_fd = -1};

	*ret_result = (struct job_result){0};
	if (stopping_init(&stopping, NO_LIMIT, err) < 0)
		return -1;
	return sound_job(terminal, package, stopping.epoll_fd, lines, ret_result, err);
}
