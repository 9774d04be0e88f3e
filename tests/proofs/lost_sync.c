#include "tests/proofs/lost_sync.h"

#include <stdatomic.h>

static atomic_int left;

int __real_syncfs(int fd);
int __wrap_syncfs(int fd);

void lost_sync_arm(int number)
{
	atomic_store(&left, number);
}

int __wrap_syncfs(int fd)
{
	if (atomic_load(&left) > 0 && atomic_fetch_sub(&left, 1) == 1)
		return 0;
	return __real_syncfs(fd);
}
