/* hostile HOW [WHERE ...]: a program of a package that does what it should not. It ends with 0 where it could do nothing, with 9
 * where it got away with something; some never end. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/rollback/hostile_hide.h"

#define GOT_AWAY 9
#define BLOCK (1u << 20)

static const char *data; /* HAISHIN_DATA */

static int won(bool is_won)
{
	return is_won ? GOT_AWAY : 0;
}

static _Noreturn void stay(void)
{
	for (;;)
		(void)pause();
}

static _Noreturn int fork_without_end(char **where)
{
	(void)where;
	for (;;)
		(void)!fork();
}

static int detach(char **where)
{
	(void)where;
	if (fork() == 0) {
		(void)setsid();
		if (fork() == 0)
			stay();
		_exit(0);
	}
	(void)wait(NULL);
	return 0;
}

/* Never the same process for long. */
static int hop(char **where)
{
	(void)where;
	if (fork() != 0)
		return 0;
	for (;;) {
		(void)setsid();
		if (fork() != 0)
			_exit(0);
	}
}

static _Noreturn int flood(char **where)
{
	static char block[BLOCK];

	(void)where;
	memset(block, 'x', sizeof(block));
	for (;;)
		(void)!write(1, block, sizeof(block));
}

static int trap_signals(char **where)
{
	(void)where;
	for (int number = 1; number < 65; number++)
		(void)signal(number, SIG_IGN);
	stay();
}

static _Noreturn int stop_itself(char **where)
{
	(void)where;
	for (;;)
		(void)kill(0, SIGSTOP);
}

static void eat(void)
{
	for (;;) {
		char *block = malloc(64 * BLOCK);

		if (!block)
			_exit(1);
		memset(block, 1, 64 * BLOCK);
	}
}

static int eat_memory(char **where)
{
	(void)where;
	eat();
	return GOT_AWAY;
}

static int eat_memory_together(char **where)
{
	(void)where;
	for (int i = 0; i < 8; i++)
		if (fork() == 0)
			for (size_t left = 512;; left--) {
				char *block = left ? malloc(BLOCK) : NULL;

				if (!block)
					stay();
				memset(block, 1, BLOCK);
			}
	stay();
}

/* Until nothing more can be written. */
static int fill(const char *folder)
{
	static char block[BLOCK];
	char path[4096];
	int fd;

	(void)signal(SIGXFSZ, SIG_IGN);
	(void)snprintf(path, sizeof(path), "%s/full", folder);
	if ((fd = open(path, O_WRONLY | O_CREAT, 0600)) < 0)
		return 0;
	while (write(fd, block, sizeof(block)) > 0)
		;
	return 0;
}

static int fill_folder(char **where)
{
	return fill(where[0]);
}

static int fill_data(char **where)
{
	(void)where;
	(void)fill(data);
	stay();
}

/* At once, and is gone before anybody looks. */
static int allocate_data(char **where)
{
	char path[4096];
	int fd;

	(void)where;
	(void)snprintf(path, sizeof(path), "%s/full", data);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	return fallocate(fd, 0, 0, 12 * BLOCK) < 0;
}

static _Noreturn int fill_data_with_files(char **where)
{
	char path[4096];
	int fd;

	(void)where;
	for (int i = 0;; i++) {
		(void)snprintf(path, sizeof(path), "%s/%d", data, i);
		if ((fd = open(path, O_WRONLY | O_CREAT, 0600)) < 0)
			stay();
		(void)close(fd);
	}
}

static int make_folders_of_mode_0(char **where)
{
	char path[4096];

	(void)where;
	for (int i = 0; i < 3000; i++) {
		(void)snprintf(path, sizeof(path), "%s/%d", data, i);
		if (mkdir(path, 0700) < 0)
			return 1;
		(void)chmod(path, 0);
	}
	return 0;
}

static int open_many(char **where)
{
	int count = 0;

	(void)where;
	while (open("/dev/null", O_RDONLY) >= 0)
		count++;
	(void)close_range(3, ~0u, 0);
	return won(count > 10000);
}

/* WHERE: a port of this machine. */
static int connect_by_network(char **where)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(where[0])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return won(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
}

