#include "rollback/sandbox/calls.h"

#include <assert.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "common/auto.h"

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#else
#error "say which architecture's calls these are"
#endif
#define X32_BIT 0x40000000 /* the numbers of a third kind of program on x86; none elsewhere */

/* CALL(name, its number where a program for 32-bit x86 asks). */
/* clang-format off */
#define EACH_FORBIDDEN_CALL(CALL) \
	/* rings and programs in the kernel, page faults answered by a program; of the older rings the machine has a number in all */ \
	CALL(io_setup, 245) CALL(io_uring_setup, 425) CALL(io_uring_enter, 426) CALL(io_uring_register, 427) CALL(bpf, 357) \
	CALL(userfaultfd, 374) CALL(perf_event_open, 336) \
	/* keys that outlive the program */ \
	CALL(add_key, 286) CALL(request_key, 287) CALL(keyctl, 288) \
	/* other processes */ \
	CALL(process_vm_readv, 347) CALL(process_vm_writev, 348) CALL(kcmp, 349) CALL(pidfd_getfd, 438) \
	/* mounts and namespaces */ \
	CALL(mount, 21) CALL(umount2, 52) CALL(pivot_root, 217) CALL(open_tree, 428) CALL(move_mount, 429) \
	CALL(fsopen, 430) CALL(fsconfig, 431) CALL(fsmount, 432) CALL(fspick, 433) CALL(mount_setattr, 442) \
	CALL(unshare, 310) CALL(setns, 346) \
	/* files past their paths; who looks at files */ \
	CALL(name_to_handle_at, 341) CALL(open_by_handle_at, 342) CALL(fanotify_init, 338) CALL(quotactl, 131) \
	/* the machine */ \
	CALL(init_module, 128) CALL(finit_module, 350) CALL(delete_module, 129) CALL(kexec_load, 283) CALL(reboot, 88) \
	CALL(swapon, 87) CALL(swapoff, 115) CALL(acct, 51) CALL(syslog, 103)
/* clang-format on */

/* Not where programs are checked for leaks, which traces them. */
#ifdef __SANITIZE_ADDRESS__
#define EACH_TRACING_CALL(CALL)
#else
#define EACH_TRACING_CALL(CALL) CALL(ptrace, 26)
#endif

#define OF_X86_32(name, number) number,
#define OF_OWN(name, number) SYS_##name,

#define NAMESPACES                                                                                                   \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

#define REFUSE(code) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (code))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/* The upper half of one of 64 bits; bytes come lowest first on all that we know. */
#define LOAD_HIGH(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member) + sizeof(uint32_t))
/* The next so many instructions are for this value alone. */
#define WHERE(value, instructions) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, instructions)
#define WHERE_ANY_OF(bits, instructions) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, instructions)
#define WHERE_NOT_BELOW(value, instructions) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, value, 0, instructions)

#define INSTRUCTIONS_MOST 400
#define JUMP_MOST 255 /* over the calls of one kind of program */

struct filter {
	struct sock_filter items[INSTRUCTIONS_MOST];
	unsigned short count;
};

static void add(struct filter *filter, const struct sock_filter *items, size_t count)
{
	assert(filter->count + count <= INSTRUCTIONS_MOST);
	for (size_t i = 0; i < count; i++)
		filter->items[filter->count++] = items[i];
}

/* What one kind of program asks for: the calls' numbers there. */
struct numbers {
	const unsigned *forbidden;
	size_t count;
	unsigned clone, clone3, socket, setrlimit, prlimit;
};

