/* Files and durable changes to them. Every change of ours on disk goes through here (SQLite's own excepted), each
 * numbered by one seam, so that a test can count changes, fail the nth, or end the process there.
 *
 * Paths are relative to DIR_FD, which may be AT_FDCWD. Errors name the path. */
#ifndef COMMON_FS_H
#define COMMON_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/buf.h"
#include "common/error.h"

enum fs_change {
	FS_CREATE,   /* a file or folder comes into being */
	FS_WRITE,    /* bytes are written */
	FS_SYNC,     /* a file, a folder or a tree is made durable */
	FS_RENAME,   /* a name is given or replaced */
	FS_LINK,     /* a symlink comes into being */
	FS_REMOVE,   /* a name goes away */
	FS_SET_MODE, /* mode or owner changes */
};

struct fs {
	/* Asked before each change with its number from 1; returns 0 to let it happen, or an errno value to make it
	 * fail so. NULL: everything happens. */
	int (*before_change)(struct fs *fs, uint64_t number, enum fs_change change, const char *path);
	uint64_t changes;
	void *context; /* for before_change */
};

/* The real disk. */
void fs_init(struct fs *fs);

const char *fs_change_name(enum fs_change change);

/* The seam, for the sources of this module alone: counts a change; -1 with errno set when it must not happen. */
WARN_UNUSED int fs_announce(struct fs *fs, enum fs_change change, const char *path);

/* Opens with O_CLOEXEC; ERROR_NOT_FOUND where there is no such file. FLAGS must not create. */
WARN_UNUSED int fs_open(struct fs *fs, int dir_fd, const char *path, int flags, struct error *err);
/* The same for what is to be a file that bytes lie in: ERROR_DAMAGED, without waiting, where it is a pipe, a socket, a
 * device or a folder. */
WARN_UNUSED int fs_open_plain(struct fs *fs, int dir_fd, const char *path, int flags, struct error *err);
/* Opens a folder. */
WARN_UNUSED int fs_open_dir(struct fs *fs, int dir_fd, const char *path, struct error *err);

/* Appends the whole of a file to RET_BYTES, within its limit. ERROR_NOT_FOUND; ERROR_REFUSED beyond the limit; ERROR_DAMAGED
 * where it is no plain file, such as a pipe, which is not waited for. */
WARN_UNUSED int fs_read_file(struct fs *fs, int dir_fd, const char *path, struct buf *ret_bytes, struct error *err);
/* The same for what a person names on a command line, which may be a pipe: it is waited for. */
WARN_UNUSED int fs_read_given(struct fs *fs, const char *path, struct buf *ret_bytes, struct error *err);
/* The same from a descriptor's position on. PATH is for the message. */
WARN_UNUSED int fs_read_open(int fd, const char *path, struct buf *ret_bytes, struct error *err);

/* The one recipe for a durable file: temporary name beside it (".NAME.tmp"), write, sync, rename, sync the folder. A
 * reader sees the old bytes or the new. On failure the old file is untouched and the temporary one is gone; only
 * where the last step fails, the sync of the folder, the new bytes may be in place already. */
WARN_UNUSED int fs_write_file(
	struct fs *fs, int dir_fd, const char *path, const void *data, size_t len, mode_t mode, struct error *err);

/* The same for one file of many, which fs_sync_tree() then makes durable together. A reader sees the old bytes or the new; a
 * cut before that may leave the old file, the new one, or one that is cut or empty in its place: only for a name that nobody
 * relies on yet. */
WARN_UNUSED int fs_write_file_unsynced(
	struct fs *fs, int dir_fd, const char *path, const void *data, size_t len, mode_t mode, struct error *err);

/* Appends to a file, made with MODE if it is missing, and syncs it. After a cut the last bytes may be there in part.
 */
WARN_UNUSED int fs_append_file(
	struct fs *fs, int dir_fd, const char *path, const void *data, size_t len, mode_t mode, struct error *err);

/* Creates a new file for writing; fails with errno EEXIST in err->sys where the name is taken. Not durable by itself.
 */
WARN_UNUSED int fs_create(struct fs *fs, int dir_fd, const char *path, mode_t mode, struct error *err);
/* A file without a name in DIR_FD, to write and to read; it is gone with its descriptor. After a cut one may be left
 * as ".haishin-scratch", where the file system cannot make it without a name. */
WARN_UNUSED int fs_scratch(struct fs *fs, int dir_fd, struct error *err);
/* Writes all bytes at AT of such a file, or of another descriptor whose file nobody keeps. */
WARN_UNUSED int fs_scratch_write(int fd, uint64_t at, const void *data, size_t len, struct error *err);
/* Writes all bytes at the descriptor's position. PATH is for the message. */
WARN_UNUSED int fs_write(struct fs *fs, int fd, const char *path, const void *data, size_t len, struct error *err);
/* Cuts the file, or lengthens it with a hole. */
WARN_UNUSED int fs_set_size(struct fs *fs, int fd, const char *path, off_t size, struct error *err);
/* Makes the empty TO_FD share the blocks of FROM_FD. False, with nothing done, where the file system cannot. */
bool fs_clone(struct fs *fs, int from_fd, int to_fd, const char *path);
/* Begins to write a file back to the disk without waiting, so that a later sync has less to do. A hint: changes
 * nothing. */
