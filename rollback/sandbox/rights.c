#include "rollback/sandbox/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/process.h"
#include "rollback/sandbox/calls.h"

#define PROCESSES_MOST 512
#define DESCRIPTORS_MOST 4096
#define FILE_MOST (UINT64_C(4) << 30)
#define MEMORY_MOST (UINT64_C(2) << 30)
#define MESSAGES_MOST (1u << 20)
#define SHARED_MEMORY_MOST (256u << 20)
/* Together 2 MiB of the kernel's memory; 16 MiB. */
#define SEMAPHORES "32000 32000 500 1024" /* of a set, in all, changed at a time, sets */
#define MESSAGE_QUEUES "1024"
/* The one size at which no core is kept, whatever the machine does with cores: at 0 a program that it names for them is asked. */
#define CORE_NONE 1

static int get_capabilities(struct __user_cap_data_struct ret_sets[static 2])
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	return (int)syscall(SYS_capget, &header, ret_sets);
}

bool rights_can_mount(void)
{
	struct __user_cap_data_struct sets[2];

	return get_capabilities(sets) == 0 && (sets[0].effective & (1u << CAP_SYS_ADMIN));
}

bool rights_has_no_namespaces(int sys)
{
	static const int refusals[] = {EPERM, EACCES, ENOSYS, EINVAL, ENOSPC, EUSERS};

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		if (sys == refusals[i])
			return true;
	return false;
}

static int put(const char *path, const char *text, struct error *err)
{
	AUTO(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return error_system(err, errno, "cannot write '%s'", path);
	return 0;
}

int rights_keep_ids(uid_t uid, gid_t gid, struct error *err)
{
	char users[64], groups[64];

	(void)snprintf(users, sizeof(users), "%u %u 1", (unsigned)uid, (unsigned)uid);
	(void)snprintf(groups, sizeof(groups), "%u %u 1", (unsigned)gid, (unsigned)gid);
	/* Else those files are root's, after a change of account. */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return error_system(err, errno, "cannot open up a process to itself");
	return put("/proc/self/setgroups", "deny", err) < 0 || put("/proc/self/uid_map", users, err) < 0
		       ? -1
		       : put("/proc/self/gid_map", groups, err);
}

uint64_t rights_memory_most(void)
{
	uint64_t half = (uint64_t)sysconf(_SC_PHYS_PAGES) / 2 * (uint64_t)sysconf(_SC_PAGESIZE);

	return half < MEMORY_MOST ? half : MEMORY_MOST;
}

static int set_limits(struct error *err)
{
	const struct process_limit limits[] = {{RLIMIT_CORE, CORE_NONE}, {RLIMIT_NPROC, PROCESSES_MOST},
		{RLIMIT_NOFILE, DESCRIPTORS_MOST}, {RLIMIT_FSIZE, FILE_MOST}, {RLIMIT_MSGQUEUE, MESSAGES_MOST},
		{RLIMIT_DATA, PROCESS_IS_SANITIZED ? RLIM_INFINITY : rights_memory_most()}};

	return process_limit(limits, ARRAY_SIZE(limits), err);
}

void rights_bound_system_v(void)
{
	char pages[32];

	(void)snprintf(pages, sizeof(pages), "%lu", SHARED_MEMORY_MOST / (unsigned long)sysconf(_SC_PAGESIZE));
	(void)!put("/proc/sys/kernel/shmall", pages, NULL);
	(void)!put("/proc/sys/kernel/sem", SEMAPHORES, NULL);
	(void)!put("/proc/sys/kernel/msgmni", MESSAGE_QUEUES, NULL);
}

/* Where memory ends, the program is what the kernel ends; not being able to say so is no reason against it. */
static void be_the_first_to_go(void)
{
	(void)!put("/proc/self/oom_score_adj", "1000", NULL);
}

/* Without CAP_SETPCAP, having none and getting none has to do. */
static void drop_bounding_set(void)
{
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
		(void)prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

/* With the account goes the right to drop what it could get. */
static int become(uid_t uid, gid_t gid, struct error *err)
{
	if (geteuid() != 0)
		return 0;
	drop_bounding_set();
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return error_system(err, errno, "cannot become user %u", (unsigned)uid);
	return 0;
}

/* In a user namespace of the program's own, whose limits hold for all that it could make below. */
static int forbid_namespaces(struct error *err)
{
	static const char *const kinds[] = {"user", "mnt", "pid", "ipc", "uts", "net", "cgroup"};
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		(void)snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", kinds[i]);
		if (put(path, "0", err) < 0)
			return -1;
	}
	return 0;
}

int rights_drop_capabilities(struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[2] = {{0}, {0}};

	drop_bounding_set();
	if (syscall(SYS_capset, &header, none) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_system(err, errno, "cannot give up privileges");
	return 0;
}

/* Signals, and sockets whose names lie in no folder: of those outside none is reached, whoever's account they are. Kernels before
 * Linux 6.12 cannot; nor does a unit's filter that knows no such call. */
static void keep_to_itself(void)
{
	const struct {
		uint64_t files, network, scopes;
	} rules = {.scopes = 3}; /* as the kernel numbers the two */
	AUTO(fd) int rules_fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);

	if (rules_fd >= 0)
		(void)syscall(SYS_landlock_restrict_self, rules_fd, 0);
}

/* Where the kernel gives ordinary users none, the program makes none either, and all other namespaces hold without it. */
static int enter_namespace_of_users(uid_t uid, gid_t gid, struct error *err)
{
	if (unshare(CLONE_NEWUSER) == 0)
		return rights_keep_ids(uid, gid, err) < 0 ? -1 : forbid_namespaces(err);
	return rights_has_no_namespaces(errno) ? 0 : error_system(err, errno, "cannot make a namespace of users");
}

int rights_give_up(uid_t uid, gid_t gid, bool own_proc, struct error *err)
{
	bool was_root = geteuid() == 0;

	be_the_first_to_go();
	if (set_limits(err) < 0 || become(uid, gid, err) < 0)
		return -1;
	if (own_proc && was_root ? enter_namespace_of_users(uid, gid, err) < 0
				 : own_proc && forbid_namespaces(err) < 0)
		return -1;
	if (rights_drop_capabilities(err) < 0)
		return -1;
	keep_to_itself();
	return calls_forbid(err);
}
