#include "common/disk/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/quota.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/auto.h"

#define QUOTA_BLOCK 1024u /* in which quotas count bytes */
#define FILES_SHARE 20	  /* a reserve of files is at most this part of all */

/* Root is bound by quotas only where it lacks the right to go beyond its limits. */
static bool ignores_quotas(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}, {0}};

	return syscall(SYS_capget, &head, data) == 0 && (data[0].effective & (1u << CAP_SYS_RESOURCE));
}

static uint64_t what_is_left(uint64_t limit, uint64_t used)
{
	return limit > used ? limit - used : 0;
}

static void take_least(uint64_t *least, uint64_t other)
{
	if (other < *least)
		*least = other;
}

/* What the account's and the group's quotas leave. */
static void stay_within_quotas(int fd, struct disk *disk)
{
	const struct {
		int type;
		uint32_t id;
	} owners[] = {{USRQUOTA, geteuid()}, {GRPQUOTA, getegid()}};

	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		/* As QCMD() has it, which shifts a bit into the sign. */
		unsigned int command = (unsigned int)Q_GETQUOTA << SUBCMDSHIFT | (unsigned int)owners[i].type;
		struct if_dqblk quota = {0};

		if (syscall(SYS_quotactl_fd, fd, command, owners[i].id, &quota) < 0)
			continue;
		if (quota.dqb_bhardlimit)
			take_least(&disk->free_bytes,
				what_is_left(quota.dqb_bhardlimit * QUOTA_BLOCK, quota.dqb_curspace));
		if (quota.dqb_ihardlimit)
			take_least(&disk->free_files, what_is_left(quota.dqb_ihardlimit, quota.dqb_curinodes));
	}
}

int disk_look(struct fs *fs, int dir_fd, const char *path, struct disk *ret_disk, struct error *err)
{
	AUTO(fd) int fd = -1;
	struct statvfs st;

	if ((fd = fs_open(fs, dir_fd, path, O_RDONLY, err)) < 0)
		return -1;
	if (fstatvfs(fd, &st) < 0)
		return error_system(err, errno, "cannot look at the disk of '%s'", path);
	*ret_disk = (struct disk){
		.free_bytes = (uint64_t)st.f_bavail * st.f_frsize,
		.total_bytes = (uint64_t)st.f_blocks * st.f_frsize,
		.free_files = st.f_files ? st.f_favail : UINT64_MAX,
		.total_files = st.f_files,
		.is_read_only = st.f_flag & ST_RDONLY,
		.is_noexec = st.f_flag & ST_NOEXEC,
	};
	if (!ignores_quotas())
		stay_within_quotas(fd, ret_disk);
	return 0;
}

static uint64_t sum_of(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

static uint64_t files_reserved(const struct disk *disk, const struct disk_room *reserve)
{
	uint64_t most = disk->total_files / FILES_SHARE;

	return reserve->files < most ? reserve->files : most;
}

static uint64_t in_mib(uint64_t bytes)
{
	return (bytes >> 20) + ((bytes & ((1u << 20) - 1)) != 0);
}

int disk_check_room(
	const struct disk *disk, const struct disk_room *needed, const struct disk_room *reserve, struct error *err)
{
	uint64_t bytes = sum_of(needed->bytes, reserve->bytes), reserved = files_reserved(disk, reserve);
	uint64_t files = sum_of(needed->files, reserved);

	if (disk->free_bytes < bytes)
		return error_set(err, ERROR_NO_SPACE,
			"%" PRIu64 " MiB more are needed on this disk (%" PRIu64 " MiB for the release, %" PRIu64
			" MiB to stay free, %" PRIu64
			" MiB are there); make room, the next attempt goes on from here",
			in_mib(bytes - disk->free_bytes), in_mib(needed->bytes), reserve->bytes >> 20,
			disk->free_bytes >> 20);
	if (disk->free_files < files)
		return error_set(err, ERROR_NO_SPACE,
			"this disk can hold %" PRIu64 " more files and folders, and %" PRIu64 " are needed (%" PRIu64
			" for the release, %" PRIu64
			" to stay free); remove files, the next attempt goes on from here",
			disk->free_files, files, needed->files, reserved);
	return 0;
}

bool disk_is_short(const struct disk *disk, const struct disk_room *reserve, bool *ret_files)
{
	*ret_files = disk->free_bytes >= reserve->bytes && disk->free_files < files_reserved(disk, reserve);
	return disk->free_bytes < reserve->bytes || *ret_files;
}
