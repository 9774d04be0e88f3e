#include "rollback/sandbox/view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/fs.h"

/* Where the machine's own root is found until the view is whole. */
#define OLD "/old"
/* A folder of every machine to build upon; what it holds comes back to sight below OLD. */
#define BASE "/tmp"
#define SCRATCH_OPTIONS "mode=1777,size=256M,nr_inodes=20000"

/* ---- Mounts ---- */

static int mount_scratch(const char *path, const char *options, struct error *err)
{
	if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
		return error_system(err, errno, "cannot mount '%s'", path);
	return 0;
}

/* Takes rights off what is mounted at PATH; all that is mounted below too where FLAGS say AT_RECURSIVE. */
static int take_rights(const char *path, uint64_t attributes, unsigned flags, struct error *err)
{
	struct mount_attr attr = {.attr_set = attributes};

	if (mount_setattr(AT_FDCWD, path, flags, &attr, sizeof(attr)) < 0)
		return error_system(err, errno, "cannot protect '%s'", path);
	return 0;
}

/* Shows the machine's PATH at the same place. What is not there is not shown. */
static int show(struct fs *fs, const char *path, uint64_t attributes, struct error *err)
{
	AUTO(buf) struct buf target = BUF_INIT(PATH_MAX);
	AUTO(fd) int fd = -1;
	char old[PATH_MAX];
	struct stat st;

	if (snprintf(old, sizeof(old), OLD "%s", path) >= (int)sizeof(old) || lstat(old, &st) < 0)
		return 0;
	if (S_ISLNK(st.st_mode))
		return fs_read_link(fs, AT_FDCWD, old, &target, err) < 0
			       ? -1
			       : fs_make_link(fs, AT_FDCWD, path, buf_text(&target), err);
	if (S_ISDIR(st.st_mode) ? fs_make_dirs(fs, AT_FDCWD, path, 0755, err) < 0
				: (fd = fs_create(fs, AT_FDCWD, path, 0644, err)) < 0)
		return -1;
	if (mount(old, path, NULL, MS_BIND | MS_REC, NULL) < 0)
		return error_system(err, errno, "cannot show '%s'", path);
	return take_rights(path, attributes, AT_RECURSIVE, err);
}

static int show_all(struct fs *fs, const char *const *paths, uint64_t attributes, struct error *err)
{
	for (; paths && *paths; paths++)
		if (show(fs, *paths, attributes, err) < 0)
			return -1;
	return 0;
}

/* ---- The parts of the view ---- */

/* The machine's root moves to OLD; the new one is empty. */
static int begin(struct fs *fs, struct error *err)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_system(err, errno, "cannot leave the machine's mounts");
	if (mount_scratch(BASE, "mode=0755,size=1M", err) < 0 || fs_make_dirs(fs, AT_FDCWD, BASE OLD, 0755, err) < 0)
		return -1;
	if (chdir(BASE) < 0 || syscall(SYS_pivot_root, ".", "." OLD) < 0 || chdir("/") < 0)
		return error_system(err, errno, "cannot make a root");
	return 0;
}

static int show_system(struct fs *fs, const struct sandbox *sandbox, struct error *err)
{
	static const char *const system[] = {
		"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", NULL};
	static const char *const devices[] = {
		"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", NULL};
	const uint64_t read_only = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;

	if (show_all(fs, system, read_only | MOUNT_ATTR_NODEV, err) < 0 ||
		show_all(fs, sandbox->shown, read_only | MOUNT_ATTR_NODEV, err) < 0 ||
		fs_make_dirs(fs, AT_FDCWD, "/dev/shm", 0755, err) < 0 ||
		show_all(fs, devices, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, err) < 0 ||
		fs_make_link(fs, AT_FDCWD, "/dev/fd", "/proc/self/fd", err) < 0 ||
		fs_make_link(fs, AT_FDCWD, "/dev/stdin", "/proc/self/fd/0", err) < 0 ||
		fs_make_link(fs, AT_FDCWD, "/dev/stdout", "/proc/self/fd/1", err) < 0 ||
		fs_make_link(fs, AT_FDCWD, "/dev/stderr", "/proc/self/fd/2", err) < 0)
		return -1;
	return mount_scratch("/dev/shm", SCRATCH_OPTIONS, err);
}

