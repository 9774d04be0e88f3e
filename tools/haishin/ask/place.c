#include "tools/haishin/ask/place.h"

#include <stdio.h>

#include "agent/config/config.h"
#include "agent/control/control.h"

#define SOCKET_PATH "/run/haishin/" CONTROL_SOCKET_NAME

int place_find_socket(const struct args *args, char ret_path[static PATH_MAX], struct error *err)
{
	const char *socket = args_get(args, "socket"), *file = args_get(args, "config"),
		   *root = args_get(args, "root");
	AUTO(config) struct config config = {0};
	struct fs fs;
	int len;

	if (socket) {
		len = snprintf(ret_path, PATH_MAX, "%s", socket);
	} else if (file) {
		fs_init(&fs);
		if (config_load(&fs, file, root, &config, err) < 0)
			return -1;
		len = snprintf(ret_path, PATH_MAX, "%s/" CONTROL_SOCKET_NAME, config.run_path);
	} else {
		len = snprintf(ret_path, PATH_MAX, "%s" SOCKET_PATH, root ? root : "");
	}
	if (len < 0 || len >= PATH_MAX)
		return error_set(err, ERROR_USAGE, "the path of the socket is too long");
	return 0;
}
