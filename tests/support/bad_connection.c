#include "tests/support/bad_connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

void bad_need(int true_value, const char *what)
{
	if (true_value)
		return;
	(void)fprintf(stderr, "bad server: %s\n", what);
	abort();
}

bool bad_stops_within(const struct bad_server *server, int timeout_ms)
{
	struct pollfd stop = {.fd = server->stop_fd, .events = POLLIN};

	return poll(&stop, 1, timeout_ms) > 0;
}

bool bad_wait(const struct connection *connection, short events)
{
	struct pollfd fds[] = {
		{.fd = connection->fd, .events = events}, {.fd = connection->server->stop_fd, .events = POLLIN}};

	while (poll(fds, 2, -1) < 0)
		bad_need(errno == EINTR, "poll");
	return !fds[1].revents;
}

bool bad_send(struct connection *connection, const void *data, size_t len)
{
	while (len > 0) {
		size_t sent = 0;

		if (!bad_wait(connection, POLLOUT))
			return false;
		if (connection->tls) {
			if (SSL_write_ex(connection->tls, data, len, &sent) != 1 &&
				SSL_get_error(connection->tls, 0) != SSL_ERROR_WANT_WRITE)
				return false;
		} else {
			ssize_t result = send(connection->fd, data, len, MSG_NOSIGNAL);

			if (result < 0 && errno != EAGAIN)
				return false;
			sent = result > 0 ? (size_t)result : 0;
		}
		data = (const char *)data + sent;
		len -= sent;
	}
	return true;
}

bool bad_send_text(struct connection *connection, const char *text)
{
	return bad_send(connection, text, strlen(text));
}

bool bad_receive(struct connection *connection)
{
	connection->len = 0;
	for (;;) {
		size_t room = REQUEST_SIZE - 1 - connection->len, got = 0;

		if (connection->tls) {
			if ((!SSL_has_pending(connection->tls) && !bad_wait(connection, POLLIN)))
				return false;
			if (SSL_read_ex(connection->tls, connection->request + connection->len, room, &got) != 1) {
				if (SSL_get_error(connection->tls, 0) == SSL_ERROR_WANT_READ)
					continue;
				return false;
			}
		} else {
			if (!bad_wait(connection, POLLIN))
				return false;
			ssize_t result = recv(connection->fd, connection->request + connection->len, room, 0);

			if (result <= 0)
				return false;
			got = (size_t)result;
		}
		connection->len += got;
		connection->request[connection->len] = '\0';
		if (strstr(connection->request, "\r\n\r\n"))
			return true;
		if (connection->len == REQUEST_SIZE - 1)
			return false;
	}
}

/* What waits for the client in its socket, by its row in /proc/net/tcp; 0 where the row is gone. */
static unsigned long unread_by_client(const struct connection *connection)
{
	struct sockaddr_in client;
	socklen_t len = sizeof(client);
	unsigned long unread = 0;
	char row[256];
	FILE *rows;

	if (getpeername(connection->fd, (struct sockaddr *)&client, &len) < 0)
		return 0; /* it went away */
	bad_need((rows = fopen("/proc/net/tcp", "re")) != NULL, "/proc/net/tcp");
	while (fgets(row, sizeof(row), rows)) {
		unsigned int from, to;
		unsigned long waiting;

		if (sscanf(row, " %*u: %*x:%x %*x:%x %*x %*x:%lx", &from, &to, &waiting) == 3 &&
			from == ntohs(client.sin_port) && to == (unsigned int)connection->server->port)
			unread = waiting;
	}
	(void)fclose(rows);
	return unread;
}

/* A reset takes back what the client has not read yet: it comes once the client has read all that was sent, so that
 * bad_server_bytes counts what arrived. */
void bad_reset(struct connection *connection)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};
	int unsent = 0;

	while ((ioctl(connection->fd, SIOCOUTQ, &unsent) == 0 && unsent > 0) || unread_by_client(connection) > 0)
		if (bad_stops_within(connection->server, 1))
			return;
	(void)setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

bool bad_shake_hands(struct connection *connection)
{
	if (!connection->server->tls)
		return true;
	connection->tls = SSL_new(connection->server->tls);
	bad_need(connection->tls && SSL_set_fd(connection->tls, connection->fd), "TLS");
	for (;;) {
		int result = SSL_accept(connection->tls);
		int error = SSL_get_error(connection->tls, result);

		if (result == 1)
			return true;
		if ((error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) ||
			!bad_wait(connection, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT))
			return false;
	}
}

void bad_drain(struct connection *connection)
{
	char bytes[1024];

	(void)shutdown(connection->fd, SHUT_WR);
	while (bad_wait(connection, POLLIN) && recv(connection->fd, bytes, sizeof(bytes), 0) > 0)
		continue;
}
