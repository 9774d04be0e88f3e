#include "rollback/copy_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/auto.h"

#define MOST_FOLDERS_DEEP 64
/* Far above what packages keep, and what a start of the terminal can wait for. */
#define MOST_ENTRIES 200000
#define MOST_BYTES (UINT64_C(16) << 30)
#define PERMISSIONS 0777

/* What was copied so far. */
struct tally {
	uint64_t entries, bytes;
};

/* One folder and its copy. */
struct copying {
	struct fs *fs;
	int from_fd, to_fd;
	int like_fd; /* -1: no such folder, or none wanted */
	bool is_like;
	uid_t uid;
	gid_t gid;
	int depth;
	struct tally *tally;
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

/* LEN bytes from where both descriptors stand. */
static int copy_part(struct fs *fs, int from_fd, int to_fd, const char *name, off_t len, struct error *err)
{
	char chunk[65536];

	while (len > 0) {
		ssize_t got = read(from_fd, chunk, len < (off_t)sizeof(chunk) ? (size_t)len : sizeof(chunk));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_system(err, errno, "cannot read '%s'", name);
		if (got == 0)
			return 0;
		if (fs_write(fs, to_fd, name, chunk, (size_t)got, err) < 0)
			return -1;
		len -= got;
	}
	return 0;
}

/* Holes stay holes: else a file that says it is large would fill the disk. */
static int copy_bytes(struct fs *fs, int from_fd, int to_fd, const char *name, off_t size, struct error *err)
{
	off_t from = 0, to = 0;

	while (to < size && (from = lseek(from_fd, to, SEEK_DATA)) >= 0) {
		if ((to = lseek(from_fd, from, SEEK_HOLE)) < 0 || lseek(from_fd, from, SEEK_SET) < 0 ||
			lseek(to_fd, from, SEEK_SET) < 0)
			return error_system(err, errno, "cannot read '%s'", name);
		if (copy_part(fs, from_fd, to_fd, name, to - from, err) < 0)
			return -1;
	}
	if (from < 0 && errno != ENXIO)
		return error_system(err, errno, "cannot read '%s'", name);
	return fs_set_size(fs, to_fd, name, size, err);
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
			copy_bytes(copying->fs, from_fd, to_fd, name, st.st_size, err) < 0))
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
	struct error ignored;
	struct stat st, like;

	if (++copying.depth > MOST_FOLDERS_DEEP)
		return error_set(err, ERROR_REFUSED, "'%s' lies more than %d folders deep", name, MOST_FOLDERS_DEEP);
	if ((from_fd = fs_open(parent->fs, parent->from_fd, name, flags, err)) < 0 ||
		fs_make_dirs(parent->fs, parent->to_fd, to_name, 0700, err) < 0 ||
		(to_fd = fs_open(parent->fs, parent->to_fd, to_name, flags, err)) < 0)
		return -1;
	like_fd = parent->like_fd < 0 ? -1 : fs_open(parent->fs, parent->like_fd, like_name, flags, &ignored);
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

/* A file counts as long as it says it is: one with holes is read to its end too. */
static int count(struct tally *tally, const struct stat *st, struct error *err)
{
	uint64_t bytes = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0;

	if (++tally->entries > MOST_ENTRIES || bytes > MOST_BYTES - tally->bytes)
		return error_set(err, ERROR_REFUSED, "it holds more than %d files or %llu GiB", MOST_ENTRIES,
			(unsigned long long)(MOST_BYTES >> 30));
	tally->bytes += bytes;
	return 0;
}

/* CONTEXT is the folder that is being copied. */
static int copy_entry(void *context, int dir_fd, const char *name, struct error *err)
{
	const struct copying *copying = context;
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_system(err, errno, "cannot look at '%s'", name);
	if (count(copying->tally, &st, err) < 0)
		return -1;
	if (S_ISDIR(st.st_mode))
		return copy_folder(copying, name, name, name, err);
	if (S_ISLNK(st.st_mode))
		return copy_link(copying, name, err);
	return S_ISREG(st.st_mode) ? copy_file(copying, name, err) : 0;
}

int copy_tree(struct fs *fs, int dir_fd, const char *from, const char *to, const struct copy_tree_owner *owner,
	struct error *err)
{
	struct tally tally = {0};
	const struct copying above = {.fs = fs,
		.from_fd = dir_fd,
		.to_fd = dir_fd,
		.like_fd = owner->like ? dir_fd : -1,
		.is_like = owner->like != NULL,
		.uid = owner->uid,
		.gid = owner->gid,
		.tally = &tally};

	return copy_folder(&above, from, to, owner->like, err);
}
