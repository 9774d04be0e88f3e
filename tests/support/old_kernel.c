#include "tests/support/old_kernel.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/support/test.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

bool old_kernel_has_openat2(void)
{
	return syscall(SYS_openat2, -1, "", NULL, 0) == 0 || errno != ENOSYS;
}

static void lose(unsigned int call)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = ARRAY_SIZE(filter), .filter = filter};

	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

void old_kernel_lose_openat2(void)
{
	if (old_kernel_has_openat2())
		lose(SYS_openat2);
	assert_false(old_kernel_has_openat2());
}

static bool has_fchmodat2(void)
{
	return syscall(SYS_fchmodat2, -1, "", 0, 0) == 0 || errno != ENOSYS;
}

void old_kernel_lose_fchmodat2(void)
{
	if (has_fchmodat2())
		lose(SYS_fchmodat2);
	assert_false(has_fchmodat2());
}
