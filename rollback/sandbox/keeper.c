#include "rollback/sandbox/keeper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/fs.h"
#include "rollback/sandbox/rights.h"
#include "rollback/sandbox/view.h"
#include "rollback/sandbox/watch.h"

#define LOOK_EVERY_MS 200
#define KILLED (128 + SIGKILL)
/* Each of another's making. */
#define PROCESSES_DEEP 1000
#define REAPED_AT_ONCE 512

unsigned long keeper_namespaces(const struct sandbox *sandbox)
{
	return CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | (sandbox->has_network ? 0 : CLONE_NEWNET) |
	       (rights_can_mount() ? 0 : CLONE_NEWUSER);
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- Its end ---- */

struct process {
	char state; /* of its first thread */
	int parent, threads;
};

/* False where it is gone. */
static bool look_at(pid_t pid, struct process *ret_process)
{
	char path[64], text[512];
	AUTO(fd) int fd = -1;
	const char *end;
	ssize_t got;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 || (got = read(fd, text, sizeof(text) - 1)) <= 0)
		return false;
	text[got] = '\0';
	/* "PID (NAME) STATE PARENT ...", and a name may hold anything. */
	return (end = strrchr(text, ')')) &&
	       sscanf(end + 1, " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d",
		       &ret_process->state, &ret_process->parent, &ret_process->threads) == 3;
}

static bool descends_from(pid_t pid, pid_t ancestor)
{
	struct process process;

	for (int steps = 0; steps < PROCESSES_DEEP && look_at(pid, &process); steps++, pid = process.parent)
		if (process.parent == ancestor)
			return true;
	return false;
}

struct ending {
	pid_t self;
	int signal;
	int running; /* that a pass has found */
};

static int signal_descendant(void *context, int dir_fd, const char *name, struct error *err)
{
	struct ending *ending = context;
	pid_t pid = (pid_t)atoi(name);
	struct process process;
	bool has_first_ended, cannot_stop;

	(void)dir_fd, (void)err;
	if (pid <= 0 || !descends_from(pid, ending->self) || !look_at(pid, &process))
		return 0;
	has_first_ended = strchr("ZX", process.state);
	if (has_first_ended && process.threads <= 1)
		return 0;
	/* One that waits and cannot be woken, as for its child's vfork(), does not stop before that is over, and whether the other
	 * threads of one whose first has ended are stopped does not show: both are ended at once. */
	cannot_stop = has_first_ended || process.state == 'D';
	ending->running += process.state != 'T';
	(void)kill(pid, cannot_stop ? SIGKILL : ending->signal);
	return 0;
}

static int pass(int signal)
{
	struct ending ending = {.self = getpid(), .signal = signal};
	struct fs fs;

	fs_init(&fs);
	(void)!fs_each(&fs, AT_FDCWD, "/proc", signal_descendant, &ending, NULL);
	return ending.running;
}

/* Without a namespace that would do it. What loses its parent becomes a child of this process; all are stopped before any
 * is ended, as those that still run could make others meanwhile. */
static void end_descendants(void)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	pid_t ended = 1;

	for (;;) {
		for (int i = 0; i < REAPED_AT_ONCE && (ended = waitpid(-1, NULL, WNOHANG)) > 0; i++)
			;
		if (ended < 0 && errno == ECHILD)
			return;
		while (pass(SIGSTOP) > 0)
			(void)nanosleep(&moment, NULL);
		(void)pass(SIGKILL);
		(void)nanosleep(&moment, NULL);
	}
}

/* Reaps some of what has ended: who makes orphans without end is to keep nobody here. True once the program itself has. */
static bool has_ended(pid_t program, int *ret_status)
{
	pid_t ended;
	int status;

	for (int i = 0; i < REAPED_AT_ONCE && (ended = waitpid(-1, &status, WNOHANG)) > 0; i++)
		if (ended == program) {
			*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			return true;
		}
	return false;
}

static bool uses_too_much(const struct watch *watch)
{
	const char *much = watch_find_too_much(watch);

	if (much)
		dprintf(2, "\n%s\n", much);
	return much;
}

/* Until the program ends, uses too much, or its time is up. */
static int wait_for_program(pid_t program, const struct watch *watch, const sigset_t *signals)
{
	const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
	int64_t look_at_ms = 0;
	int status = KILLED;

	while (!has_ended(program, &status)) {
		if (sigtimedwait(signals, NULL, &pause) == SIGTERM)
			return KILLED;
		if (now_ms() < look_at_ms) /* many of its processes end */
			continue;
		look_at_ms = now_ms() + LOOK_EVERY_MS;
		if (uses_too_much(watch))
			return KILLED;
	}
	/* What it took faster than that. */
	return uses_too_much(watch) ? KILLED : status;
}

static _Noreturn void keep(pid_t program, const struct watch *watch, const sigset_t *signals)
{
	int status = wait_for_program(program, watch, signals);

	if (!watch->own_proc)
		end_descendants();
	_exit(status);
}

/* ---- Its beginning ---- */

/* The loopback of its own network. */
static void raise_loopback(void)
{
	AUTO(fd) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};

	if (fd >= 0)
		(void)ioctl(fd, SIOCSIFFLAGS, &request);
}

/* So that nobody types into the terminal that whoever started us sits at. */
static void leave_terminal(void)
{
	AUTO(fd) int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		(void)ioctl(fd, TIOCNOTTY);
}

static int make_surroundings(const struct process_cell *cell, const struct keeper *keeper, struct error *err)
{
	if ((cell->namespaces & CLONE_NEWUSER) && rights_keep_ids(keeper->uid, keeper->gid, err) < 0)
		return -1;
	if (cell->namespaces & CLONE_NEWNET)
		raise_loopback();
	if (view_enter(keeper->sandbox, err) < 0)
		return -1;
	rights_bound_system_v();
	return 0;
}

int keeper_enter(const struct process_cell *cell, const struct process_request *request, struct error *err)
{
	const struct keeper *keeper = cell->context;
	bool own = cell->namespaces != 0;
	sigset_t signals, before;
	struct watch watch;
	pid_t program;

	(void)request;
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGCHLD);
	if (!own) /* in its own namespace nobody needs to ask it, and the program may not */
		(void)sigaddset(&signals, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &signals, &before);
	if (prctl(PR_SET_PDEATHSIG, own ? SIGKILL : SIGTERM, 0, 0, 0) < 0 ||
		(!own && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0))
		return error_system(err, errno, "cannot be ended with who started it");
	leave_terminal();
	if (own && make_surroundings(cell, keeper, err) < 0)
		return -1;
	watch_init(&watch, keeper->sandbox, own);
	if ((program = fork()) < 0)
		return error_system(err, errno, "no process for the program");
	if (program > 0) {
		(void)close(3); /* the program alone can still be refused */
		keep(program, &watch, &signals);
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	/* What it sends to its own group is not for who keeps it. */
	(void)setpgid(0, 0);
	if (rights_give_up(keeper->uid, keeper->gid, own, err) < 0)
		return -1;
	/* Last, as a change of account takes it back. */
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0
		       ? error_system(err, errno, "cannot be ended with who keeps it")
		       : 0;
}
