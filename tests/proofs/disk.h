/* A disk of a test's own: ext4 in a file, mounted through a loop device. Nothing that was not synced reaches the file
 * by itself within minutes, so a copy of the file is what a power cut leaves. Or memory, which is quicker, where only
 * processes end. What cannot be done ends the program. As root; mounts stay within the mount namespace of
 * disk_begin(), and go with the program. */
#ifndef TESTS_PROOFS_DISK_H
#define TESTS_PROOFS_DISK_H

#include <stdbool.h>

#define DISK_BYTES (64u << 20)

struct disk {
	bool is_mounted;
	char path[256]; /* where */
};

/* NULL, or what this machine lacks; then makes a mount namespace of the program's own. */
const char *disk_begin(void);

/* Makes FILE a new file system that holds what is in FOLDER. */
void disk_make(const char *file, const char *folder);
/* Copies the blocks that are in use. Needs no path, so a confined thread can do it too. */
void disk_copy(int from_fd, int to_fd);
/* Mounts a file at PATH; false, with nothing mounted, where its file system cannot be mounted. */
bool disk_mount(struct disk *disk, const char *file, const char *path);
/* Mounts memory that holds what is in FOLDER. */
void disk_mount_memory(struct disk *disk, const char *folder, const char *path);
/* Everything written until now reaches the file. */
void disk_unmount(struct disk *disk);

#endif
