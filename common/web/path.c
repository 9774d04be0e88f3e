#include "common/web/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/hex.h"
#include "common/platform.h"

/* One byte of the raw path; false where it may not stand there. */
static bool next_byte(const char **raw, unsigned char *ret_byte)
{
	char digits[3] = {0};

	*ret_byte = (unsigned char)*(*raw)++;
	if (*ret_byte != '%')
		return *ret_byte >= ' ' && *ret_byte != 0x7f;
	if (!(*raw)[0] || !(*raw)[1])
		return false;
	digits[0] = *(*raw)++;
	digits[1] = *(*raw)++;
	if (hex_decode(digits, ret_byte, 1, NULL) < 0)
		return false;
	return *ret_byte >= ' ' && *ret_byte != 0x7f && *ret_byte != '/';
}

bool path_decode(const char *raw, char *ret_path, size_t size)
{
	bool at_start = true; /* of a component */
	size_t len = 0;

	if (*raw++ != '/')
		return false;
	while (*raw) {
		bool slash = *raw == '/';
		unsigned char byte;

		if (!next_byte(&raw, &byte) || len + 1 >= size)
			return false;
		if (at_start && (slash || byte == '.'))
			return false;
		ret_path[len++] = (char)byte;
		at_start = slash;
	}
	ret_path[len] = '\0';
	return !at_start;
}

int path_open(int root_fd, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	AUTO(fd) int fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	struct stat st;

	if (fd < 0 && errno == ENOSYS)
		fd = platform_open_below(root_fd, path, (int)how.flags, NULL);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	return take_fd(&fd);
}
