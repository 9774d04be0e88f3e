#include "tests/support/bad_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "common/buf.h"

#define QUEUE_SIZE 256
#define CONNECTIONS_MOST 1024
#define REQUEST_SIZE 8192

struct bad_server {
	char url[64];
	int port, listen_fd, stop_fd, folder_fd;
	SSL_CTX *tls;
	pthread_t accepting;
	pthread_mutex_t lock; /* guards all below */
	struct {
		enum bad_fault fault;
		uint64_t at;
	} queue[QUEUE_SIZE];
	int queued, taken, requests, spoilt, connections, open;
	pthread_cond_t closed; /* a connection has */
	struct {
		const char *part;
		enum bad_fault fault;
		uint64_t at;
	} spoil;
	uint64_t bytes;
	const char *redirect_to;
	char last[REQUEST_SIZE];
	pthread_t threads[CONNECTIONS_MOST];
};

struct connection {
	struct bad_server *server;
	int fd;
	SSL *tls;
	char request[REQUEST_SIZE];
	size_t len;
};

/* One answer in the making. */
struct answer {
	enum bad_fault fault;
	uint64_t at, size, first, length;
	int file_fd;
	bool part;
};

static void need(int true_value, const char *what)
{
	if (true_value)
		return;
	(void)fprintf(stderr, "bad server: %s\n", what);
	abort();
}

/* ---- Bytes ---- */

/* True once the server is told to stop; false after TIMEOUT_MS. */
static bool stopped_within(const struct bad_server *server, int timeout_ms)
{
	struct pollfd stop = {.fd = server->stop_fd, .events = POLLIN};

	return poll(&stop, 1, timeout_ms) > 0;
}

/* Waits for the client; false where the server stops. */
static bool wait_for(const struct connection *connection, short events)
{
	struct pollfd fds[] = {
		{.fd = connection->fd, .events = events}, {.fd = connection->server->stop_fd, .events = POLLIN}};

	while (poll(fds, 2, -1) < 0)
		need(errno == EINTR, "poll");
	return !fds[1].revents;
}

