#include "tests/proofs/workers.h"

#include <assert.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/support/folder.h"

#define MOST_PROCESSES 256
#define NICER_BY 5 /* the other parts of the proof are one process each: they go first */

/* What all processes see. */
struct counter {
	_Atomic uint64_t next;
	_Atomic uint64_t at[MOST_PROCESSES]; /* the number that each is at */
};

struct workers {
	const struct workers_options *options;
	struct counter *counter;
	pid_t pids[MOST_PROCESSES]; /* 0 for one that has ended */
	unsigned count;
	unsigned mine; /* in a process: which one it is */
};

static unsigned processors(void)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	return count > MOST_PROCESSES ? MOST_PROCESSES : (unsigned)count;
}

uint64_t workers_next(struct workers *workers)
{
	uint64_t number = atomic_fetch_add(&workers->counter->next, 1);

	if (number > workers->options->last)
		return 0;
	workers->counter->at[workers->mine] = number;
	return number;
}

/* ---- The processes ---- */

/* In a group of its own: what the task has started can be ended with it. */
static _Noreturn void work(struct workers *workers, pid_t parent)
{
	sigset_t none;

	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)!nice(NICER_BY);
	workers->options->task(workers, workers->options->context);
	exit(EXIT_SUCCESS);
}

static void start(struct workers *workers, unsigned most)
{
	pid_t parent = getpid();

	for (; workers->count < most; workers->count++) {
		pid_t pid = fork();

		assert(pid >= 0);
		workers->mine = workers->count;
		if (pid == 0)
			work(workers, parent);
		(void)setpgid(pid, pid);
		workers->pids[workers->count] = pid;
	}
}

/* Notes those that have ended; false once none is left. */
static bool collect(struct workers *workers)
{
	const struct workers_options *options = workers->options;
	bool is_left = false;

	for (unsigned i = 0; i < workers->count; i++) {
		int status;

		if (!workers->pids[i])
			continue;
		if (waitpid(workers->pids[i], &status, WNOHANG) == 0) {
			is_left = true;
			continue;
		}
		(void)kill(-workers->pids[i], SIGKILL);
		workers->pids[i] = 0;
		if (status != 0)
			options->died(options->context, workers->counter->at[i], status);
	}
	return is_left;
}

static void end_all(const struct workers *workers)
{
	for (unsigned i = 0; i < workers->count; i++)
		if (workers->pids[i]) {
			(void)kill(-workers->pids[i], SIGKILL);
			(void)waitpid(workers->pids[i], NULL, 0);
		}
}

/* Until all have ended: 0; or until a signal asks to end: its number, and all are ended. */
static int wait_for(struct workers *workers, const sigset_t *signals)
{
	while (collect(workers)) {
		int signal = sigwaitinfo(signals, NULL);

		if (signal > 0 && signal != SIGCHLD) {
			end_all(workers);
			return signal;
		}
	}
	return 0;
}

/* ---- All of it ---- */

static void make_folder(struct folder *folder)
{
	folder_init(folder);
	(void)chmod(folder->path, 0755); /* self-tests run as another user */
	(void)setenv("TMPDIR", folder->path, 1);
}

static void remove_folder(struct folder *folder, const char *tmpdir)
{
	folder_clear(folder);
	if (tmpdir)
		(void)setenv("TMPDIR", tmpdir, 1);
	else
		(void)unsetenv("TMPDIR");
}

/* That a child has ended, and what asks this process to end: but for what it was started to ignore. */
static void name_signals(sigset_t *ret_signals)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	struct sigaction now;

	(void)sigemptyset(ret_signals);
	(void)sigaddset(ret_signals, SIGCHLD);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (sigaction(ends[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			(void)sigaddset(ret_signals, ends[i]);
}

static struct counter *share_counter(uint64_t first)
{
	struct counter *counter =
		mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert(counter != MAP_FAILED);
	counter->next = first;
	return counter;
}

void workers_run(const struct workers_options *options)
{
	struct workers workers = {.options = options, .counter = share_counter(options->first)};
	char *tmpdir = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL;
	uint64_t numbers = options->last - options->first + 1;
	unsigned most = options->most ? options->most : processors();
	struct folder folder;
	sigset_t signals, before;
	int signal;

	name_signals(&signals);
	(void)sigprocmask(SIG_BLOCK, &signals, &before);
	make_folder(&folder);
	start(&workers, numbers < most ? (unsigned)numbers : most);
	signal = wait_for(&workers, &signals);
	remove_folder(&folder, tmpdir);
	free(tmpdir);
	(void)munmap(workers.counter, sizeof(*workers.counter));
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (signal)
		(void)raise(signal);
}
