#include "rollback/copy_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/auto.h"

#define MOST_FOLDERS_DEEP 64
#define PERMISSIONS 0777

/* One folder and its copy. */
struct copying {
	struct fs *fs;
	int from_fd, to_fd;
	int like_fd; /* -1: no such folder, or none wanted */
	bool is_like;
	uid_t uid;
	gid_t gid;
	int depth;
};

/* Owner first: giving a file away takes bits of its mode. */
static int finish(const struct copying *copying, int fd, const char *name, const struct stat *from, struct error *err)
{
	const struct timespec times[] = {from->st_atim, from->st_mtim};
	struct stat like;
	bool found = copying->like_fd >= 0 && fstatat(copying->like_fd, name, &like, AT_SYMLINK_NOFOLLOW) == 0;
	uid_t uid = found ? like.st_uid : copying->uid;
	gid_t gid = found ? like.st_gid : copying->gid;

	if ((geteuid() == 0 && fs_set_owner(copying->fs, fd, name, uid, gid, err) < 0) ||
		fs_set_mode(copying->fs, fd, name, from->st_mode & PERMISSIONS, err) < 0)
		return -1;
	(void)futimens(fd, times);
	return 0;
}

static int copy_bytes(struct fs *fs, int from_fd, int to_fd, const char *name, struct error *err)
{
	char chunk[65536];
	ssize_t got;

	while ((got = read(from_fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_system(err, errno, "cannot read '%s'", name);
		if (fs_write(fs, to_fd, name, chunk, (size_t)got, err) < 0)
			return -1;
	}
	return 0;
}

static int copy_file(const struct copying *copying, const char *name, struct error *err)
{
	AUTO(fd) int from_fd = -1;
	AUTO(fd) int to_fd = -1;
	struct stat st;

	if ((from_fd = fs_open(copying->fs, copying->from_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, err)) < 0)
		return -1;
	if (fstat(from_fd, &st) < 0 || !S_ISREG(st.st_mode) || (copying->is_like && st.st_nlink > 1))
		return error_set(err, ERROR_REFUSED, "'%s' is no file, or has other names too", name);
	if ((to_fd = fs_create(copying->fs, copying->to_fd, name, 0600, err)) < 0 ||
		(st.st_size && !fs_clone(copying->fs, from_fd, to_fd, name) &&
			copy_bytes(copying->fs, from_fd, to_fd, name, err) < 0))
		return -1;
	return finish(copying, to_fd, name, &st, err);
}

static int copy_link(const struct copying *copying, const char *name, struct error *err)
{
	AUTO(buf) struct buf target = BUF_INIT(4096);

	if (fs_read_link(copying->fs, copying->from_fd, name, &target, err) < 0)
		return -1;
	return fs_make_link(copying->fs, copying->to_fd, name, buf_text(&target), err);
}

static int copy_entry(void *context, int dir_fd, const char *name, struct error *err);

/* PARENT's NAME, as TO_NAME in the copy. */
static int copy_folder(
	const struct copying *parent, const char *name, const char *to_name, const char *like_name, struct error *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
	AUTO(fd) int from_fd = -1;
	AUTO(fd) int to_fd = -1;
	AUTO(fd) int like_fd = -1;
	struct copying copying = *parent;
	struct stat st, like;

	if (++copying.depth > MOST_FOLDERS_DEEP)
		return error_set(err, ERROR_REFUSED, "'%s' lies more than %d folders deep", name, MOST_FOLDERS_DEEP);
	if ((from_fd = fs_open(parent->fs, parent->from_fd, name, flags, err)) < 0 ||
		fs_make_dirs(parent->fs, parent->to_fd, to_name, 0700, err) < 0 ||
		(to_fd = fs_open(parent->fs, parent->to_fd, to_name, flags, err)) < 0)
		return -1;
	like_fd = parent->like_fd < 0 ? -1 : openat(parent->like_fd, like_name, flags | O_CLOEXEC);
	if (fstat(from_fd, &st) < 0)
		return error_system(err, errno, "cannot look at '%s'", name);
	if (like_fd >= 0 && fstat(like_fd, &like) == 0) {
		copying.uid = like.st_uid;
		copying.gid = like.st_gid;
	}
	copying.from_fd = from_fd;
	copying.to_fd = to_fd;
	copying.like_fd = like_fd;
	if (fs_each(copying.fs, from_fd, ".", copy_entry, &copying, err) < 0)
		return -1;
	copying.like_fd = -1; /* its own owner is known */
	return finish(&copying, to_fd, to_name, &st, err);
}

/* CONTEXT is the folder that is being copied. */
static int copy_entry(void *context, int dir_fd, const char *name, struct error *err)
{
	const struct copying *copying = context;
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_system(err, errno, "cannot look at '%s'", name);
	if (S_ISDIR(st.st_mode))
		return copy_folder(copying, name, name, name, err);
	if (S_ISLNK(st.st_mode))
		return copy_link(copying, name, err);
	return S_ISREG(st.st_mode) ? copy_file(copying, name, err) : 0;
}

int copy_tree(struct fs *fs, int dir_fd, const char *from, const char *to, const struct copy_tree_owner *owner,
	struct error *err)
{
	const struct copying above = {.fs = fs,
		.from_fd = dir_fd,
		.to_fd = dir_fd,
		.like_fd = owner->like ? dir_fd : -1,
		.is_like = owner->like != NULL,
		.uid = owner->uid,
		.gid = owner->gid};

	return copy_folder(&above, from, to, owner->like, err);
}