/* WHERE: the path of a socket, or "@NAME". */
static int connect_by_path(char **where)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(where[0]));

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", where[0]);
	if (*where[0] == '@')
		address.sun_path[0] = '\0';
	return won(connect(fd, (struct sockaddr *)&address, len) == 0);
}

static int mount_over(char **where)
{
	(void)where;
	return won(mount("tmpfs", "/usr", "tmpfs", 0, NULL) == 0 || umount2("/usr", MNT_DETACH) == 0 ||
		   mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL) == 0);
}

static int make_namespaces(char **where)
{
	static const int kinds[] = {
		CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP};

	(void)where;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (unshare(kinds[i]) == 0)
			return GOT_AWAY;
	return 0;
}

/* WHERE: a process of another package, as the machine numbers it. In a sandbox those numbers may be our own. */
static pid_t other(char **where)
{
	pid_t pid = (pid_t)atoi(where[0]);

	return pid == getpid() || pid == getppid() ? 99999 : pid;
}

static int trace_others(char **where)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)other(where));
	return won(ptrace(PTRACE_SEIZE, other(where), NULL, NULL) == 0 || access(path, F_OK) == 0 ||
		   ptrace(PTRACE_SEIZE, 1, NULL, NULL) == 0);
}

static int kill_others(char **where)
{
	bool is_won = kill(other(where), SIGKILL) == 0;

	(void)kill(1, SIGKILL);
	(void)kill(getppid(), SIGTERM);
	(void)signal(SIGTERM, SIG_IGN);
	(void)kill(-1, SIGTERM);
	return won(is_won);
}

/* So that nobody is there who would end what is left. */
static int kill_keeper(char **where)
{
	(void)detach(where);
	return won(kill(getppid(), SIGKILL) == 0);
}

