/* A process whose kernel, or whose service manager's filter, has less than ours: for the rest of its life. */
#ifndef TESTS_SUPPORT_OLD_KERNEL_H
#define TESTS_SUPPORT_OLD_KERNEL_H

#include <stdbool.h>

bool old_kernel_has_openat2(void);
/* openat2 fails with ENOSYS, as before Linux 5.6 and below RestrictSUIDSGID=. */
void old_kernel_lose_openat2(void);
/* So does fchmodat2, as before Linux 6.6. */
void old_kernel_lose_fchmodat2(void);

#endif
