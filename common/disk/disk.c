#include "common/disk/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/statvfs.h>

#include "common/auto.h"
#include "common/disk/quota.h"

#define FILES_SHARE 20 /* a reserve of files is at most this part of all */

/* Where a quota leaves less than the disk has, that counts. */
static void stay_within_quotas(int fd, struct disk *disk)
{
	struct quota_left left;

	if (!quota_find(fd, &left))
		return;
	disk->is_quota = left.bytes <= disk->free_bytes || left.files <= disk->free_files;
	if (left.bytes < disk->free_bytes)
		disk->free_bytes = left.bytes;
	if (left.files < disk->free_files)
		disk->free_files = left.files;
}

static int look(int fd, const char *path, struct disk *ret_disk, struct error *err)
{
	struct statvfs st;

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
	return 0;
}

int disk_look_at_mount(struct fs *fs, int dir_fd, const char *path, struct disk *ret_disk, struct error *err)
{
	AUTO(fd) int fd = fs_open(fs, dir_fd, path, O_RDONLY, err);

	return fd < 0 ? -1 : look(fd, path, ret_disk, err);
}

int disk_look(struct fs *fs, int dir_fd, const char *path, struct disk *ret_disk, struct error *err)
{
	AUTO(fd) int fd = fs_open(fs, dir_fd, path, O_RDONLY, err);

	if (fd < 0 || look(fd, path, ret_disk, err) < 0)
		return -1;
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

static int check_room(
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

int disk_check_room(
	const struct disk *disk, const struct disk_room *needed, const struct disk_room *reserve, struct error *err)
{
	if (check_room(disk, needed, reserve, err) == 0)
		return 0;
	return disk->is_quota ? error_context(err, DISK_QUOTA_BINDS) : -1;
}

bool disk_is_short(const struct disk *disk, const struct disk_room *reserve, bool *ret_files)
{
	*ret_files = disk->free_bytes >= reserve->bytes && disk->free_files < files_reserved(disk, reserve);
	return disk->free_bytes < reserve->bytes || *ret_files;
}
