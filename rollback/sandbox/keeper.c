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
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/fs.h"
#include "rollback/sandbox/rights.h"
#include "rollback/sandbox/view.h"

#define LOOK_EVERY_MS 200
#define KILLED (128 + SIGKILL)
/* Each of another's making. */
#define PROCESSES_DEEP 1000

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

/* ---- What it uses ---- */

struct watch {
	bool own_proc;
	uint64_t memory_most;
	uint64_t free_least; /* of the disk that its data lies on */
	char data[4096];
};

static uint64_t free_bytes(const char *path)
{
	struct statvfs st;

	return statvfs(path, &st) < 0 ? UINT64_MAX : (uint64_t)st.f_bavail * st.f_frsize;
}

static void watch_init(struct watch *watch, const struct sandbox *sandbox, bool own_proc)
{
	*watch = (struct watch){.own_proc = own_proc, .memory_most = rights_memory_most()};
	(void)snprintf(watch->data, sizeof(watch->data), "%s/%s/%s", sandbox->packages_path, sandbox->package,
		sandbox->data);
	watch->free_least = free_bytes(watch->data) / 2;
}

static uint64_t memory_of(const char *pid)
{
	char path[64], text[128];
	unsigned long pages = 0;
	AUTO(fd) int fd = -1;
	ssize_t got;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/statm", pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 || (got = read(fd, text, sizeof(text) - 1)) <= 0)
		return 0;
	text[got] = '\0';
	return sscanf(text, "%*u %lu", &pages) == 1 ? (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static int add_memory(void *context, int dir_fd, const char *name, struct error *err)
{
	(void)dir_fd, (void)err;
	if (*name > '0' && *name <= '9')
		*(uint64_t *)context += memory_of(name);
	return 0;
}

/* What there is too much of; NULL where all is well. /proc shows the program's processes and no others. */
static const char *too_much(const struct watch *watch)
{
	uint64_t memory = 0;
	struct fs fs;

	fs_init(&fs);
	if (watch->own_proc && fs_each(&fs, AT_FDCWD, "/proc", add_memory, &memory, NULL) == 0 &&
		memory > watch->memory_most)
		return "it used more memory than a program of a package may";
	if (free_bytes(watch->data) < watch->free_least)
		return "it used more than half of what was free on the disk";
	return NULL;
}

/* ---- Its end ---- */

struct process {
	char state;
	int parent;
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
	       sscanf(end + 1, " %c %d", &ret_process->state, &ret_process->parent) == 2;
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

	(void)dir_fd, (void)err;
	if (pid <= 0 || !descends_from(pid, ending->self) || !look_at(pid, &process) || strchr("ZX", process.state))
		return 0;
	ending->running += process.state != 'T';
	(void)kill(pid, ending->signal);
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
	pid_t ended;

	for (;;) {
		while ((ended = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (ended < 0 && errno == ECHILD)
			return;
		while (pass(SIGSTOP) > 0)
			(void)nanosleep(&moment, NULL);
		(void)pass(SIGKILL);
		(void)nanosleep(&moment, NULL);
	}
}

/* Reaps what has ended. True once the program itself has. */
static bool has_ended(pid_t program, int *ret_status)
{
	pid_t ended;
	int status;

	while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
		if (ended == program) {
			*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			return true;
		}
	return false;
}

/* Until the program ends, uses too much, or its time is up. */
static int wait_for_program(pid_t program, const struct watch *watch, const sigset_t *signals)
{
	const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
	int64_t look_at_ms = 0;
	int status = KILLED;
	const char *much;

	while (!has_ended(program, &status)) {
		if (sigtimedwait(signals, NULL, &pause) == SIGTERM)
			return KILLED;
		if (now_ms() < look_at_ms) /* many of its processes end */
			continue;
		look_at_ms = now_ms() + LOOK_EVERY_MS;
		if ((much = too_much(watch))) {
			dprintf(2, "\n%s\n", much);
			return KILLED;
		}
	}
	return status;
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

static int make_surroundings(const struct process_cell *cell, const struct keeper *keeper, struct error *err)
{
	if ((cell->namespaces & CLONE_NEWUSER) && rights_keep_ids(keeper->uid, keeper->gid, err) < 0)
		return -1;
	if (cell->namespaces & CLONE_NEWNET)
		raise_loopback();
	return view_enter(keeper->sandbox, err);
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
	return rights_give_up(keeper->uid, keeper->gid, own, err);
}
