/* Where the agent is that is meant by --socket, --root or --config. */
#ifndef TOOLS_HAISHIN_ASK_PLACE_H
#define TOOLS_HAISHIN_ASK_PLACE_H

#include <limits.h>

#include "common/command_line/args.h"

/* The path of its control socket. Errors are those of config_load() where --config names a file. */
WARN_UNUSED int place_find_socket(const struct args *args, char ret_path[static PATH_MAX], struct error *err);

#endif
