/* Folders and what is below them, where another account may exchange names at any moment: what a name stood for is asked
 * of a descriptor, never of the name again, and is changed through that descriptor. */
#include "common/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <dirent.h>

#include "common/auto.h"

/* Folders open at a time while a tree is removed; what lies deeper is lifted to the top first. */
#define MOST_FOLDERS_DEEP 24
/* Of folders: far more than a disk has room for in a terminal's package. */
#define MOST_LIFTED (1u << 20)
/* How often a name that turns into something else, or fills again, is tried. */
#define MOST_TRIES 64

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* Of what a descriptor made with O_PATH stands for, which fchmod() does not take. Before Linux 6.6 that leads through /proc; where none is
 * mounted, as in a root that is being built, a folder that may be read is opened by itself. */
static int set_mode_of(int path_fd, mode_t mode)
{
	AUTO(fd) int fd = -1;
	char path[32];

	if (syscall(SYS_fchmodat2, path_fd, "", mode, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOSYS && errno != EPERM && errno != EINVAL)
		return -1;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", path_fd);
	if (chmod(path, mode) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	fd = openat(path_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -1 : fchmod(fd, mode);
}

/* ---- Making ---- */

/* With exactly this mode, whatever the umask takes away. */
static int make_dir(int dir_fd, const char *path, mode_t mode)
{
	AUTO(fd) int made_fd = -1;
	struct stat st;

	if (mkdirat(dir_fd, path, mode) < 0)
		return errno == EEXIST ? 0 : -1;
	if ((made_fd = openat(dir_fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0 ||
		fstat(made_fd, &st) < 0)
		return -1;
	return (st.st_mode & 07777) == mode ? 0 : set_mode_of(made_fd, mode);
}

int fs_make_dirs(struct fs *fs, int dir_fd, const char *path, mode_t mode, struct error *err)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return error_set(err, ERROR_USAGE, "path of %zu bytes is too long", len);
	memcpy(part, path, len + 1);
	for (char *end = part + 1; end <= part + len; end++) {
		char kept = *end;

		if (kept != '/' && kept != '\0')
			continue;
		*end = '\0';
		if (!fs_exists(fs, dir_fd, part) &&
			(fs_announce(fs, FS_CREATE, part) < 0 || make_dir(dir_fd, part, mode) < 0))
			return error_system(err, errno, "cannot make folder '%s'", part);
		*end = kept;
	}
	return 0;
}

int fs_make_own_dir(
	struct fs *fs, int dir_fd, const char *prefix, char ret_name[static FS_OWN_DIR_SIZE], struct error *err)
{
	uint64_t unforeseen;
	struct stat st;
	int fd;

	do {
		if (getrandom(&unforeseen, sizeof(unforeseen), 0) != (ssize_t)sizeof(unforeseen))
			return error_system(err, errno, "cannot find a name for a folder");
		(void)snprintf(ret_name, FS_OWN_DIR_SIZE, "%.40s.%016llx", prefix, (unsigned long long)unforeseen);
		if (fs_announce(fs, FS_CREATE, ret_name) < 0)
			return error_system(err, errno, "cannot create '%s'", ret_name);
	} while (mkdirat(dir_fd, ret_name, 0700) < 0 && errno == EEXIST);
	if ((fd = openat(dir_fd, ret_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
		return error_system(err, errno, "cannot create '%s'", ret_name);
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid())
		return fd;
	(void)close(fd);
	return error_set(err, ERROR_REFUSED, "somebody else put a folder in place of '%s'", ret_name);
}

/* ---- Reading ---- */

static void auto_dir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

int fs_each_in(struct fs *fs, int take_fd, const char *path, fs_entry *each, void *context, struct error *err)
{
	AUTO(dir) DIR *dir = fdopendir(take_fd);
	struct dirent *entry;

	(void)fs;
	if (!dir) {
		(void)error_system(err, errno, "cannot read folder '%s'", path);
		(void)close(take_fd);
		return -1;
	}
	while (errno = 0, (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
			each(context, take_fd, entry->d_name, err) < 0)
			return -1;
	return errno ? error_system(err, errno, "cannot read folder '%s'", path) : 0;
}

int fs_each(struct fs *fs, int dir_fd, const char *path, fs_entry *each, void *context, struct error *err)
{
	int fd = fs_open(fs, dir_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, err);

	return fd < 0 ? -1 : fs_each_in(fs, fd, path, each, context, err);
}

/* ---- Removing ---- */

struct removal {
	struct fs *fs;
	int top_fd; /* the folder that is removed, once it is open */
	int depth;  /* folders that are open */
	unsigned lifted;
};

static int remove_entry(void *context, int dir_fd, const char *name, struct error *err);

/* NAME lies too deep to be gone into: it becomes a folder of the topmost one, which is read again until it is empty. */
static int lift(struct removal *removal, int dir_fd, const char *name, struct error *err)
{
	char lifted[64];

	do
		(void)snprintf(lifted, sizeof(lifted), ".%u.removed", removal->lifted++);
	while (fs_exists(removal->fs, removal->top_fd, lifted));
	if (fs_announce(removal->fs, FS_RENAME, name) < 0 ||
		renameat2(dir_fd, name, removal->top_fd, lifted, RENAME_NOREPLACE) < 0)
		return error_system(err, errno, "cannot move '%s' to remove it", name);
	return 0;
}

/* Removes what is in the folder that FD, made with O_PATH, stands for. */
static int empty(struct removal *removal, int fd, mode_t mode, const char *name, struct error *err)
{
	struct fs *fs = removal->fs;
	int read_fd, ret;

	/* A folder its owner cannot write to would keep what it holds. */
	if ((mode & 0700) != 0700 && (fs_announce(fs, FS_SET_MODE, name) < 0 || set_mode_of(fd, 0700) < 0))
		return error_system(err, errno, "cannot open up '%s' to remove it", name);
	if ((read_fd = fs_open(fs, fd, ".", O_RDONLY | O_DIRECTORY, err)) < 0)
		return error_context(err, "'%s'", name);
	if (removal->depth++ == 0)
		removal->top_fd = fd;
	ret = fs_each_in(fs, read_fd, name, remove_entry, removal, err);
	removal->depth--;
	return ret;
}

/* One try: 1 where NAME has become something else or holds something again. */
static int try_to_remove(struct removal *removal, int dir_fd, const char *name, struct error *err)
{
	AUTO(fd) int fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	bool is_folder;

	if (fd < 0 || fstat(fd, &st) < 0)
		return errno == ENOENT ? 0 : error_system(err, errno, "cannot look at '%s'", name);
	is_folder = S_ISDIR(st.st_mode);
	if (is_folder && removal->depth == MOST_FOLDERS_DEEP)
		return lift(removal, dir_fd, name, err);
	if (is_folder && empty(removal, fd, st.st_mode, name, err) < 0)
		return -1;
	if (fs_announce(removal->fs, FS_REMOVE, name) < 0)
		return error_system(err, errno, "cannot remove '%s'", name);
	if (unlinkat(dir_fd, name, is_folder ? AT_REMOVEDIR : 0) == 0 || errno == ENOENT)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST || errno == (is_folder ? ENOTDIR : EISDIR))
		return 1;
	return error_system(err, errno, "cannot remove '%s'", name);
}

static int remove_entry(void *context, int dir_fd, const char *name, struct error *err)
{
	struct removal *removal = context;
	int ret = 1;

	for (int tries = 0; ret > 0 && tries < MOST_TRIES; tries++) {
		unsigned lifted = removal->lifted;

		ret = try_to_remove(removal, dir_fd, name, err);
		if (removal->lifted != lifted && lifted < MOST_LIFTED)
			tries = -1; /* that is what it still holds */
	}
	return ret <= 0 ? ret : error_set(err, ERROR_BUSY, "somebody fills '%s' while it is removed", name);
}

int fs_remove_tree(struct fs *fs, int dir_fd, const char *path, struct error *err)
{
	struct removal removal = {.fs = fs, .top_fd = -1};

	return remove_entry(&removal, dir_fd, path, err);
}
