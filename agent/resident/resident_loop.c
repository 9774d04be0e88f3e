#include "agent/resident/resident_loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include "agent/resident/resident_job.h"
#include "common/platform.h"

#define LONGEST_WAIT_S (7 * 86400)

/* What the resident part waits on. */
struct waiting {
	int signal_fd;
	int timer_fd;	     /* the next job */
	int clock_change_fd; /* the clock was set: the next job may be due at another moment */
};

static void waiting_clear(struct waiting *waiting)
{
	fd_close(&waiting->signal_fd);
	fd_close(&waiting->timer_fd);
	fd_close(&waiting->clock_change_fd);
}
DEFINE_AUTO(waiting, struct waiting, waiting_clear);

static const struct log *log_of(const struct resident *resident)
{
	return resident->terminal->env->log;
}

/* A delivery by hand is at work that has not been asked to end. */
static bool night_takes_over(const struct resident *resident)
{
	return resident->next_kind == JOB_NIGHT && resident_job_gives_way(resident) &&
	       resident->job.kind != JOB_NIGHT && !resident->job.killed_ms;
}

/* Sets the timer to the next job or note. It runs on the clock that no time change moves; a change is told by the
 * other timer. */
static void set_timer(struct resident *resident, const struct waiting *waiting)
{
	int64_t end_ms = resident_job_see_to_end(resident);
	struct itimerspec timer = {0};
	int64_t due_s = resident->note_s, left_s;

	if (resident->next_s && (!resident->job.running || night_takes_over(resident)) && resident->next_s < due_s)
		due_s = resident->next_s;
	if (resident->wake_s > terminal_now_s(resident->terminal) && resident->wake_s < due_s)
		due_s = resident->wake_s;
	left_s = due_s - terminal_now_s(resident->terminal);
	if (end_ms >= 0 && left_s > end_ms / 1000 + 1)
		left_s = end_ms / 1000 + 1;
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

/* Whoever made a mistake finds the agent at work all the same, with what it knew before. */
static void reload_if_good(struct resident *resident)
{
	AUTO(config) struct config config = {0};
	struct error err = {0};

	if (config_load(resident->terminal->env->fs, resident->config_file, resident->root, &config, &err) == 0)
		resident->reload = true;
	else
		log_line(log_of(resident), LOG_LEVEL_ERROR, "%s; the former configuration holds", err.text);
}

static void take_signals(struct resident *resident, const struct waiting *waiting)
{
	struct signalfd_siginfo signal;

	while (read(waiting->signal_fd, &signal, sizeof(signal)) == sizeof(signal)) {
		if (signal.ssi_signo == SIGCHLD) {
			resident_job_reap(resident);
			if (resident->callers.child_ended)
				resident->callers.child_ended(resident->callers.context);
		} else if (signal.ssi_signo == SIGHUP) {
			reload_if_good(resident);
		} else {
			log_line(log_of(resident), LOG_LEVEL_INFO, "asked to stop");
			resident->stop = true;
		}
	}
}

static void start_what_is_due(struct resident *resident)
{
	struct error err = {0};

	if (!resident->next_s || terminal_now_s(resident->terminal) < resident->next_s)
		return;
	if (night_takes_over(resident))
		resident_job_give_to_night(resident);
	if (resident->job.running)
		return;
	if (resident_job_start(resident, resident->next_kind, &err) == 0)
		return;
	log_line(log_of(resident), LOG_LEVEL_ERROR, "%s", err.text);
	resident->next_s = terminal_now_s(resident->terminal) + RESIDENT_RETRY_S;
}

/* While nothing is asked of it the agent keeps no more than it waits with: neither what a caller's answer took nor what its start did.
 * It is not worth it between a job's lines, or between the steps of one caller, which come one after the other. */
static void rest(struct resident *resident)
{
	const struct resident_callers *callers = &resident->callers;

	if (resident->job.running || (callers->are_busy && callers->are_busy(callers->context)))
		return;
	store_rest(resident->terminal->store);
	platform_rest();
}

static int wait_for_any(struct resident *resident, struct pollfd *polls, size_t count)
{
	int ready = poll(polls, count, 0), longest_ms = platform_watchdog_ms();

	if (ready != 0)
		return ready;
	rest(resident);
	return poll(polls, count, longest_ms);
}

static int wait_once(struct resident *resident, const struct waiting *waiting, struct error *err)
{
	struct pollfd polls[] = {
		{.fd = waiting->signal_fd, .events = POLLIN},
		{.fd = waiting->timer_fd, .events = POLLIN},
		{.fd = waiting->clock_change_fd, .events = POLLIN},
		{.fd = resident->callers.fd, .events = POLLIN},
		{.fd = resident->job.running && !resident->job.fd_ended ? resident->job.fd : -1, .events = POLLIN},
	};
	uint64_t expirations;

	if (wait_for_any(resident, polls, ARRAY_SIZE(polls)) < 0)
		return errno == EINTR ? 0 : error_system(err, errno, "cannot wait");
	resident_notice_sleep(resident);
	if (polls[2].revents && read(waiting->clock_change_fd, &expirations, sizeof(expirations)) < 0 &&
		errno == ECANCELED) {
		log_line(log_of(resident), LOG_LEVEL_INFO, "the clock was set");
		watch_clock_changes(waiting);
		resident_note_presence(resident);
		resident_plan_next(resident);
	}
	if (polls[1].revents)
		(void)!read(waiting->timer_fd, &expirations, sizeof(expirations));
	if (polls[4].revents)
		resident_job_take_lines(resident);
	if (polls[4].revents & POLLHUP)
		resident->job.fd_ended = true;
	if (polls[3].revents)
		resident->callers.dispatch(resident->callers.context);
	take_signals(resident, waiting);
	return 0;
}

static void tell_news(struct resident *resident)
{
	announce_news(resident->terminal->store, &resident->announce, log_of(resident));
}

/* Once, whatever of it changed since the last time. */
static void tell_changes(struct resident *resident)
{
	if (!resident->changed)
		return;
	resident->changed = false;
	if (resident->callers.changed)
		resident->callers.changed(resident->callers.context);
}

int resident_loop_run(struct resident *resident, struct error *err)
{
	AUTO(waiting) struct waiting waiting = {.signal_fd = -1, .timer_fd = -1, .clock_change_fd = -1};

	if (waiting_init(&waiting, err) < 0)
		return -1;
	resident_note_presence(resident);
	resident_plan_next(resident);
	platform_notify("READY=1");
	while (!resident->stop && !(resident->reload && !resident->job.running)) {
		platform_notify("WATCHDOG=1");
		tell_news(resident);
		if (terminal_now_s(resident->terminal) >= resident->note_s)
			resident_note_presence(resident);
		start_what_is_due(resident);
		set_timer(resident, &waiting);
		tell_changes(resident);
		if (wait_once(resident, &waiting, err) < 0)
			return -1;
	}
	resident_job_stop(resident);
	if (resident->terminal->config->power_wake == CONFIG_YES)
		resident_plan_next(resident); /* the alarm that stands is for the machine that goes down now */
	tell_news(resident);
	resident_note_presence(resident);
	return 0;
}
