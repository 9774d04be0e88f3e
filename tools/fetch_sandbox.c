#include "tools/fetch_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <seccomp.h>

#include "common/auto.h"
#include "common/platform.h"

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* Of its own data: many times what curl and TLS use, and too little to hurt. */
#define DATA_MOST (128u << 20)
#define DESCRIPTORS_MOST 64

DEFINE_AUTO_PTR(filter, void, seccomp_release);

static int set_limits(struct error *err)
{
	const struct {
		__rlimit_resource_t resource;
		rlim_t most;
	} limits[] = {{RLIMIT_FSIZE, 0}, {RLIMIT_CORE, 0}, {RLIMIT_NOFILE, DESCRIPTORS_MOST},
		{RLIMIT_DATA, SANITIZED ? RLIM_INFINITY : DATA_MOST}};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		struct rlimit limit = {limits[i].most, limits[i].most};
		struct rlimit old;

		if (getrlimit(limits[i].resource, &old) == 0 && old.rlim_max < limit.rlim_max)
			limit.rlim_cur = limit.rlim_max = old.rlim_max;
		if (setrlimit(limits[i].resource, &limit) < 0)
			return error_system(err, errno, "cannot limit resources");
	}
	(void)signal(SIGXFSZ, SIG_IGN);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_system(err, errno, "cannot close this process to others");
	return 0;
}

/* Calls that are harmless whatever their arguments. */
static const int allowed[] = {
	/* descriptors it has */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(close),
	SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(fcntl), SCMP_SYS(ioctl), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait), SCMP_SYS(pipe2), SCMP_SYS(eventfd2),
	/* looking at files */
	SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(access), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd),
	/* the network */
	SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt), SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg),
	SCMP_SYS(recvmsg), SCMP_SYS(recvmmsg), SCMP_SYS(shutdown), SCMP_SYS(socketpair), SCMP_SYS(uname),
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

/* Calls that are harmless with some arguments only. */
static int allow_with_conditions(scmp_filter_ctx filter)
{
	static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
	const int no_change = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | O_PATH;
	const int both = PROT_WRITE | PROT_EXEC;
	int sys = 0;

	for (size_t i = 0; !sys && i < ARRAY_SIZE(families); i++)
		sys = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i], 0));
	if (!sys)
		sys = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, (scmp_datum_t)no_change, O_RDONLY));
	if (!sys)
		sys = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, (scmp_datum_t)no_change, O_RDONLY));
	/* Memory is never both written and run: each of the other three ways is allowed. */
	for (int way = 0; !sys && way <= both; way++) {
		if ((way & both) != way || way == both)
			continue;
		sys = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, (scmp_datum_t)both, (scmp_datum_t)way));
		if (!sys)
			sys = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, (scmp_datum_t)both, (scmp_datum_t)way));
	}
	/* A thread, never a process; clone3 hides its flags in memory, so the C library must do without it. */
	if (!sys)
		sys = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	if (!sys)
		sys = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return sys;
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

int sandbox_enter(const char *user, struct error *err)
{
	if (user && platform_drop_privileges(user, err) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_system(err, errno, "cannot give up new privileges");
	if (set_limits(err) < 0)
		return -1;
	return SANITIZED ? 0 : filter_calls(err);
}