static bool send_bytes(struct connection *connection, const void *data, size_t len)
{
	while (len > 0) {
		size_t sent = 0;

		if (!wait_for(connection, POLLOUT))
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

static bool send_text(struct connection *connection, const char *text)
{
	return send_bytes(connection, text, strlen(text));
}

static bool receive_request(struct connection *connection)
{
	connection->len = 0;
	for (;;) {
		size_t room = REQUEST_SIZE - 1 - connection->len, got = 0;

		if (connection->tls) {
			if ((!SSL_has_pending(connection->tls) && !wait_for(connection, POLLIN)))
				return false;
			if (SSL_read_ex(connection->tls, connection->request + connection->len, room, &got) != 1) {
				if (SSL_get_error(connection->tls, 0) == SSL_ERROR_WANT_READ)
					continue;
				return false;
			}
		} else {
			if (!wait_for(connection, POLLIN))
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
	need((rows = fopen("/proc/net/tcp", "re")) != NULL, "/proc/net/tcp");
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
static void reset(struct connection *connection)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};
	int unsent = 0;

	while ((ioctl(connection->fd, SIOCOUTQ, &unsent) == 0 && unsent > 0) || unread_by_client(connection) > 0)
		if (stopped_within(connection->server, 1))
			return;
	(void)setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* ---- Answers ---- */

/* The body's bytes from answer->first on; stops after MOST of them. */
static bool send_body(struct connection *connection, const struct answer *answer, uint64_t length, uint64_t most)
{
	char bytes[16384];

	for (uint64_t sent = 0; sent < length && sent < most;) {
		uint64_t left = (length < most ? length : most) - sent;
		size_t want = left < sizeof(bytes) ? (size_t)left : sizeof(bytes);
		ssize_t got = pread(answer->file_fd, bytes, want, (off_t)(answer->first + sent));

		if (got <= 0) { /* beyond the file, where more is promised than there is */
			memset(bytes, 'x', want);
			got = (ssize_t)want;
		}
		if (answer->fault == BAD_BYTES && answer->at >= sent && answer->at - sent < (uint64_t)got)
			bytes[answer->at - sent] ^= 1;
		if (!send_bytes(connection, bytes, (size_t)got))
			return false;
		sent += (uint64_t)got;
		(void)pthread_mutex_lock(&connection->server->lock);
		connection->server->bytes += (uint64_t)got;
		(void)pthread_mutex_unlock(&connection->server->lock);
	}
	return true;
}

static bool send_head(struct connection *connection, const struct answer *answer, uint64_t length)
{
	uint64_t shift = answer->fault == BAD_OTHER_RANGE ? 1 : 0;
	char head[512];

	if (answer->part)
		(void)snprintf(head, sizeof(head),
			"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64
			"\r\nContent-Length: %" PRIu64 "\r\n\r\n",
			answer->first + shift, answer->first + shift + length - 1, answer->size, length);
	else
		(void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %" PRIu64 "\r\n\r\n", length);
	return send_text(connection, head);
}

static bool send_endless(struct connection *connection)
{
	char chunk[1 + 1024 + 8];
	int len = snprintf(chunk, sizeof(chunk), "400\r\n%01024d\r\n", 0);

	if (!send_text(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
		return false;
	while (send_bytes(connection, chunk, (size_t)len))
		continue;
	return false;
}

static bool send_drip(struct connection *connection)
{
	if (!send_text(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"))
		return false;
	while (send_text(connection, "x"))
		if (stopped_within(connection->server, 20))
			return false;
	return false;
}

/* TEXT again and again, as fast as it is taken. */
static bool send_for_ever(struct connection *connection, const char *text)
{
	AUTO(buf) struct buf much = BUF_INIT(1u << 20);

	while (much.len < 65536)
		need(buf_append(&much, text, strlen(text), NULL) == 0, "memory");
	while (send_bytes(connection, much.data, much.len))
		continue;
	return false;
}

/* X again and again, so many a second, behind HEAD. */
static bool send_slowly(struct connection *connection, const char *head, uint64_t bytes_per_s)
{
	char part[4096];
	size_t len = bytes_per_s / 20 < sizeof(part) ? (size_t)(bytes_per_s / 20) : sizeof(part);

	memset(part, 'x', sizeof(part));
	if (!send_text(connection, head))
		return false;
	while (send_bytes(connection, part, len))
		if (stopped_within(connection->server, 50))
			return false;
	return false;
}

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static bool send_chunked_cut(struct connection *connection, const struct answer *answer)
{
	char head[128];

	(void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%" PRIx64 "\r\n",
		answer->length);
	return send_text(connection, head) && send_body(connection, answer, answer->length, answer->at) && false;
}

static bool send_status(struct connection *connection, unsigned int status, const char *header, const char *text)
{
	char answer[1024];

	(void)snprintf(answer, sizeof(answer), "HTTP/1.1 %u Because\r\nContent-Length: %zu\r\n%s\r\n%s", status,
		strlen(text), header, text);
	return send_text(connection, answer);
}

static bool send_redirect(struct connection *connection, const char *url)
{
	char header[512];

	(void)snprintf(header, sizeof(header), "Location: %s\r\n", url);
	return send_status(connection, 302, header, "elsewhere\n");
}

/* Silent until the server stops. */
static bool stall(const struct connection *connection)
{
	(void)stopped_within(connection->server, -1);
	return false;
}

/* False ends the connection. */
static bool misbehave(struct connection *connection, const struct answer *answer)
{
	char header[64];

	switch (answer->fault) {
	case BAD_STALL:
		return send_head(connection, answer, answer->length) &&
		       send_body(connection, answer, answer->length, answer->at) && stall(connection);
	case BAD_CUT:
	case BAD_RESET:
		if (!send_head(connection, answer, answer->length) ||
			!send_body(connection, answer, answer->length, answer->at))
			return false;
		if (answer->fault == BAD_RESET)
			reset(connection);
		return false;
	case BAD_STATUS:
		return send_status(connection, (unsigned int)answer->at, "", "a page about it\n");
	case BAD_BUSY:
		(void)snprintf(header, sizeof(header), "Retry-After: %" PRIu64 "\r\n", answer->at);
		return send_status(connection, 503, header, "busy\n");
	case BAD_SHORT:
		return send_head(connection, answer, answer->at) &&
		       send_body(connection, answer, answer->at, answer->at);
	case BAD_LONG:
		return send_head(connection, answer, answer->length + answer->at) &&
		       send_body(connection, answer, answer->length + answer->at, UINT64_MAX);
	case BAD_GARBAGE:
		return send_bytes(connection, "\x16\x03\x00\x01 this is no HTTP\r\n\r\n", 24) && false;
	case BAD_REDIRECT_LOOP:
		return send_redirect(connection, "again");
	case BAD_REDIRECT:
		return send_redirect(connection, connection->server->redirect_to);
	case BAD_DRIP:
		return send_drip(connection);
	case BAD_HTTP10:
	case BAD_HTTP10_CUT:
		return send_text(connection, "HTTP/1.0 200 OK\r\n\r\n") &&
		       send_body(connection, answer, answer->length,
			       answer->fault == BAD_HTTP10 ? UINT64_MAX : answer->at) &&
		       false;
	case BAD_CHUNKED_CUT:
		return send_chunked_cut(connection, answer);
	case BAD_ENDLESS:
		return send_endless(connection);
	case BAD_HEADERS:
		return send_text(connection, "HTTP/1.1 200 OK\r\n") &&
		       send_for_ever(connection, "X-More: 0123456789012345678901234567890123456789\r\n");
	case BAD_EARLY:
		return send_for_ever(connection, "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n");
	case BAD_TRAILERS:
		return send_text(connection, CHUNKED "1\r\nx\r\n0\r\n") &&
		       send_for_ever(connection, "X-More: 0123456789012345678901234567890123456789\r\n");
	case BAD_EXTENSION:
		return send_text(connection, CHUNKED "1;") &&
		       send_for_ever(connection, "more=0123456789012345678901234567890123456789;");
	case BAD_SLOW:
		return send_slowly(connection, "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n", answer->at);
	case BAD_SLOW_HEADERS:
		return send_slowly(connection, "HTTP/1.1 200 OK\r\nX-More: ", answer->at);
	case BAD_CERTIFICATE_TEXT:
		return send_status(connection, 400, "", "<center>No required SSL certificate was sent</center>\n");
	case BAD_CLOSE:
		return false;
	default:
		return send_head(connection, answer, answer->length) &&
		       send_body(connection, answer, answer->length, UINT64_MAX);
	}
}

/* ---- Requests ---- */

static bool is_spoilt(const struct bad_server *server, const char *request)
{
	char path[1024] = "";

	return server->spoil.part && sscanf(request, "%*s %1000s", path) == 1 && strstr(path, server->spoil.part);
}

static void note_request(struct connection *connection, struct answer *ret_answer)
{
	struct bad_server *server = connection->server;

	(void)pthread_mutex_lock(&server->lock);
	server->requests++;
	(void)snprintf(server->last, sizeof(server->last), "%s", connection->request);
	if (server->taken < server->queued) {
		ret_answer->fault = server->queue[server->taken].fault;
		ret_answer->at = server->queue[server->taken++].at;
	} else if (is_spoilt(server, connection->request)) {
		ret_answer->fault = server->spoil.fault;
		ret_answer->at = server->spoil.at;
		server->spoilt++;
	}
	(void)pthread_mutex_unlock(&server->lock);
}

static void take_range(const char *request, struct answer *answer)
{
	const char *header = strcasestr(request, "\r\nRange: bytes=");
	uint64_t last = answer->size - 1;

	answer->length = answer->size;
	if (!header || answer->fault == BAD_WHOLE)
		return;
	answer->part = true;
	if (sscanf(header + strlen("\r\nRange: bytes="), "%" SCNu64 "-%" SCNu64, &answer->first, &last) < 1)
		return;
	if (last >= answer->size)
		last = answer->size - 1;
	answer->length = last - answer->first + 1;
}

static int open_file(const struct bad_server *server, const char *request)
{
	char path[1024] = "";

	if (sscanf(request, "%*s /%1000[^ ?]", path) != 1)
		return -1;
	return openat(server->folder_fd, path, O_RDONLY | O_CLOEXEC);
}

static bool answer_request(struct connection *connection)
{
	struct answer answer = {0};
	struct stat st = {0};
	bool go_on;

	note_request(connection, &answer);
	answer.file_fd = open_file(connection->server, connection->request);
	if (answer.file_fd >= 0)
		(void)fstat(answer.file_fd, &st);
	answer.size = (uint64_t)st.st_size;
	take_range(connection->request, &answer);
	if (answer.file_fd < 0 && answer.fault == BAD_NOTHING)
		go_on = send_status(connection, 404, "", "no such file\n");
	else if (answer.part && answer.first >= answer.size && answer.fault == BAD_NOTHING)
		go_on = send_status(connection, 416, "", "no such part\n");
	else
		go_on = misbehave(connection, &answer);
	fd_close(&answer.file_fd);
	return go_on;
}

static bool shake_hands(struct connection *connection)
{
	if (!connection->server->tls)
		return true;
	connection->tls = SSL_new(connection->server->tls);
	need(connection->tls && SSL_set_fd(connection->tls, connection->fd), "TLS");
	for (;;) {
		int result = SSL_accept(connection->tls);
		int error = SSL_get_error(connection->tls, result);

		if (result == 1)
			return true;
		if ((error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) ||
			!wait_for(connection, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT))
			return false;
	}
}

/* Lets the client read the alert: closed at once, what it sends would be answered with a reset that overtakes it. */
static void drain(struct connection *connection)
{
	char bytes[1024];

	(void)shutdown(connection->fd, SHUT_WR);
	while (wait_for(connection, POLLIN) && recv(connection->fd, bytes, sizeof(bytes), 0) > 0)
		continue;
}

static void *run_connection(void *context)
{
	struct connection *connection = context;
	struct bad_server *server = connection->server;

	if (shake_hands(connection)) {
		while (receive_request(connection) && answer_request(connection))
			continue;
	} else {
		drain(connection);
	}
	SSL_free(connection->tls);
	(void)close(connection->fd);
	(void)pthread_mutex_lock(&server->lock);
	server->open--;
	(void)pthread_cond_broadcast(&server->closed);
	(void)pthread_mutex_unlock(&server->lock);
	free(connection);
	return NULL;
}

static void *accept_all(void *context)
{
	struct bad_server *server = context;
	struct connection listening = {.server = server, .fd = server->listen_fd};

	while (wait_for(&listening, POLLIN)) {
		struct connection *connection = calloc(1, sizeof(*connection));

		need(connection != NULL, "memory");
		connection->server = server;
		connection->fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (connection->fd < 0) {
			free(connection);
			continue;
		}
		(void)pthread_mutex_lock(&server->lock);
		need(server->connections < CONNECTIONS_MOST, "too many connections");
		need(pthread_create(&server->threads[server->connections], NULL, run_connection, connection) == 0,
			"thread");
		server->connections++;
		server->open++;
		(void)pthread_mutex_unlock(&server->lock);
	}
	return NULL;
}

/* ---- Start and stop ---- */

static SSL_CTX *tls_of(const struct bad_server_options *options)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	BIO *certificate_bio = BIO_new_mem_buf(options->certificate_pem, -1);
	BIO *key_bio = BIO_new_mem_buf(options->key_pem, -1);
	X509 *certificate = PEM_read_bio_X509(certificate_bio, NULL, NULL, NULL);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);

	need(tls && SSL_CTX_use_certificate(tls, certificate) && SSL_CTX_use_PrivateKey(tls, key), "certificate");
	(void)SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	X509_free(certificate);
	EVP_PKEY_free(key);
	BIO_free(certificate_bio);
	BIO_free(key_bio);
	if (options->client_ca_pem) {
		BIO *ca_bio = BIO_new_mem_buf(options->client_ca_pem, -1);
		X509 *ca = PEM_read_bio_X509(ca_bio, NULL, NULL, NULL);

		need(ca && X509_STORE_add_cert(SSL_CTX_get_cert_store(tls), ca), "client authority");
		SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
		X509_free(ca);
		BIO_free(ca_bio);
	}
	return tls;
}

static void start_listening(struct bad_server *server)
{
	struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(where);

	server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	need(server->listen_fd >= 0 && bind(server->listen_fd, (struct sockaddr *)&where, sizeof(where)) == 0 &&
			listen(server->listen_fd, 128) == 0 &&
			getsockname(server->listen_fd, (struct sockaddr *)&where, &len) == 0,
		"cannot listen");
	server->port = ntohs(where.sin_port);
}

struct bad_server *bad_server_start(const struct bad_server_options *options)
{
	struct bad_server *server = calloc(1, sizeof(*server));

	need(server != NULL, "memory");
	(void)signal(SIGPIPE, SIG_IGN);
	need((server->folder_fd = open(options->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0, options->folder);
	need((server->stop_fd = eventfd(0, EFD_CLOEXEC)) >= 0, "eventfd");
	server->tls = options->certificate_pem ? tls_of(options) : NULL;
	start_listening(server);
	(void)snprintf(server->url, sizeof(server->url), "%s:%d",
		server->tls ? "https://localhost" : "http://127.0.0.1", server->port);
	(void)pthread_mutex_init(&server->lock, NULL);
	(void)pthread_cond_init(&server->closed, NULL);
	need(pthread_create(&server->accepting, NULL, accept_all, server) == 0, "thread");
	return server;
}

void bad_server_stop(struct bad_server *server)
{
	need(eventfd_write(server->stop_fd, 1) == 0, "stop");
	(void)pthread_join(server->accepting, NULL);
	for (int i = 0; i < server->connections; i++)
		(void)pthread_join(server->threads[i], NULL);
	SSL_CTX_free(server->tls);
	(void)pthread_cond_destroy(&server->closed);
	(void)pthread_mutex_destroy(&server->lock);
	(void)close(server->listen_fd);
	(void)close(server->stop_fd);
	(void)close(server->folder_fd);
	free(server);
}

const char *bad_server_url(const struct bad_server *server)
{
	return server->url;
}

int bad_server_port(const struct bad_server *server)
{
	return server->port;
}

void bad_server_queue(struct bad_server *server, enum bad_fault fault, uint64_t at)
{
	(void)pthread_mutex_lock(&server->lock);
	need(server->queued < QUEUE_SIZE, "too many faults");
	server->queue[server->queued].fault = fault;
	server->queue[server->queued++].at = at;
	(void)pthread_mutex_unlock(&server->lock);
}

void bad_server_spoil(struct bad_server *server, const char *part, enum bad_fault fault, uint64_t at)
{
	(void)pthread_mutex_lock(&server->lock);
	server->spoil.part = part;
	server->spoil.fault = fault;
	server->spoil.at = at;
	(void)pthread_mutex_unlock(&server->lock);
}

int bad_server_spoilt(struct bad_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	int count = server->spoilt;
	(void)pthread_mutex_unlock(&server->lock);
	return count;
}

void bad_server_redirect_to(struct bad_server *server, const char *url)
{
	(void)pthread_mutex_lock(&server->lock);
	server->redirect_to = url;
	(void)pthread_mutex_unlock(&server->lock);
}

int bad_server_requests(struct bad_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	int count = server->requests;
	(void)pthread_mutex_unlock(&server->lock);
	return count;
}

int bad_server_connections(struct bad_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	int count = server->connections;
	(void)pthread_mutex_unlock(&server->lock);
	return count;
}

uint64_t bad_server_bytes(struct bad_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	uint64_t count = server->bytes;
	(void)pthread_mutex_unlock(&server->lock);
	return count;
}

void bad_server_wait_until_alone(struct bad_server *server)
{
	(void)pthread_mutex_lock(&server->lock);
	while (server->open > 0)
		(void)pthread_cond_wait(&server->closed, &server->lock);
	(void)pthread_mutex_unlock(&server->lock);
}

void bad_server_last_request(struct bad_server *server, char *ret_text, uint64_t size)
{
	(void)pthread_mutex_lock(&server->lock);
	(void)snprintf(ret_text, size, "%s", server->last);
	(void)pthread_mutex_unlock(&server->lock);
}
