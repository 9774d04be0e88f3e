#include "tests/proofs/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/auto.h"

/* The journal is not committed by time, and nothing of ours is written back unasked. */
#define OPTIONS "commit=600,barrier=1,data=ordered"
#define CHUNK (64u << 10)

static _Noreturn void give_up(const char *what, const char *path)
{
	(void)fprintf(stderr, "disk: cannot %s '%s': %s\n", what, path, strerror(errno));
	exit(EXIT_FAILURE);
}

const char *disk_begin(void)
{
	if (geteuid() != 0)
		return "root rights to mount a disk";
	if (access("/dev/loop-control", R_OK | W_OK) < 0)
		return "loop devices";
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "mount namespace of its own";
	return NULL;
}

void disk_make(const char *file, const char *folder)
{
	char command[2048];

	(void)snprintf(command, sizeof(command),
		"truncate -s %u %s && mkfs.ext4 -q -F -b 4096 -E "
		"lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0 "
		"-d %s %s",
		DISK_BYTES, file, folder, file);
	if (system(command) != 0)
		give_up("make a file system in", file);
}

static void copy_part(int from_fd, int to_fd, off_t at, off_t end)
{
	char chunk[CHUNK];

	while (at < end) {
		ssize_t got = pread(from_fd, chunk, end - at < CHUNK ? (size_t)(end - at) : CHUNK, at);

		if (got <= 0 || pwrite(to_fd, chunk, (size_t)got, at) != got)
			give_up("copy", "a disk");
		at += got;
	}
}

void disk_copy(int from_fd, int to_fd)
{
	struct stat st;

	if (fstat(from_fd, &st) < 0 || ftruncate(to_fd, 0) < 0 || ftruncate(to_fd, st.st_size) < 0)
		give_up("copy", "a disk");
	for (off_t at = 0; at < st.st_size;) {
		off_t begin = lseek(from_fd, at, SEEK_DATA), end;

		if (begin < 0)
			break;
		end = lseek(from_fd, begin, SEEK_HOLE);
		copy_part(from_fd, to_fd, begin, end < 0 ? st.st_size : end);
		at = end < 0 ? st.st_size : end;
	}
}

/* A loop device for the file; it goes when the last one closes it. Another program may take a free one first. */
static int attach(int file_fd, char ret_device[static 32])
{
	AUTO(fd) int control_fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	struct loop_config config = {.fd = (uint32_t)file_fd, .info.lo_flags = LO_FLAGS_AUTOCLEAR};

	for (int tries = 0; tries < 100; tries++) {
		int number = ioctl(control_fd, LOOP_CTL_GET_FREE), loop_fd;

		(void)snprintf(ret_device, 32, "/dev/loop%d", number);
		if (number < 0 || (loop_fd = open(ret_device, O_RDWR | O_CLOEXEC)) < 0)
			break;
		if (ioctl(loop_fd, LOOP_CONFIGURE, &config) == 0)
			return loop_fd;
		(void)close(loop_fd);
		if (errno != EBUSY)
			break;
	}
	give_up("find a loop device for", "a disk");
}

static void note_mounted(struct disk *disk, const char *path)
{
	(void)snprintf(disk->path, sizeof(disk->path), "%s", path);
	disk->is_mounted = true;
}

bool disk_mount(struct disk *disk, const char *file, const char *path)
{
	AUTO(fd) int loop_fd = -1;
	AUTO(fd) int file_fd = open(file, O_RDWR | O_CLOEXEC);
	char device[32];

	if (file_fd < 0)
		give_up("open", file);
	loop_fd = attach(file_fd, device);
	if (mount(device, path, "ext4", 0, OPTIONS) < 0)
		return false;
	note_mounted(disk, path);
	return true;
}

void disk_mount_memory(struct disk *disk, const char *folder, const char *path)
{
	char command[1024], size[32];

	(void)snprintf(size, sizeof(size), "size=%u,mode=755", DISK_BYTES);
	(void)snprintf(command, sizeof(command), "cp -a %s/. %s/", folder, path);
	if (mount("none", path, "tmpfs", 0, size) < 0 || system(command) != 0)
		give_up("mount memory at", path);
	note_mounted(disk, path);
}

void disk_unmount(struct disk *disk)
{
	if (!disk->is_mounted)
		return;
	for (int tries = 0; umount2(disk->path, 0) < 0; tries++) {
		if (errno != EBUSY || tries == 500)
			give_up("unmount", disk->path);
		(void)usleep(10000); /* the last of a killed process's helpers is on its way out */
	}
	disk->is_mounted = false;
}
