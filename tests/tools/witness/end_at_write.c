/* Preloaded into a program: ends it by SIGKILL at its END_ATth change to a file, before that happens. What it wrote before
 * is there; nothing after it is. With END_HOW=fail the change fails instead (EIO), and the program goes on. The file that END_MARK
 * names then exists. */
#undef _FILE_OFFSET_BITS /* or pwrite would be pwrite64 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* -1 where the change is to fail. */
static int count(void)
{
	static long changes;
	const char *at = getenv("END_AT");
	int (*real_open)(const char *path, int flags, ...) = real("open");

	if (!at || ++changes != atol(at))
		return 0;
	(void)real_open(getenv("END_MARK"), O_CREAT | O_WRONLY, 0600);
	if (!getenv("END_HOW"))
		(void)kill(getpid(), SIGKILL);
	errno = EIO;
	return -1;
}

static int is_file(int fd)
{
	struct stat found;

	return fstat(fd, &found) == 0 && S_ISREG(found.st_mode);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset)
{
	ssize_t (*next)(int, const void *, size_t, off64_t) = real("pwrite64");

	return count() < 0 ? -1 : next(fd, data, len, offset);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
	ssize_t (*next)(int, const void *, size_t, off_t) = real("pwrite");

	return count() < 0 ? -1 : next(fd, data, len, offset);
}

ssize_t write(int fd, const void *data, size_t len)
{
	ssize_t (*next)(int, const void *, size_t) = real("write");

	if (is_file(fd) && count() < 0)
		return -1;
	return next(fd, data, len);
}

int fdatasync(int fd)
{
	int (*next)(int) = real("fdatasync");

	return count() < 0 ? -1 : next(fd);
}

int fsync(int fd)
{
	int (*next)(int) = real("fsync");

	return count() < 0 ? -1 : next(fd);
}

int ftruncate64(int fd, off64_t size)
{
	int (*next)(int, off64_t) = real("ftruncate64");

	return count() < 0 ? -1 : next(fd, size);
}

int unlink(const char *path)
{
	int (*next)(const char *) = real("unlink");

	return count() < 0 ? -1 : next(path);
}