void fs_write_soon(struct fs *fs, int fd);
WARN_UNUSED int fs_set_owner(struct fs *fs, int fd, const char *path, uid_t uid, gid_t gid, struct error *err);
WARN_UNUSED int fs_set_mode(struct fs *fs, int fd, const char *path, mode_t mode, struct error *err);

/* Makes a symlink under a new name; not durable by itself. */
WARN_UNUSED int fs_make_link(struct fs *fs, int dir_fd, const char *path, const char *target, struct error *err);
/* Points PATH at TARGET with one rename: a reader sees the old target or the new. On failure it is the old one. Durable
 * with the next sync of the folder that PATH is in. */
WARN_UNUSED int fs_point_link(struct fs *fs, int dir_fd, const char *path, const char *target, struct error *err);
/* Where a symlink points; ERROR_NOT_FOUND where there is none. */
WARN_UNUSED int fs_read_link(struct fs *fs, int dir_fd, const char *path, struct buf *ret_target, struct error *err);

/* Renames within one file system and makes both folders durable. */
WARN_UNUSED int fs_rename(struct fs *fs, int dir_fd, const char *from, const char *to, struct error *err);

/* Swaps two names of one file system in one step and makes that durable: a reader of either sees the one or the
 * other. */
WARN_UNUSED int fs_exchange(struct fs *fs, int dir_fd, const char *a, const char *b, struct error *err);

/* Removes a file or link and makes that durable; one that is missing is fine. */
WARN_UNUSED int fs_remove(struct fs *fs, int dir_fd, const char *path, struct error *err);
/* Removes a folder that is empty; one that is not stays, with errno ENOTEMPTY in err->sys. Not durable by itself. */
WARN_UNUSED int fs_remove_dir(struct fs *fs, int dir_fd, const char *path, struct error *err);

WARN_UNUSED int fs_sync_file(struct fs *fs, int fd, const char *path, struct error *err);
/* Makes everything on the file system of PATH durable, in one flush. */
WARN_UNUSED int fs_sync_tree(struct fs *fs, int dir_fd, const char *path, struct error *err);

/* True if PATH names something (a dangling link counts). */
bool fs_exists(struct fs *fs, int dir_fd, const char *path);

/* Takes an exclusive lock on a file, made if missing, held until the returned descriptor closes. ERROR_BUSY at once
 * when another process holds it, or, where WAIT is true, waits. */
WARN_UNUSED int fs_lock(struct fs *fs, int dir_fd, const char *path, bool wait, struct error *err);
/* The file alone, for who locks it otherwise. What else stands in its place, such as a link, goes. */
WARN_UNUSED int fs_open_lock(struct fs *fs, int dir_fd, const char *path, struct error *err);

/* ---- Folders, and what is below them (fs_tree.c) ----
 *
 * These hold while another account exchanges what they work on, as long as DIR_FD is the folder that is meant: each
 * step is taken on a descriptor that is open already, and no link is followed to what is changed. */

/* Makes a folder and those above it that are missing, with exactly MODE whatever the umask is; one that exists is
 * fine, and stays as it is. Not durable by itself. */
WARN_UNUSED int fs_make_dirs(struct fs *fs, int dir_fd, const char *path, mode_t mode, struct error *err);

/* Makes a new folder of mode 0700 under a name that begins with PREFIX and that nobody can foresee, never one that
 * exists, and opens it. RET_NAME, of FS_OWN_DIR_SIZE bytes, is its name in DIR_FD. */
#define FS_OWN_DIR_SIZE 64
WARN_UNUSED int fs_make_own_dir(
	struct fs *fs, int dir_fd, const char *prefix, char ret_name[static FS_OWN_DIR_SIZE], struct error *err);

/* Hands over each name in the folder PATH, in no order, with the folder open; -1 from EACH ends it. EACH may remove what
 * it is handed, or rename it to another folder. PATH is not followed where it is a link. */
typedef int fs_entry(void *context, int dir_fd, const char *name, struct error *err);
WARN_UNUSED int fs_each(
	struct fs *fs, int dir_fd, const char *path, fs_entry *each, void *context, struct error *err);
/* The same in a folder that is open already and at its beginning; closes it. PATH is for the message. */
WARN_UNUSED int fs_each_in(
	struct fs *fs, int take_fd, const char *path, fs_entry *each, void *context, struct error *err);

/* Removes a file, or a folder with all below it, however deep and whatever modes it has; one that is missing is fine. Not
 * durable by itself. ERROR_BUSY where somebody makes names in it as fast as they are removed. */
WARN_UNUSED int fs_remove_tree(struct fs *fs, int dir_fd, const char *path, struct error *err);

#endif
