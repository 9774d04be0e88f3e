#include "updater/fetch/http_probe.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/auto.h"

#define SCHEME "probe://"
#define PORT_SIZE 8
#define LINE_SIZE (NI_MAXHOST + 160)

static void free_addresses(struct addrinfo *addresses)
{
	if (addresses)
		freeaddrinfo(addresses);
}
DEFINE_AUTO_PTR(addresses, struct addrinfo, free_addresses);

/* One address being tried. */
struct attempt {
	char address[NI_MAXHOST];
	int fd;	 /* -1: it is over */
	int sys; /* why it failed; 0: connected */
};

struct probe {
	struct attempt attempts[PROBE_ADDRESSES_MOST];
	size_t count;
};

static void probe_clear(struct probe *probe)
{
	for (size_t i = 0; i < probe->count; i++)
		fd_close(&probe->attempts[i].fd);
}
DEFINE_AUTO(probe, struct probe, probe_clear);

bool probe_is_url(const char *url)
{
	return strncmp(url, SCHEME, strlen(SCHEME)) == 0;
}

/* "probe://HOST:PORT", with brackets around a HOST that holds colons itself. */
static int take_apart(
	const char *url, char ret_host[static NI_MAXHOST], char ret_port[static PORT_SIZE], struct error *err)
{
	const char *host = url + strlen(SCHEME), *colon = strrchr(host, ':');
	bool in_brackets = *host == '[' && colon && colon[-1] == ']';
	size_t len = colon ? (size_t)(colon - host) - (in_brackets ? 2 : 0) : 0;

	if (len == 0 || len >= NI_MAXHOST || strlen(colon + 1) == 0 || strlen(colon + 1) >= PORT_SIZE)
		return error_set(err, ERROR_INPUT, "'%.200s' must have the form " SCHEME "HOST:PORT", url);
	(void)snprintf(ret_host, NI_MAXHOST, "%.*s", (int)len, host + in_brackets);
	(void)snprintf(ret_port, PORT_SIZE, "%s", colon + 1);
	return 0;
}

/* This machine itself (RFC 6761). */
static bool is_loopback(const char *host)
{
	static const char name[] = "localhost";
	size_t len = strlen(host);

	if (len > 0 && host[len - 1] == '.')
		len--;
	return len >= strlen(name) && strncasecmp(host + len - strlen(name), name, strlen(name)) == 0 &&
	       (len == strlen(name) || host[len - strlen(name) - 1] == '.');
}

static int look_up(const char *host, const char *port, struct addrinfo **ret_addresses, struct error *err)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	int result = getaddrinfo(host, port, &hints, ret_addresses);

	/* Where nothing names it: the connection that follows does not ask name servers about it either. */
	if (result != 0 && is_loopback(host)) {
		hints.ai_family = AF_INET;
		result = getaddrinfo(NULL, port, &hints, ret_addresses);
	}
	if (result == 0)
		return 0;
	if (result == EAI_NONAME || result == EAI_NODATA || result == EAI_SERVICE)
		return error_set(err, ERROR_NOT_FOUND, "'%s': %s", host, gai_strerror(result));
	return error_set(err, ERROR_NETWORK, "'%s': %s", host, gai_strerror(result));
}

static void begin(struct attempt *attempt, const struct addrinfo *address)
{
	if (getnameinfo(address->ai_addr, address->ai_addrlen, attempt->address, sizeof(attempt->address), NULL, 0,
		    NI_NUMERICHOST) != 0)
		(void)snprintf(attempt->address, sizeof(attempt->address), "?");
	attempt->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (attempt->fd < 0) {
		attempt->sys = errno;
		return;
	}
	attempt->sys = connect(attempt->fd, address->ai_addr, address->ai_addrlen) < 0 ? errno : 0;
	if (attempt->sys == EINPROGRESS) {
		attempt->sys = ETIMEDOUT; /* unless it comes about in time */
		return;
	}
	fd_close(&attempt->fd);
	attempt->fd = -1;
}

static int64_t monotonic_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void settle(struct attempt *attempt)
{
	socklen_t len = sizeof(attempt->sys);

	if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &attempt->sys, &len) < 0)
		attempt->sys = errno;
	fd_close(&attempt->fd);
	attempt->fd = -1;
}

/* Until all are over, or the time is. */
static int wait_for_all(struct probe *probe, int64_t timeout_ms, int stop_fd, struct error *err)
{
	int64_t ends_ms = monotonic_ms() + timeout_ms, left_ms = timeout_ms;

	for (; left_ms > 0; left_ms = ends_ms - monotonic_ms()) {
		struct pollfd polls[PROBE_ADDRESSES_MOST + 1] = {{.fd = stop_fd, .events = POLLIN}};
		bool any = false;

		for (size_t i = 0; i < probe->count; i++) {
			polls[i + 1] = (struct pollfd){.fd = probe->attempts[i].fd, .events = POLLOUT};
			any |= probe->attempts[i].fd >= 0;
		}
		if (!any)
			return 0;
		if (poll(polls, probe->count + 1, (int)left_ms) < 0 && errno != EINTR)
			return error_system(err, errno, "cannot wait for connections");
		if (polls[0].revents)
			return error_set(err, ERROR_STOPPED, "stopped");
		for (size_t i = 0; i < probe->count; i++)
			if (polls[i + 1].revents)
				settle(&probe->attempts[i]);
	}
	return 0;
}

static int tell(const struct probe *probe, transport_sink *sink, void *sink_context, struct transport_reply *reply,
	struct error *err)
{
	for (size_t i = 0; i < probe->count; i++) {
		const struct attempt *attempt = &probe->attempts[i];
		char line[LINE_SIZE];
		int len = snprintf(line, sizeof(line), "%s %s%s\n", attempt->address, attempt->sys ? "failed " : "ok",
			attempt->sys ? strerrordesc_np(attempt->sys) : "");

		if (sink(sink_context, line, (size_t)len, err) < 0)
			return -1;
		reply->bytes += (uint64_t)len;
	}
	return 0;
}

int probe_get(const struct transport_request *request, int64_t timeout_ms, int stop_fd, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	AUTO(addresses) struct addrinfo *addresses = NULL;
	AUTO(probe) struct probe probe = {.count = 0};
	char host[NI_MAXHOST], port[PORT_SIZE];

	if (take_apart(request->url, host, port, err) < 0 || look_up(host, port, &addresses, err) < 0)
		return -1;
	for (const struct addrinfo *at = addresses; at && probe.count < PROBE_ADDRESSES_MOST; at = at->ai_next)
		begin(&probe.attempts[probe.count++], at);
	if (wait_for_all(&probe, timeout_ms, stop_fd, err) < 0)
		return -1;
	return tell(&probe, sink, sink_context, ret_reply, err);
}
