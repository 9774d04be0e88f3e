/* The address of the control socket, for the agent that binds it and for those who call it. */
#ifndef AGENT_VARLINK_VARLINK_ADDRESS_H
#define AGENT_VARLINK_VARLINK_ADDRESS_H

#include <sys/socket.h>
#include <sys/un.h>

#include "common/error.h"

/* Fills in the address of PATH. A path too long for a socket's address is reached through its folder, whose
 * descriptor is then in *RET_DIR_FD and must stay open until the address has been used; -1 otherwise. */
WARN_UNUSED int varlink_address(
	const char *path, struct sockaddr_un *ret_address, int *ret_dir_fd, struct error *err);

#endif
