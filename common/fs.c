#include "common/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "common/auto.h"

#define PATH_LIMIT 4096

void fs_init(struct fs *fs)
{
	*fs = (struct fs){0};
}

const char *fs_change_name(enum fs_change change)
{
	static const char *const names[] = {
		[FS_CREATE] = "create",
		[FS_WRITE] = "write",
		[FS_SYNC] = "sync",
		[FS_RENAME] = "rename",
		[FS_LINK] = "link",
		[FS_REMOVE] = "remove",
		[FS_SET_MODE] = "set-mode",
	};

	return (size_t)change < ARRAY_SIZE(names) ? names[change] : "change";
}

int fs_announce(struct fs *fs, enum fs_change change, const char *path)
{
	int sys;

	fs->changes++;
	if (!fs->before_change || !(sys = fs->before_change(fs, fs->changes, change, path)))
		return 0;
	errno = sys;
	return -1;
}

int fs_open(struct fs *fs, int dir_fd, const char *path, int flags, struct error *err)
{
	int fd;

	(void)fs;
	if ((fd = openat(dir_fd, path, flags | O_CLOEXEC)) < 0)
		return error_system(err, errno, "cannot open '%s'", path);
	return fd;
}

/* Looked at before it is opened, since to open a device may do something; and again, since it may be another by then. */
int fs_open_plain(struct fs *fs, int dir_fd, const char *path, int flags, struct error *err)
{
	AUTO(fd) int fd = -1;
	struct stat st;

	if (fstatat(dir_fd, path, &st, flags & O_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0) == 0 && !S_ISREG(st.st_mode))
		return error_set(err, ERROR_DAMAGED, "'%s' is no plain file", path);
	if ((fd = fs_open(fs, dir_fd, path, flags | O_NONBLOCK | O_NOCTTY, err)) < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return error_system(err, errno, "cannot look at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERROR_DAMAGED, "'%s' is no plain file", path);
	return take_fd(&fd);
}

int fs_open_dir(struct fs *fs, int dir_fd, const char *path, struct error *err)
{
	return fs_open(fs, dir_fd, path, O_RDONLY | O_DIRECTORY, err);
}

int fs_read_open(int fd, const char *path, struct buf *ret_bytes, struct error *err)
{
	char chunk[16384];
	ssize_t got;

	while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_system(err, errno, "cannot read '%s'", path);
		if (buf_append(ret_bytes, chunk, (size_t)got, err) < 0)
			return error_context(err, "'%s'", path);
	}
	return 0;
}

int fs_read_file(struct fs *fs, int dir_fd, const char *path, struct buf *ret_bytes, struct error *err)
{
	AUTO(fd) int fd = fs_open_plain(fs, dir_fd, path, O_RDONLY, err);

	return fd < 0 ? -1 : fs_read_open(fd, path, ret_bytes, err);
}

int fs_read_given(struct fs *fs, const char *path, struct buf *ret_bytes, struct error *err)
{
	AUTO(fd) int fd = fs_open(fs, AT_FDCWD, path, O_RDONLY, err);

	return fd < 0 ? -1 : fs_read_open(fd, path, ret_bytes, err);
}

/* The folder that PATH is in. */
static int folder_of(const char *path, char ret_folder[static PATH_LIMIT], struct error *err)
{
	const char *slash = strrchr(path, '/');
	const char *folder = !slash ? "." : slash == path ? "/" : path;
	int len = folder == path ? (int)(slash - path) : 1;

	if (snprintf(ret_folder, PATH_LIMIT, "%.*s", len, folder) >= PATH_LIMIT)
		return error_set(err, ERROR_USAGE, "path of %zu bytes is too long", strlen(path));
	return 0;
}

static int sync_folder_of(struct fs *fs, int dir_fd, const char *path, struct error *err)
{
	AUTO(fd) int fd = -1;
	char folder[PATH_LIMIT];

	if (folder_of(path, folder, err) < 0 || (fd = fs_open_dir(fs, dir_fd, folder, err)) < 0)
		return -1;
	return fs_sync_file(fs, fd, folder, err);
}

/* The temporary name beside PATH: same folder, hidden, never ending in what the finished file ends in. The longest
 * names are cut, so that this one is a name too. */
static int temporary_name(const char *path, char ret_temporary[static PATH_LIMIT], struct error *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (snprintf(ret_temporary, PATH_LIMIT, "%.*s.%.*s.tmp", (int)(name - path), path,
		    NAME_MAX - (int)strlen("..tmp"), name) >= PATH_LIMIT)
		return error_set(err, ERROR_USAGE, "path of %zu bytes is too long", strlen(path));
	return 0;
}

/* Best effort: what stays behind is removed by the next one who needs the name. */
static void drop_name(struct fs *fs, int dir_fd, const char *path)
{
	if (fs_exists(fs, dir_fd, path) && fs_announce(fs, FS_REMOVE, path) == 0)
		(void)unlinkat(dir_fd, path, 0);
}

int fs_create(struct fs *fs, int dir_fd, const char *path, mode_t mode, struct error *err)
{
	int fd;

	if (fs_announce(fs, FS_CREATE, path) < 0 ||
		(fd = openat(dir_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)) < 0)
		return error_system(err, errno, "cannot create '%s'", path);
	return fd;
}

int fs_scratch(struct fs *fs, int dir_fd, struct error *err)
{
	static const char name[] = ".haishin-scratch";
	AUTO(fd) int fd = -1;

	if (fs_announce(fs, FS_CREATE, name) < 0)
		return error_system(err, errno, "cannot create '%s'", name);
	if ((fd = openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) >= 0)
		return take_fd(&fd);
	if ((unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT) ||
		(fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) < 0)
		return error_system(err, errno, "cannot create '%s'", name);
	return fs_remove(fs, dir_fd, name, err) < 0 ? -1 : take_fd(&fd);
}

int fs_scratch_write(int fd, uint64_t at, const void *data, size_t len, struct error *err)
{
	const char *rest = data;

	while (len) {
		ssize_t done = pwrite(fd, rest, len, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return error_system(err, done < 0 ? errno : EIO, "cannot write a scratch file");
		rest += done;
		at += (uint64_t)done;
		len -= (size_t)done;
	}
	return 0;
}

int fs_write(struct fs *fs, int fd, const char *path, const void *data, size_t len, struct error *err)
{
	const char *rest = data;

	if (fs_announce(fs, FS_WRITE, path) < 0)
		return error_system(err, errno, "cannot write '%s'", path);
	while (len) {
		ssize_t done = write(fd, rest, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return error_system(err, errno, "cannot write '%s'", path);
		rest += done;
		len -= (size_t)done;
	}
	return 0;
}

int fs_set_size(struct fs *fs, int fd, const char *path, off_t size, struct error *err)
{
	if (fs_announce(fs, FS_WRITE, path) < 0 || ftruncate(fd, size) < 0)
		return error_system(err, errno, "cannot set the size of '%s'", path);
	return 0;
}

bool fs_clone(struct fs *fs, int from_fd, int to_fd, const char *path)
{
	return fs_announce(fs, FS_WRITE, path) == 0 && ioctl(to_fd, FICLONE, from_fd) == 0;
}

void fs_write_soon(struct fs *fs, int fd)
{
	(void)fs;
	(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int fs_set_owner(struct fs *fs, int fd, const char *path, uid_t uid, gid_t gid, struct error *err)
{
	if (fs_announce(fs, FS_SET_MODE, path) < 0 || fchown(fd, uid, gid) < 0)
		return error_system(err, errno, "cannot give '%s' to its owner", path);
	return 0;
}

int fs_set_mode(struct fs *fs, int fd, const char *path, mode_t mode, struct error *err)
{
	if (fs_announce(fs, FS_SET_MODE, path) < 0 || fchmod(fd, mode) < 0)
		return error_system(err, errno, "cannot set the mode of '%s'", path);
	return 0;
}

int fs_sync_file(struct fs *fs, int fd, const char *path, struct error *err)
{
	if (fs_announce(fs, FS_SYNC, path) < 0 || fsync(fd) < 0)
		return error_system(err, errno, "cannot make '%s' durable", path);
	return 0;
}

int fs_sync_tree(struct fs *fs, int dir_fd, const char *path, struct error *err)
{
	AUTO(fd) int fd = -1;

	if ((fd = fs_open_dir(fs, dir_fd, path, err)) < 0)
		return -1;
	if (fs_announce(fs, FS_SYNC, path) < 0 || syncfs(fd) < 0)
		return error_system(err, errno, "cannot make what is below '%s' durable", path);
	return 0;
}

static int rename_to(struct fs *fs, int dir_fd, const char *from, const char *to, struct error *err)
{
	if (fs_announce(fs, FS_RENAME, to) < 0 || renameat(dir_fd, from, dir_fd, to) < 0)
		return error_system(err, errno, "cannot rename '%s' to '%s'", from, to);
	return 0;
}

static int rename_and_sync(struct fs *fs, int dir_fd, const char *from, const char *to, struct error *err)
{
	return rename_to(fs, dir_fd, from, to, err) < 0 ? -1 : sync_folder_of(fs, dir_fd, to, err);
}

/* Writes a new file of this name, where one of it was left by a cut too. */
static int write_temporary(struct fs *fs, int dir_fd, const char *temporary, const void *data, size_t len,
	mode_t mode, bool is_synced, struct error *err)
{
	AUTO(fd) int fd = -1;

	drop_name(fs, dir_fd, temporary);
	if ((fd = fs_create(fs, dir_fd, temporary, mode, err)) < 0 ||
		fs_write(fs, fd, temporary, data, len, err) < 0 || fs_set_mode(fs, fd, temporary, mode, err) < 0)
		return -1;
	return is_synced ? fs_sync_file(fs, fd, temporary, err) : 0;
}

int fs_write_file(
	struct fs *fs, int dir_fd, const char *path, const void *data, size_t len, mode_t mode, struct error *err)
{
	char temporary[PATH_LIMIT];

	if (temporary_name(path, temporary, err) < 0)
		return -1;
	if (write_temporary(fs, dir_fd, temporary, data, len, mode, true, err) == 0 &&
		rename_and_sync(fs, dir_fd, temporary, path, err) == 0)
		return 0;
	drop_name(fs, dir_fd, temporary);
	return -1;
}

int fs_write_file_unsynced(
	struct fs *fs, int dir_fd, const char *path, const void *data, size_t len, mode_t mode, struct error *err)
{
	char temporary[PATH_LIMIT];

	if (temporary_name(path, temporary, err) < 0)
		return -1;
	if (write_temporary(fs, dir_fd, temporary, data, len, mode, false, err) == 0 &&
		rename_to(fs, dir_fd, temporary, path, err) == 0)
		return 0;
	drop_name(fs, dir_fd, temporary);
	return -1;
}

int fs_append_file(
	struct fs *fs, int dir_fd, const char *path, const void *data, size_t len, mode_t mode, struct error *err)
{
	AUTO(fd) int fd = -1;
	struct stat st;
	bool made = fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0;

	if (!made && !S_ISREG(st.st_mode))
		return error_set(err, ERROR_DAMAGED, "'%s' is no plain file", path);
	if (fs_announce(fs, made ? FS_CREATE : FS_WRITE, path) < 0 ||
		(fd = openat(dir_fd, path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode)) < 0)
		return error_system(err, errno, "cannot open '%s' to append", path);
	if (fs_write(fs, fd, path, data, len, err) < 0 || fs_sync_file(fs, fd, path, err) < 0)
		return -1;
	return made ? sync_folder_of(fs, dir_fd, path, err) : 0;
}

int fs_make_link(struct fs *fs, int dir_fd, const char *path, const char *target, struct error *err)
{
	if (fs_announce(fs, FS_LINK, path) < 0 || symlinkat(target, dir_fd, path) < 0)
		return error_system(err, errno, "cannot make link '%s'", path);
	return 0;
}

int fs_point_link(struct fs *fs, int dir_fd, const char *path, const char *target, struct error *err)
{
	char temporary[PATH_LIMIT];

	if (temporary_name(path, temporary, err) < 0)
		return -1;
	drop_name(fs, dir_fd, temporary); /* left by a cut */
	if (fs_make_link(fs, dir_fd, temporary, target, err) < 0)
		return -1;
	if (fs_announce(fs, FS_RENAME, path) == 0 && renameat(dir_fd, temporary, dir_fd, path) == 0)
		return 0;
	(void)error_system(err, errno, "cannot rename '%s' to '%s'", temporary, path);
	drop_name(fs, dir_fd, temporary);
	return -1;
}

int fs_read_link(struct fs *fs, int dir_fd, const char *path, struct buf *ret_target, struct error *err)
{
	char target[PATH_LIMIT];
	ssize_t len;

	(void)fs;
	if ((len = readlinkat(dir_fd, path, target, sizeof(target))) < 0)
		return error_system(err, errno, "cannot read link '%s'", path);
	return buf_append(ret_target, target, (size_t)len, err);
}

int fs_rename(struct fs *fs, int dir_fd, const char *from, const char *to, struct error *err)
{
	char from_folder[PATH_LIMIT], to_folder[PATH_LIMIT];

	if (folder_of(from, from_folder, err) < 0 || folder_of(to, to_folder, err) < 0 ||
		rename_and_sync(fs, dir_fd, from, to, err) < 0)
		return -1;
	return strcmp(from_folder, to_folder) == 0 ? 0 : sync_folder_of(fs, dir_fd, from, err);
}

int fs_exchange(struct fs *fs, int dir_fd, const char *a, const char *b, struct error *err)
{
	if (fs_announce(fs, FS_RENAME, b) < 0 || renameat2(dir_fd, a, dir_fd, b, RENAME_EXCHANGE) < 0)
		return error_system(err, errno, "cannot swap '%s' and '%s'", a, b);
	return sync_folder_of(fs, dir_fd, b, err);
}

int fs_remove(struct fs *fs, int dir_fd, const char *path, struct error *err)
{
	if (!fs_exists(fs, dir_fd, path))
		return 0;
	if (fs_announce(fs, FS_REMOVE, path) < 0 || (unlinkat(dir_fd, path, 0) < 0 && errno != ENOENT))
		return error_system(err, errno, "cannot remove '%s'", path);
	return sync_folder_of(fs, dir_fd, path, err);
}

int fs_remove_dir(struct fs *fs, int dir_fd, const char *path, struct error *err)
{
	if (fs_announce(fs, FS_REMOVE, path) < 0 || unlinkat(dir_fd, path, AT_REMOVEDIR) < 0)
		return error_system(err, errno, "cannot remove folder '%s'", path);
	return 0;
}

bool fs_exists(struct fs *fs, int dir_fd, const char *path)
{
	struct stat st;

	(void)fs;
	return fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A lock holds nothing: a link or a socket in its place goes. Of several who meet it one removes it. */
static int clear_lock(struct fs *fs, int dir_fd, const char *path, struct error *err)
{
	char folder[PATH_LIMIT];
	AUTO(fd) int folder_fd = -1;
	struct stat st;

	if (folder_of(path, folder, err) < 0 || (folder_fd = fs_open_dir(fs, dir_fd, folder, err)) < 0)
		return -1;
	while (flock(folder_fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return error_system(err, errno, "cannot lock folder '%s'", folder);
	if (fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 || (!S_ISLNK(st.st_mode) && !S_ISSOCK(st.st_mode)))
		return 0;
	return fs_remove(fs, dir_fd, path, err);
}

int fs_open_lock(struct fs *fs, int dir_fd, const char *path, struct error *err)
{
	/* Reading is enough for a lock, so it can be had on a read-only disk too. */
	int fd = openat(dir_fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && (errno == ELOOP || errno == ENXIO)) {
		if (clear_lock(fs, dir_fd, path, err) < 0)
			return -1;
		errno = ENOENT;
	}
	if (fd < 0 && errno == ENOENT && fs_announce(fs, FS_CREATE, path) == 0)
		fd = openat(dir_fd, path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	return fd < 0 ? error_system(err, errno, "cannot open lock '%s'", path) : fd;
}

int fs_lock(struct fs *fs, int dir_fd, const char *path, bool wait, struct error *err)
{
	AUTO(fd) int fd = fs_open_lock(fs, dir_fd, path, err);

	if (fd < 0)
		return -1;
	while (flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return error_set(
				err, ERROR_BUSY, "another process holds '%s'; try again when it has ended", path);
		if (errno != EINTR)
			return error_system(err, errno, "cannot lock '%s'", path);
	}
	return take_fd(&fd);
}
