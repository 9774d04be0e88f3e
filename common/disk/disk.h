/* What the disk that a folder lies on can still take, and what its mount forbids. Bytes and files are the same kind: a disk
 * that can hold no more names is as full as one without bytes, and a quota is the end of it as well. */
#ifndef COMMON_DISK_H
#define COMMON_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/fs.h"

struct disk {
	uint64_t free_bytes;  /* that this process may still use */
	uint64_t total_bytes; /* of the whole disk */
	uint64_t free_files;  /* files, folders and links that it may still make; UINT64_MAX where the disk does not count them */
	uint64_t total_files; /* 0 where it does not */
	bool is_quota; /* what is free of either is what a quota leaves */
	bool is_read_only;
	bool is_noexec; /* no program on it may be started */
};

/* What is said in front of a shortage that a quota makes. */
#define DISK_QUOTA_BINDS "a quota binds this disk"

/* Looks at the disk of PATH, which is not written. Where a quota leaves this process less than the disk has, that counts. */
WARN_UNUSED int disk_look(struct fs *fs, int dir_fd, const char *path, struct disk *ret_disk, struct error *err);
/* The same but for quotas, for who asks what the mount forbids. */
WARN_UNUSED int disk_look_at_mount(struct fs *fs, int dir_fd, const char *path, struct disk *ret_disk, struct error *err);

/* What is to be written, or to stay free. */
struct disk_room {
	uint64_t bytes;
	uint64_t files;
};

/* Does NEEDED fit, with RESERVE left free? Of the files at most a twentieth of what the disk can hold stays free, so that
 * small disks are of use. ERROR_NO_SPACE says how much is missing, and of what. */
WARN_UNUSED int disk_check_room(const struct disk *disk, const struct disk_room *needed, const struct disk_room *reserve,
	struct error *err);

/* True where less than RESERVE is free already, of bytes or of files (with ret_files: which). */
bool disk_is_short(const struct disk *disk, const struct disk_room *reserve, bool *ret_files);

#endif