static void add_calls(struct filter *filter, const struct numbers *numbers)
{
	const struct sock_filter rest[] = {
		/* Nothing can look into its arguments; a C library then takes the older one. */
		WHERE(numbers->clone3, 1),
		REFUSE(ENOSYS),
		WHERE(numbers->clone, 4),
		LOAD(args[0]),
		WHERE_ANY_OF(NAMESPACES, 1),
		REFUSE(EPERM),
		ALLOW,
		/* How large a core may be stays as it is; who wants none gets none, and is told so. */
		WHERE(numbers->setrlimit, 4),
		LOAD(args[0]),
		WHERE(RLIMIT_CORE, 1),
		REFUSE(0),
		ALLOW,
		/* Limits of other processes, its keeper's too, are none of its business. */
		WHERE(numbers->prlimit, 12),
		LOAD(args[0]),
		WHERE_ANY_OF(UINT32_MAX, 1),
		REFUSE(EPERM),
		LOAD(args[1]),
		WHERE(RLIMIT_CORE, 6),
		LOAD(args[2]), /* nothing new is asked for where it is NULL, in both halves */
		WHERE(0, 3),
		LOAD_HIGH(args[2]),
		WHERE(0, 1),
		ALLOW,
		REFUSE(0),
		ALLOW,
		/* Local and internet sockets, and of netlink what lists the machine's own addresses. */
		WHERE(numbers->socket, 12),
		LOAD(args[0]),
		WHERE(AF_UNIX, 1),
		ALLOW,
		WHERE(AF_INET, 1),
		ALLOW,
		WHERE(AF_INET6, 1),
		ALLOW,
		WHERE(AF_NETLINK, 3),
		LOAD(args[2]),
		WHERE(NETLINK_ROUTE, 1),
		ALLOW,
		REFUSE(EAFNOSUPPORT),
		ALLOW,
	};

	for (size_t i = 0; i < numbers->count; i++)
		add(filter, (const struct sock_filter[]){WHERE(numbers->forbidden[i], 1), REFUSE(EPERM)}, 2);
	add(filter, rest, ARRAY_SIZE(rest));
}

#if defined(__x86_64__)
/* Programs for 32 bits, which one for 64 can be for a moment: those that open sockets by a call for many things cannot. */
static void add_x86_32(struct filter *filter)
{
	static const unsigned forbidden[] = {EACH_FORBIDDEN_CALL(OF_X86_32) EACH_TRACING_CALL(OF_X86_32) 22};
	const struct numbers numbers = {forbidden, ARRAY_SIZE(forbidden), .clone = 120, .clone3 = 435, .socket = 359,
		.setrlimit = 75, .prlimit = 340};
	const struct sock_filter begin[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 1, 0),
		REFUSE(ENOSYS),
		LOAD(nr),
		WHERE(102, 4), /* socketcall */
		LOAD(args[0]),
		WHERE(1, 1), /* socket */
		REFUSE(EPERM),
		ALLOW,
	};

	add(filter, begin, ARRAY_SIZE(begin));
	add_calls(filter, &numbers);
}
#else
static void add_x86_32(struct filter *filter)
{
	add(filter, (const struct sock_filter[]){REFUSE(ENOSYS)}, 1);
}
#endif

int calls_forbid(struct error *err)
{
	static const unsigned forbidden[] = {EACH_FORBIDDEN_CALL(OF_OWN) EACH_TRACING_CALL(OF_OWN)};
	const struct numbers numbers = {forbidden, ARRAY_SIZE(forbidden), .clone = SYS_clone, .clone3 = SYS_clone3,
		.socket = SYS_socket, .setrlimit = SYS_setrlimit, .prlimit = SYS_prlimit64};
	struct filter own = {.count = 0}, all = {.count = 0};
	struct sock_fprog program = {.filter = all.items};

	add(&own, (const struct sock_filter[]){LOAD(nr), WHERE_NOT_BELOW(X32_BIT, 1), REFUSE(ENOSYS)}, 3);
	add_calls(&own, &numbers);
	assert(own.count <= JUMP_MOST);
	add(&all, (const struct sock_filter[]){LOAD(arch), WHERE(OWN_ARCH, (unsigned char)own.count)}, 2);
	add(&all, own.items, own.count);
	add_x86_32(&all);
	program.len = all.count;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0 && errno != EINVAL && errno != ENOSYS)
		return error_system(err, errno, "cannot filter system calls");
	return 0;
}
