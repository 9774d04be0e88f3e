/* What quotas leave on a disk: of the account and the group that a folder belongs to, of its project (ext4,
 * XFS), and of its subvolume (btrfs). */
#ifndef COMMON_DISK_QUOTA_H
#define COMMON_DISK_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

struct quota_left {
	uint64_t bytes; /* UINT64_MAX: no quota of these */
	uint64_t files;
};

/* For what is put into the folder FD. False where none binds it, or none can be read. */
bool quota_find(int fd, struct quota_left *ret_left);

#endif
