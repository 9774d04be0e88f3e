#include "updater/fetch/http_wire.h"

#include <unistd.h>

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* What was read: what the kernel holds for us says nothing of how an answer is wrapped. That is asked for first: what comes between
 * the two answers then counts as read, a little too early, rather than as taken back. */
static uint64_t bytes_of(int fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);
	int unread = 0;

	(void)ioctl(fd, FIONREAD, &unread);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
		len < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof(info.tcpi_bytes_received) ||
		unread < 0 || (uint64_t)unread > info.tcpi_bytes_received)
		return 0;
	return info.tcpi_bytes_received - (uint64_t)unread;
}

void http_wire_opened(struct http_wire *wire, int fd)
{
	if (fd >= 0 && wire->count < HTTP_WIRE_SOCKETS)
		wire->fds[wire->count++] = fd;
}

int http_wire_close(struct http_wire *wire, int fd)
{
	for (size_t i = 0; i < wire->count; i++)
		if (wire->fds[i] == fd) {
			wire->closed_bytes += bytes_of(fd);
			wire->fds[i] = wire->fds[--wire->count];
			break;
		}
	return close(fd);
}

void http_wire_end(const struct http_wire *wire)
{
	for (size_t i = 0; i < wire->count; i++)
		(void)shutdown(wire->fds[i], SHUT_RDWR);
}

uint64_t http_wire_bytes(const struct http_wire *wire)
{
	uint64_t bytes = wire->closed_bytes;

	for (size_t i = 0; i < wire->count; i++)
		bytes += bytes_of(wire->fds[i]);
	return bytes;
}
