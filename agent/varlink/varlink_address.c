#include "agent/varlink/varlink_address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/auto.h"

static int through_folder(const char *path, struct sockaddr_un *ret_address, int *ret_dir_fd, struct error *err)
{
	const char *slash = strrchr(path, '/');
	AUTO(free) char *folder = slash ? strndup(path, (size_t)(slash - path)) : NULL;
	AUTO(fd) int dir_fd = -1;
	int used;

	if (!folder)
		return error_set(err, ERROR_INPUT, "'%s' is too long for a socket", path);
	if ((dir_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		return error_system(err, errno, "cannot open '%s'", folder);
	used = snprintf(
		ret_address->sun_path, sizeof(ret_address->sun_path), "/proc/self/fd/%d/%s", dir_fd, slash + 1);
	if (used < 0 || (size_t)used >= sizeof(ret_address->sun_path))
		return error_set(err, ERROR_INPUT, "'%s' is too long for a socket", path);
	*ret_dir_fd = take_fd(&dir_fd);
	return 0;
}

int varlink_address(const char *path, struct sockaddr_un *ret_address, int *ret_dir_fd, struct error *err)
{
	*ret_dir_fd = -1;
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(ret_address->sun_path))
		return through_folder(path, ret_address, ret_dir_fd, err);
	memcpy(ret_address->sun_path, path, strlen(path));
	return 0;
}
