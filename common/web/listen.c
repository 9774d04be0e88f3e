#include "common/web/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "common/auto.h"

#define BACKLOG 1024

static int split(const char *address, char *ret_host, size_t host_size, const char **ret_port, struct error *err)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon ? (size_t)(colon - address) : 0;

	if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	if (len == 0 || len >= host_size || !colon[1])
		return error_set(
			err, ERROR_USAGE, "'%s' has not the form ADDRESS:PORT, such as 0.0.0.0:8443", address);
	(void)snprintf(ret_host, host_size, "%.*s", (int)len, address);
	*ret_port = colon + 1;
	return 0;
}

static int bind_and_listen(
	const struct addrinfo *where, const char *address, unsigned int *ret_port, struct error *err)
{
	AUTO(fd) int fd = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_storage own;
	socklen_t len = sizeof(own);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return error_system(err, errno, "cannot make a socket for %s", address);
	if (bind(fd, where->ai_addr, where->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0) {
		int sys = errno;

		(void)error_system(err, sys, "cannot listen at %s", address);
		if (sys == EADDRINUSE)
			err->code = ERROR_BUSY;
		return -1;
	}
	if (getsockname(fd, (struct sockaddr *)&own, &len) < 0)
		return error_system(err, errno, "cannot tell the port of %s", address);
	*ret_port = ntohs(own.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&own)->sin6_port
						    : ((struct sockaddr_in *)&own)->sin_port);
	return take_fd(&fd);
}

int listen_open(const char *address, unsigned int *ret_port, struct error *err)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
	struct addrinfo *found;
	const char *port;
	char host[64];
	int fd;

	if (split(address, host, sizeof(host), &port, err) < 0)
		return -1;
	if (strlen(port) > 5 || strspn(port, "0123456789") != strlen(port) || strtoul(port, NULL, 10) > 65535)
		return error_set(err, ERROR_USAGE, "'%s' is no port: 0 to 65535", port);
	if (getaddrinfo(host, port, &hints, &found) != 0)
		return error_set(err, ERROR_USAGE, "'%s' is no address of the form 192.0.2.1 or [2001:db8::1]", host);
	fd = bind_and_listen(found, address, ret_port, err);
	freeaddrinfo(found);
	return fd;
}

/* What is left of a former process is taken away; any other file is not ours. */
static int make_way(const char *path, struct error *err)
{
	struct stat found;

	if (lstat(path, &found) < 0)
		return errno == ENOENT ? 0 : error_system(err, errno, "cannot look at '%s'", path);
	if (!S_ISSOCK(found.st_mode))
		return error_set(err, ERROR_INPUT, "'%s' is there and is no socket", path);
	return unlink(path) < 0 ? error_system(err, errno, "cannot remove the old socket '%s'", path) : 0;
}

int listen_open_path(const char *path, struct error *err)
{
	AUTO(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un where = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(where.sun_path))
		return error_set(err, ERROR_INPUT, "the socket's path '%s' is longer than %zu bytes", path,
			sizeof(where.sun_path) - 1);
	(void)strcpy(where.sun_path, path);
	if (make_way(path, err) < 0)
		return -1;
	if (fd < 0 || bind(fd, (struct sockaddr *)&where, sizeof(where)) < 0 || chmod(path, 0660) < 0 ||
		listen(fd, BACKLOG) < 0)
		return error_system(err, errno, "cannot listen at '%s'", path);
	return take_fd(&fd);
}
