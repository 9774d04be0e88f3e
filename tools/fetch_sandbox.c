#include "tools/fetch_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

#include "common/auto.h"
#include "common/platform.h"
#include "common/process.h"

/* Of its own data: many times what curl and TLS use, and too little to hurt. */
#define DATA_MOST (128u << 20)
/* Of addresses: threads set aside far more of them than they use. It bounds what is shared, or a device's, and so no data. */
#define ADDRESSES_MOST (1u << 30)
#define DESCRIPTORS_MOST 64
/* Of all that run as its user, whose only task this is. */
#define THREADS_MOST 1024

DEFINE_AUTO_PTR(filter, void, seccomp_release);

static int set_limits(bool has_own_user, struct error *err)
{
	const struct process_limit limits[] = {{RLIMIT_FSIZE, 0}, {RLIMIT_CORE, 0}, {RLIMIT_NOFILE, DESCRIPTORS_MOST},
		{RLIMIT_DATA, PROCESS_IS_SANITIZED ? RLIM_INFINITY : DATA_MOST},
		{RLIMIT_AS, PROCESS_IS_SANITIZED ? RLIM_INFINITY : ADDRESSES_MOST},
		{RLIMIT_NPROC, has_own_user ? THREADS_MOST : RLIM_INFINITY}};

	if (process_limit(limits, ARRAY_SIZE(limits), err) < 0)
		return -1;
	(void)signal(SIGXFSZ, SIG_IGN);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_system(err, errno, "cannot close this process to others");
	return 0;
}

/* Calls that are harmless whatever their arguments. */
static const int allowed[] = {
	/* descriptors it has */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(close),
	SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(pipe2),
	SCMP_SYS(eventfd2),
	/* looking at files */
	SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(access), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd),
	/* the network */
	SCMP_SYS(connect), SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
	SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvmsg),
	SCMP_SYS(recvmmsg), SCMP_SYS(shutdown), SCMP_SYS(uname),
	/* memory and threads: name look-ups have a thread of their own */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(gettid), SCMP_SYS(getpid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
	SCMP_SYS(sysinfo), SCMP_SYS(getrusage),
	/* time, chance, signals, the end */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(getrandom), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(exit),
	SCMP_SYS(exit_group)};

/* Calls that are harmless with some arguments only. Of the argument's bits in MASK those in VALUE must be set and no others; a
 * MASK of 0 asks for nothing. */
#define CONDITION_BITS 3
struct condition {
	int call;
	struct {
		unsigned argument;
		uint64_t mask, value;
	} bits[CONDITION_BITS];
};

#define WHOLE UINT32_MAX
#define SOCKET_KIND 0xf
/* Or 0, which leaves it to the kernel. The other numbers within its bits are of no stream. */
#define NO_OTHER_THAN(protocol) (WHOLE & ~(uint32_t)(protocol))
#define NO_CHANGE (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | O_PATH)

static const struct condition conditions[] = {
	/* Only to the network, by TCP and UDP: local sockets lead to other programs of the terminal, the agent's own among them. */
	{SCMP_SYS(socket), {{0, WHOLE, AF_INET}, {1, SOCKET_KIND, SOCK_STREAM}, {2, NO_OTHER_THAN(IPPROTO_TCP), 0}}},
	{SCMP_SYS(socket), {{0, WHOLE, AF_INET}, {1, SOCKET_KIND, SOCK_DGRAM}, {2, WHOLE, 0}}},
	{SCMP_SYS(socket), {{0, WHOLE, AF_INET6}, {1, SOCKET_KIND, SOCK_STREAM}, {2, NO_OTHER_THAN(IPPROTO_TCP), 0}}},
	{SCMP_SYS(socket), {{0, WHOLE, AF_INET6}, {1, SOCKET_KIND, SOCK_DGRAM}, {2, WHOLE, 0}}},
	/* To wake up its own threads; a pair of datagram sockets could be led elsewhere. */
	{SCMP_SYS(socketpair), {{0, WHOLE, AF_UNIX}, {1, SOCKET_KIND, SOCK_STREAM}}},
	/* None that names a process or a signal. */
	{SCMP_SYS(fcntl), {{1, WHOLE, F_DUPFD}}},
	{SCMP_SYS(fcntl), {{1, WHOLE, F_DUPFD_CLOEXEC}}},
	{SCMP_SYS(fcntl), {{1, WHOLE, F_GETFD}}},
	{SCMP_SYS(fcntl), {{1, WHOLE, F_SETFD}}},
	{SCMP_SYS(fcntl), {{1, WHOLE, F_GETFL}}},
	{SCMP_SYS(fcntl), {{1, WHOLE, F_SETFL}, {2, O_ASYNC, 0}}},
	{SCMP_SYS(ioctl), {{1, WHOLE, FIONBIO}}},
	{SCMP_SYS(ioctl), {{1, WHOLE, FIONREAD}}},
	{SCMP_SYS(ioctl), {{1, WHOLE, TCGETS}}},
	{SCMP_SYS(ioctl), {{1, WHOLE, SIOCGIFINDEX}}}, /* fe80::1%eth0 */
	{SCMP_SYS(open), {{1, NO_CHANGE, O_RDONLY}}},
	{SCMP_SYS(openat), {{2, NO_CHANGE, O_RDONLY}}},
	/* Memory that is run comes from a file as it is, never from what was written. */
	{SCMP_SYS(mmap), {{2, PROT_EXEC, 0}}},
	{SCMP_SYS(mmap), {{2, PROT_WRITE | PROT_EXEC, PROT_EXEC}, {3, MAP_ANONYMOUS, 0}}},
	{SCMP_SYS(mprotect), {{2, PROT_EXEC, 0}}},
	/* A thread, never a process. */
	{SCMP_SYS(clone), {{0, CLONE_THREAD, CLONE_THREAD}}},
};

