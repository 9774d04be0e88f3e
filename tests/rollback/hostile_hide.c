#include "tests/rollback/hostile_hide.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define GOT_AWAY 9
#define PROCESSES 8
#define BYTES_EACH (512u << 20)
#define BYTES_SHARED (256u << 20)
#define SHARERS 16
#define ORPHAN_MAKERS 100

static int ready_fds[2];
static char *volatile eaten; /* whatever a compiler thinks of memory that nobody reads */

static bool has_first_thread_ended(void)
{
	char text[512] = "";
	FILE *stat = fopen("/proc/self/stat", "r");
	bool is_there = stat && fgets(text, sizeof(text), stat);

	if (stat)
		(void)fclose(stat);
	return is_there && strstr(text, ") Z ");
}

/* ARGUMENT: bytes to eat. */
static _Noreturn void *stay_behind(void *argument)
{
	size_t bytes = *(size_t *)argument;
	char *memory = bytes ? malloc(bytes) : NULL;

	while (!has_first_thread_ended())
		(void)usleep(1000);
	(void)!write(ready_fds[1], "", 1);
	if (memory)
		memset(memory, 1, bytes);
	eaten = memory;
	for (;;)
		(void)pause();
}

static void begin_behind_a_thread(size_t bytes)
{
	static size_t wanted;
	pthread_t thread;
	char ready;

	if (pipe(ready_fds) < 0)
		exit(1);
	if (fork() == 0) {
		(void)setsid();
		wanted = bytes;
		if (pthread_create(&thread, NULL, stay_behind, &wanted) != 0)
			exit(1);
		(void)syscall(SYS_exit, 0); /* of this thread alone */
	}
	(void)!read(ready_fds[0], &ready, 1);
}

int hide_behind_a_thread(char **where)
{
	(void)where;
	begin_behind_a_thread(0);
	return 0;
}

int hide_behind_a_vfork(char **where)
{
	char ready;

	(void)where;
	if (pipe(ready_fds) < 0)
		return 1;
	if (fork() == 0) {
		(void)setsid();
		(void)signal(SIGHUP, SIG_IGN);
		if (vfork() == 0) {
			(void)!write(ready_fds[1], "", 1);
			for (;;)
				(void)pause();
		}
		_exit(0);
	}
	return read(ready_fds[0], &ready, 1) == 1 ? 0 : 1;
}

int make_orphans(char **where)
{
	(void)where;
	for (int i = 0; i < ORPHAN_MAKERS; i++)
		if (fork() == 0)
			for (;;) {
				if (fork() == 0) {
					(void)!fork();
					_exit(0);
				}
				(void)wait(NULL);
			}
	for (;;)
		(void)pause();
}

int blind_the_keeper(char **where)
{
	const struct rlimit none = {0, 0};

	(void)hide_behind_a_vfork(where);
	return syscall(SYS_prlimit64, getppid(), RLIMIT_NOFILE, &none, NULL) == 0 ? GOT_AWAY : 0;
}

int hide_memory_behind_threads(char **where)
{
	(void)where;
	for (int i = 0; i < PROCESSES; i++)
		begin_behind_a_thread(BYTES_EACH);
	for (;;)
		(void)pause();
}

int share_memory(char **where)
{
	volatile char *memory =
		mmap(NULL, BYTES_SHARED, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int ready[2];
	char each;

	(void)where;
	if (memory == MAP_FAILED || pipe(ready) < 0)
		return 1;
	for (int i = 0; i < SHARERS; i++)
		if (fork() == 0) {
			for (size_t at = 0; at < BYTES_SHARED; at += 4096)
				(void)memory[at];
			(void)!write(ready[1], "", 1);
			for (;;)
				(void)pause();
		}
	for (int i = 0; i < SHARERS; i++)
		if (read(ready[0], &each, 1) != 1)
			return 1;
	(void)usleep(600 * 1000); /* for long enough to be looked at */
	return 0;
}

int ask_for_a_core(char **where)
{
	const struct rlimit none = {0, 0};
	struct rlimit before = {0}, after = {0};

	(void)where;
	(void)getrlimit(RLIMIT_CORE, &before);
	(void)!setrlimit(RLIMIT_CORE, &none);
	(void)syscall(SYS_setrlimit, RLIMIT_CORE, &none);
	(void)syscall(SYS_prlimit64, 0, RLIMIT_CORE, &none, NULL);
	(void)getrlimit(RLIMIT_CORE, &after);
	/* One byte is what no program of the machine is asked to keep; none is kept by it. */
	return after.rlim_cur == (before.rlim_max ? 1 : 0) ? 0 : GOT_AWAY;
}

int reach_the_terminal(char **where)
{
	(void)where;
	return open("/dev/tty", O_RDWR) >= 0 ? GOT_AWAY : 0;
}
