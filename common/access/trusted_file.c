#include "common/access/trusted_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/auto.h"

int trusted_file_check_writers(int fd, const char *path, struct error *err)
{
	struct stat found;

	if (fstat(fd, &found) < 0)
		return error_system(err, errno, "cannot look at '%s'", path);
	if (found.st_uid != 0 && found.st_uid != geteuid())
		return error_set(err, ERROR_INPUT,
			"'%s' belongs to account %u, who could change it, so it is not trusted; "
			"look at what it says, then run: chown %s %s",
			path, (unsigned int)found.st_uid, geteuid() == 0 ? "root" : "\"$USER\"", path);
	if (geteuid() == 0 && (found.st_mode & (S_IWGRP | S_IWOTH)))
		return error_set(err, ERROR_INPUT,
			"%s may write '%s', so it is not trusted; look at what it says, then run: chmod go-w %s",
			found.st_mode & S_IWOTH ? "everybody" : "its group", path, path);
	return 0;
}

int trusted_file_check_secret(int fd, const char *path, struct error *err)
{
	struct stat found;

	if (fstat(fd, &found) < 0)
		return error_system(err, errno, "cannot look at '%s'", path);
	if (!S_ISREG(found.st_mode) || !(found.st_mode & (S_IRWXG | S_IRWXO)))
		return 0;
	return error_set(err, ERROR_INPUT,
		"'%s' is a secret, and %s may read or change it (mode %03o); run: chmod go-rwx %s", path,
		found.st_mode & S_IRWXO ? "everybody" : "its group", (unsigned int)(found.st_mode & 0777), path);
}

typedef int check(int fd, const char *path, struct error *err);

static int read_checked(
	struct fs *fs, int dir_fd, const char *path, check *check_file, struct buf *ret_bytes, struct error *err)
{
	AUTO(fd) int fd = fs_open(fs, dir_fd, path, O_RDONLY, err);

	if (fd < 0 || check_file(fd, path, err) < 0)
		return -1;
	return fs_read_open(fd, path, ret_bytes, err);
}

int trusted_file_read(struct fs *fs, int dir_fd, const char *path, struct buf *ret_bytes, struct error *err)
{
	return read_checked(fs, dir_fd, path, trusted_file_check_writers, ret_bytes, err);
}

int trusted_file_read_secret(struct fs *fs, int dir_fd, const char *path, struct buf *ret_bytes, struct error *err)
{
	return read_checked(fs, dir_fd, path, trusted_file_check_secret, ret_bytes, err);
}