static int write_outside(char **where)
{
	static const char *const paths[] = {
		"/x", "/etc/x", "/usr/x", "/dev/x", "/var/x", "/proc/sys/kernel/core_pattern", "bin/x", "../x"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (open(paths[i], O_WRONLY | O_CREAT, 0600) >= 0)
			return GOT_AWAY;
	/* The folder of another package's data, writable for everybody. */
	return won(
		open(where[0], O_WRONLY | O_CREAT, 0600) >= 0 || chmod(".", 0700) == 0 || unlink("bin/hostile") == 0);
}

static int read_others(char **where)
{
	return won(open(where[0], O_RDONLY) >= 0);
}

/* WHERE: a file of another package. */
static int lead_by_links(char **where)
{
	char path[4096];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/link", data);
	if (symlink(where[0], path) < 0)
		return 1;
	fd = open(path, O_RDWR);
	return won(fd >= 0 || chmod(path, 0777) == 0);
}

static int raise_rights(char **where)
{
	(void)where;
	return won(setuid(0) == 0 || setgid(0) == 0 || prctl(PR_CAPBSET_READ, 21, 0, 0, 0) == 1 ||
		   prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1);
}

static int raise_limits(char **where)
{
	static const __rlimit_resource_t resources[] = {RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_FSIZE};
	struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
	FILE *out;

	(void)where;
	for (size_t i = 0; i < ARRAY_SIZE(resources); i++)
		if (setrlimit(resources[i], &none) == 0)
			return GOT_AWAY;
	if (!(out = fopen("/proc/self/oom_score_adj", "w")))
		return 0;
	(void)setvbuf(out, NULL, _IONBF, 0);
	return won(fputs("-1000", out) >= 0);
}

/* Which stays after the process that made it. WHERE: it is bounded; a little may be had, as much as the machine has may not. */
static int leave_shared_memory(char **where)
{
	size_t had = 0;

	if (shmget(0x48414953, BLOCK, IPC_CREAT | 0666) < 0)
		return 1;
	while (where[0] && had < 1024 && shmget(IPC_PRIVATE, 64 * BLOCK, IPC_CREAT | 0600) >= 0)
		had++;
	return won(had >= 1024);
}

/* Semaphores and queues of messages, which stay as well. WHERE: they are bounded. */
static int leave_semaphores(char **where)
{
	size_t sets = 0, queues = 0;

	while (where[0] && sets < 100 && semget(IPC_PRIVATE, 1000, IPC_CREAT | 0600) >= 0)
		sets++;
	while (where[0] && queues < 2000 && msgget(IPC_PRIVATE, IPC_CREAT | 0600) >= 0)
		queues++;
	return won(sets >= 100 || queues >= 2000);
}

static int set_the_machine(char **where)
{
	struct timeval now = {0};

	(void)where;
	return won(settimeofday(&now, NULL) == 0 || sethostname("hostile", 7) == 0);
}

static int make_devices(char **where)
{
	(void)where;
	return won(mknod("/tmp/disk", S_IFBLK | 0666, 0xfe00) == 0 || open("/dev/mem", O_RDONLY) >= 0 ||
		   open("/dev/vda", O_RDONLY) >= 0 || open("/dev/sda", O_RDONLY) >= 0);
}

/* A refusal, and by no accident. */
static bool is_refused(long result)
{
	return result == -1 && (errno == EPERM || errno == EAFNOSUPPORT);
}

#ifdef __x86_64__
/* As a program for 32 bits asks. */
static long ask_as_32_bits(long number, long first)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(0), "d"(0), "S"(0), "D"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

static int reach_by_another_door(void)
{
	return !is_refused(ask_as_32_bits(288, 0)) || !is_refused(ask_as_32_bits(425, 1)) ||
	       !is_refused(ask_as_32_bits(102, 1)) || !is_refused(ask_as_32_bits(310, CLONE_NEWUSER)) ||
	       syscall(0x40000000 | SYS_getpid) >= 0;
}
#else
static int reach_by_another_door(void)
{
	return 0;
}
#endif

static int reach_into_the_kernel(char **where)
{
	static const long calls[] = {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_setup, SYS_bpf, SYS_userfaultfd,
		SYS_perf_event_open, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_process_vm_readv, SYS_kcmp,
		SYS_pidfd_getfd, SYS_mount, SYS_fsopen, SYS_unshare, SYS_setns, SYS_open_by_handle_at,
		SYS_fanotify_init, SYS_quotactl, SYS_kexec_load, SYS_init_module, SYS_reboot, SYS_syslog};
	/* Netfilter and the kernel's events are of netlink. */
	static const int sockets[][2] = {
		{AF_NETLINK, 12}, {AF_NETLINK, 15}, {AF_ALG, 0}, {AF_VSOCK, 0}, {AF_PACKET, 0}, {AF_BLUETOOTH, 0}};

	(void)where;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (!is_refused(syscall(calls[i], 0, 0, 0, 0, 0)))
			return GOT_AWAY + (int)i;
	for (size_t i = 0; i < ARRAY_SIZE(sockets); i++)
		if (!is_refused(socket(sockets[i][0], SOCK_RAW, sockets[i][1])))
			return 50 + (int)i;
	if (!is_refused(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)))
		return 60;
	return reach_by_another_door() ? 61 : 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *how;
		int (*does)(char **where);
	} all[] = {{"fork", fork_without_end}, {"detach", detach}, {"hop", hop}, {"flood", flood},
		{"trap", trap_signals}, {"stop", stop_itself}, {"memory", eat_memory},
		{"memory-together", eat_memory_together}, {"fill", fill_folder}, {"fill-data", fill_data},
		{"mode-0", make_folders_of_mode_0}, {"descriptors", open_many}, {"network", connect_by_network},
		{"socket", connect_by_path}, {"mount", mount_over}, {"namespaces", make_namespaces},
		{"trace", trace_others}, {"kill", kill_others}, {"kill-keeper", kill_keeper}, {"write", write_outside}, {"read", read_others},
		{"links", lead_by_links}, {"rights", raise_rights}, {"limits", raise_limits},
		{"shared-memory", leave_shared_memory}, {"machine", set_the_machine}, {"devices", make_devices},
		{"kernel", reach_into_the_kernel}, {"files", fill_data_with_files}, {"behind", hide_behind_a_thread},
		{"memory-behind", hide_memory_behind_threads}, {"share", share_memory}, {"core", ask_for_a_core},
		{"terminal", reach_the_terminal}, {"vfork", hide_behind_a_vfork}, {"orphans", make_orphans},
		{"blind", blind_the_keeper}, {"semaphores", leave_semaphores}, {"allocate", allocate_data}};

	data = getenv("HAISHIN_DATA");
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(all); i++)
		if (strcmp(argv[1], all[i].how) == 0)
			return all[i].does(argv + 2);
	return 2;
}
