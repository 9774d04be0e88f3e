#include "common/disk/quota.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/quota.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/auto.h"

#define QUOTA_BLOCK 1024u /* in which quotas count bytes */
#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif
#define FIRST_OF_SUBVOLUME 256u
#define TEXT_OF_NUMBER 32
#define DEEPEST 64 /* folders above one another that are looked at */

static uint64_t what_is_left(uint64_t limit, uint64_t used)
{
	return limit > used ? limit - used : 0;
}

static void take_least(uint64_t *least, uint64_t other)
{
	if (other < *least)
		*least = other;
}

/* ---- Of accounts ---- */

/* The lower of the two limits that are set: beyond the soft one nothing can be written once its time is over. 0: none is set. */
static uint64_t lower_limit(uint64_t soft, uint64_t hard)
{
	return soft && (!hard || soft < hard) ? soft : hard;
}

static void take_quota(const struct if_dqblk *quota, struct quota_left *left)
{
	uint64_t blocks = lower_limit(quota->dqb_bsoftlimit, quota->dqb_bhardlimit);
	uint64_t files = lower_limit(quota->dqb_isoftlimit, quota->dqb_ihardlimit);

	if (blocks)
		take_least(&left->bytes, what_is_left(blocks * QUOTA_BLOCK, quota->dqb_curspace));
	if (files)
		take_least(&left->files, what_is_left(files, quota->dqb_curinodes));
}

/* Of those whose the folder is: what is put there is theirs, whoever looks. Nobody but root and they themselves may ask. That root could go
 * beyond its limit does not count: haishin's services may not. */
static void find_of_accounts(int fd, struct quota_left *left)
{
	struct statfs disk;
	struct stat st;

	if (fstat(fd, &st) < 0 || fstatfs(fd, &disk) < 0)
		return;
	const struct {
		int type;
		uint32_t id;
	} owners[] = {{USRQUOTA, st.st_uid}, {GRPQUOTA, st.st_gid}};

	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		/* As QCMD() has it, which shifts a bit into the sign. */
		unsigned int command = (unsigned int)Q_GETQUOTA << SUBCMDSHIFT | (unsigned int)owners[i].type;
		struct if_dqblk quota = {0};

		if (owners[i].id == 0 && disk.f_type == XFS_SUPER_MAGIC)
			continue; /* which holds nobody to those */
		if (syscall(SYS_quotactl_fd, fd, command, owners[i].id, &quota) == 0)
			take_quota(&quota, left);
	}
}

/* ---- Of a project (ext4, XFS) ---- */

/* What the whole disk holds, as the topmost folder of it says. */
static bool find_whole(int fd, struct statfs *ret_whole)
{
	AUTO(fd) int top_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat here, above;

	for (int steps = 0; top_fd >= 0 && fstat(top_fd, &here) == 0 && steps < DEEPEST; steps++) {
		AUTO(fd) int above_fd = openat(top_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (above_fd < 0 || fstat(above_fd, &above) < 0 || above.st_dev != here.st_dev || above.st_ino == here.st_ino)
			break;
		fd_close(&top_fd);
		top_fd = take_fd(&above_fd);
	}
	return top_fd >= 0 && fstatfs(top_fd, ret_whole) == 0;
}

/* Within a project that has one, the disk says that it is as large as the quota. */
static void find_of_project(int fd, struct quota_left *left)
{
	struct statfs here, whole;
	struct fsxattr project;

	if (ioctl(fd, FS_IOC_FSGETXATTR, &project) < 0 || project.fsx_projid == 0 || fstatfs(fd, &here) < 0 ||
		!find_whole(fd, &whole))
		return;
	if (here.f_blocks < whole.f_blocks)
		take_least(&left->bytes, (uint64_t)here.f_bavail * (uint64_t)here.f_bsize);
	if (here.f_files < whole.f_files)
		take_least(&left->files, here.f_ffree);
}

/* ---- Of a subvolume of btrfs ---- */

/* Where the kernel tells of the quota of what FD is in. */
static int open_subvolume(int fd)
{
	struct btrfs_ioctl_ino_lookup_args place = {.objectid = FIRST_OF_SUBVOLUME};
	struct btrfs_ioctl_fs_info_args disk = {0};
	char path[PATH_MAX] = "/sys/fs/btrfs/";
	size_t len = strlen(path);
	struct statfs st;

	if (fstatfs(fd, &st) < 0 || st.f_type != BTRFS_SUPER_MAGIC || ioctl(fd, BTRFS_IOC_INO_LOOKUP, &place) < 0 ||
		ioctl(fd, BTRFS_IOC_FS_INFO, &disk) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(disk.fsid); i++)
		len += (size_t)snprintf(path + len, sizeof(path) - len, "%s%02x",
			i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", disk.fsid[i]);
	(void)snprintf(path + len, sizeof(path) - len, "/qgroups/0_%" PRIu64, (uint64_t)place.treeid);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static uint64_t read_number(int dir_fd, const char *name)
{
	AUTO(fd) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	char text[TEXT_OF_NUMBER];
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[got > 0 ? got : 0] = '\0';
	return strtoull(text, NULL, 10);
}

static void find_of_subvolume(int fd, struct quota_left *left)
{
	AUTO(fd) int dir_fd = open_subvolume(fd);
	uint64_t limits = dir_fd < 0 ? 0 : read_number(dir_fd, "limit_flags");

	if (limits & BTRFS_QGROUP_LIMIT_MAX_RFER)
		take_least(&left->bytes,
			what_is_left(read_number(dir_fd, "max_referenced"), read_number(dir_fd, "referenced")));
	if (limits & BTRFS_QGROUP_LIMIT_MAX_EXCL)
		take_least(&left->bytes,
			what_is_left(read_number(dir_fd, "max_exclusive"), read_number(dir_fd, "exclusive")));
}

bool quota_find(int fd, struct quota_left *ret_left)
{
	*ret_left = (struct quota_left){.bytes = UINT64_MAX, .files = UINT64_MAX};
	find_of_accounts(fd, ret_left);
	find_of_project(fd, ret_left);
	find_of_subvolume(fd, ret_left);
	return ret_left->bytes != UINT64_MAX || ret_left->files != UINT64_MAX;
}
