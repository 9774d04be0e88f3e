/* What a program of a package may do and use. For rollback/sandbox, and for who
 * makes a machine around it. */
#ifndef ROLLBACK_SANDBOX_RIGHTS_H
#define ROLLBACK_SANDBOX_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"

/* True where this process may make namespaces and mount in them without one of users. */
bool rights_can_mount(void);

/* SYS, an errno, says that the kernel, or what runs this machine, gives no namespaces. */
bool rights_has_no_namespaces(int sys);

/* In a user namespace that was just made: the process stays UID and GID there, and nobody else is known. */
WARN_UNUSED int rights_keep_ids(uid_t uid, gid_t gid, struct error *err);

/* This process has no capability any more, and gets none by what it runs. */
WARN_UNUSED int rights_drop_capabilities(struct error *err);

/* Bytes that all processes of a program may hold in memory: half of the machine's, 2 GiB at most. */
uint64_t rights_memory_most(void);

/* What System V knows and no process holds, of this namespace: 256 MiB of shared memory in all, 32,000 semaphores, 1024 queues of
 * messages. Root alone can say so to the kernel; for others the machine's bounds hold. */
void rights_bound_system_v(void);

/* Of the program's own process, before it starts: limits, its account (where we are root), and no privilege any more. OWN_PROC:
 * it has a /proc and namespaces of its own; then it gets one of users, too, and can make no more of any kind. */
WARN_UNUSED int rights_give_up(uid_t uid, gid_t gid, bool own_proc, struct error *err);

#endif