struct showing {
	struct fs *fs;
	const char *packages_path;
	const char *above; /* "" or the first part of a package's name */
};

/* The releases of the package NAME, and its links to them; none of its data. */
static int show_package(const struct showing *showing, const char *name, struct error *err)
{
	static const char *const parts[] = {"versions", "current", "previous"};
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (snprintf(path, sizeof(path), "%s/%s%s%s/%s", showing->packages_path, showing->above,
			    *showing->above ? "/" : "", name, parts[i]) >= (int)sizeof(path))
			return error_set(err, ERROR_FAILED, "path '%.80s' is too long", path);
		if (show(showing->fs, path, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err) < 0)
			return -1;
	}
	return 0;
}

/* A package, or the first part of the names of some. */
static int show_entry(void *context, int dir_fd, const char *name, struct error *err)
{
	const struct showing *showing = context;
	struct showing below = {.fs = showing->fs, .packages_path = showing->packages_path, .above = name};
	AUTO(fd) int fd = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (fs_exists(showing->fs, fd, "versions"))
		return show_package(showing, name, err);
	return *showing->above ? 0 : fs_each(showing->fs, dir_fd, name, show_entry, &below, err);
}

static int show_packages(struct fs *fs, const struct sandbox *sandbox, struct error *err)
{
	struct showing showing = {.fs = fs, .packages_path = sandbox->packages_path, .above = ""};
	char path[PATH_MAX];

	if (fs_make_dirs(fs, AT_FDCWD, sandbox->packages_path, 0755, err) < 0)
		return -1;
	if (snprintf(path, sizeof(path), OLD "%s", sandbox->packages_path) >= (int)sizeof(path))
		return error_set(err, ERROR_FAILED, "path '%.80s' is too long", path);
	if (fs_each(fs, AT_FDCWD, path, show_entry, &showing, err) < 0)
		return -1;
	if (snprintf(path, sizeof(path), "%s/%s/%s", sandbox->packages_path, sandbox->package, sandbox->data) >=
		(int)sizeof(path))
		return error_set(err, ERROR_FAILED, "path '%.80s' is too long", path);
	return show(fs, path, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);
}

static int show_processes_and_scratch(struct fs *fs, struct error *err)
{
	if (fs_make_dirs(fs, AT_FDCWD, "/proc", 0755, err) < 0 || fs_make_dirs(fs, AT_FDCWD, BASE, 0755, err) < 0 ||
		fs_make_dirs(fs, AT_FDCWD, "/var", 0755, err) < 0 ||
		fs_make_link(fs, AT_FDCWD, "/var/tmp", BASE, err) < 0)
		return -1;
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return error_system(err, errno, "cannot mount '/proc'");
	return mount_scratch(BASE, SCRATCH_OPTIONS, err);
}

int view_enter(const struct sandbox *sandbox, struct error *err)
{
	struct fs fs;

	fs_init(&fs);
	/* Scratch comes first: packages of a private root may lie below it. */
	if (begin(&fs, err) < 0 || show_processes_and_scratch(&fs, err) < 0 || show_system(&fs, sandbox, err) < 0 ||
		show_packages(&fs, sandbox, err) < 0)
		return -1;
	if (umount2(OLD, MNT_DETACH) < 0)
		return error_system(err, errno, "cannot leave the machine's root");
	return fs_remove_dir(&fs, AT_FDCWD, OLD, err) < 0 ? -1 : take_rights("/", MOUNT_ATTR_RDONLY, 0, err);
}