static struct scmp_arg_cmp compare(const struct condition *condition, size_t which)
{
	return SCMP_CMP64(condition->bits[which].argument, SCMP_CMP_MASKED_EQ, condition->bits[which].mask,
		condition->bits[which].value);
}

static int allow_with_conditions(scmp_filter_ctx filter)
{
	int sys = 0;

	for (size_t i = 0; !sys && i < ARRAY_SIZE(conditions); i++) {
		struct scmp_arg_cmp all[CONDITION_BITS];
		unsigned count = 0;

		for (; count < CONDITION_BITS && conditions[i].bits[count].mask; count++)
			all[count] = compare(&conditions[i], count);
		sys = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, conditions[i].call, count, all);
	}
	/* clone3 hides its flags in memory, so the C library must do without it. */
	return sys ? sys : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int filter_calls(struct error *err)
{
	AUTO(filter) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int sys = filter ? 0 : -ENOMEM;

	if (!sys)
		sys = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	for (size_t i = 0; !sys && i < ARRAY_SIZE(allowed); i++)
		sys = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (!sys)
		sys = allow_with_conditions(filter);
	if (!sys)
		sys = seccomp_load(filter);
	/* A kernel without filters: user, limits and the missing privileges still hold. */
	if (sys == -ENOSYS || sys == -EINVAL)
		return 0;
	return sys ? error_system(err, -sys, "cannot filter system calls") : 0;
}

/* What newer kernels know of Landlock, and the headers that we are built with perhaps not. */
struct landlock_all {
	uint64_t files, network, scopes;
};
#define LANDLOCK_NETWORK_BIND_TCP (UINT64_C(1) << 0)
#define LANDLOCK_SCOPES UINT64_C(3) /* abstract sockets and signals of those outside */

/* Everything that the kernel's version of Landlock can deny, but what is needed. */
static struct landlock_all landlock_denies(int version, size_t *ret_size)
{
	static const unsigned file_rights[] = {0, 13, 14, 15, 15, 16};
	unsigned last = ARRAY_SIZE(file_rights) - 1;
	struct landlock_all all = {
		.files = (UINT64_C(1) << file_rights[(unsigned)version < last ? (unsigned)version : last]) - 1};

	*ret_size = sizeof(all.files);
	if (version >= 4) {
		all.network = LANDLOCK_NETWORK_BIND_TCP;
		*ret_size += sizeof(all.network);
	}
	if (version >= 6) {
		all.scopes = LANDLOCK_SCOPES;
		*ret_size += sizeof(all.scopes);
	}
	return all;
}

/* Files may be read, wherever they are, and nothing else; no port is bound, nobody outside is signalled. A kernel without
 * Landlock leaves that to the filter. */
static int confine_to_reading(struct error *err)
{
	int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_path_beneath_attr reading = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR};
	AUTO(fd) int rules_fd = -1;
	AUTO(fd) int root_fd = -1;
	struct landlock_all all;
	size_t size;

	if (version < 1)
		return 0;
	all = landlock_denies(version, &size);
	if ((root_fd = open("/", O_PATH | O_CLOEXEC)) < 0)
		return error_system(err, errno, "cannot open '/'");
	reading.parent_fd = root_fd;
	if ((rules_fd = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0)) < 0 ||
		syscall(SYS_landlock_add_rule, rules_fd, LANDLOCK_RULE_PATH_BENEATH, &reading, 0) < 0 ||
		syscall(SYS_landlock_restrict_self, rules_fd, 0) < 0)
		return error_system(err, errno, "cannot confine this process to reading");
	return 0;
}

int sandbox_enter(const char *user, struct error *err)
{
	bool has_own_user = user && geteuid() == 0;

	if (user && platform_drop_privileges(user, err) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_system(err, errno, "cannot give up new privileges");
	if (set_limits(has_own_user, err) < 0 || confine_to_reading(err) < 0)
		return -1;
	return PROCESS_IS_SANITIZED ? 0 : filter_calls(err);
}
