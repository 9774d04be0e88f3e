/* The socket on which connections arrive. */
#ifndef COMMON_WEB_LISTEN_H
#define COMMON_WEB_LISTEN_H

#include "common/error.h"

/* Listens at "ADDRESS:PORT" or "[ADDRESS]:PORT"; returns the descriptor and sets RET_PORT, of use where PORT is 0.
 * ERROR_USAGE where the text is no address; ERROR_BUSY where another program has the port. */
WARN_UNUSED int listen_open(const char *address, unsigned int *ret_port, struct error *err);

/* Listens at a Unix socket, which owner and group may use, in place of a socket that was left there. */
WARN_UNUSED int listen_open_path(const char *path, struct error *err);

#endif
