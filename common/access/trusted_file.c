#include "common/access/trusted_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
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

/* An access control list, as the kernel hands it out: four bytes of version, then entries (little-endian, as is all that we run on). */
#define ACL_NAME "system.posix_acl_access"
#define ACL_MOST_BYTES 256
struct acl_entry {
	uint16_t tag, permissions;
	uint32_t id;
};
enum { ACL_OWNER = 0x01, ACL_OF_USER = 0x02, ACL_MASK = 0x10 };

/* The service manager hands credentials to a service so: root owns the file, and a list lets the service's account, and nobody
 * else, read it. The mode's bits for the group are then the list's bound, and no group's right. */
static bool is_for_us_alone(int fd, const struct stat *found)
{
	unsigned char bytes[ACL_MOST_BYTES];
	ssize_t len = fgetxattr(fd, ACL_NAME, bytes, sizeof(bytes));
	struct acl_entry entry;

	if (len < 4 || (found->st_mode & (S_IRWXO | S_IWGRP | S_IXGRP)))
		return false;
	for (size_t at = 4; at + sizeof(entry) <= (size_t)len; at += sizeof(entry)) {
		memcpy(&entry, bytes + at, sizeof(entry));
		if (entry.permissions && entry.tag != ACL_OWNER && entry.tag != ACL_MASK &&
			(entry.tag != ACL_OF_USER || (entry.id != 0 && entry.id != geteuid())))
			return false;
	}
	return true;
}

int trusted_file_check_secret(int fd, const char *path, struct error *err)
{
	struct stat found;

	if (fstat(fd, &found) < 0)
		return error_system(err, errno, "cannot look at '%s'", path);
	if (!S_ISREG(found.st_mode))
		return 0;
	if (found.st_uid != 0 && found.st_uid != geteuid())
		return error_set(err, ERROR_INPUT,
			"'%s' is a secret, and belongs to account %u, who may read or change it; run: chown %s %s", path,
			(unsigned int)found.st_uid, geteuid() == 0 ? "root" : "\"$USER\"", path);
	if (!(found.st_mode & (S_IRWXG | S_IRWXO)) || is_for_us_alone(fd, &found))
		return 0;
	return error_set(err, ERROR_INPUT,
		"'%s' is a secret, and %s may read or change it (mode %03o); run: chmod go-rwx %s", path,
		found.st_mode & S_IRWXO ? "everybody" : "its group", (unsigned int)(found.st_mode & 0777), path);
}

int trusted_file_read(struct fs *fs, int dir_fd, const char *path, struct buf *ret_bytes, struct error *err)
{
	AUTO(fd) int fd = fs_open_plain(fs, dir_fd, path, O_RDONLY, err);

	if (fd < 0 && err && err->code == ERROR_DAMAGED)
		err->code = ERROR_INPUT; /* a person wrote it */
	if (fd < 0 || trusted_file_check_writers(fd, path, err) < 0)
		return -1;
	return fs_read_open(fd, path, ret_bytes, err);
}

int trusted_file_read_secret(struct fs *fs, int dir_fd, const char *path, struct buf *ret_bytes, struct error *err)
{
	AUTO(fd) int fd = fs_open(fs, dir_fd, path, O_RDONLY, err);

	if (fd < 0 || trusted_file_check_secret(fd, path, err) < 0)
		return -1;
	return fs_read_open(fd, path, ret_bytes, err);
}
