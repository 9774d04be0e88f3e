/* How a bad server answers: well, or with the fault that was asked for. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/auto.h"
#include "common/buf.h"
#include "tests/support/bad_connection.h"

/* One answer in the making. */
struct answer {
	enum bad_fault fault;
	uint64_t at, size, first, length;
	int file_fd;
	bool part;
};


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
		if (answer->fault == BAD_ZEROS)
			memset(bytes, 0, (size_t)got);
		if (answer->fault == BAD_BYTES && answer->at >= sent && answer->at - sent < (uint64_t)got)
			bytes[answer->at - sent] ^= 1;
		if (!bad_send(connection, bytes, (size_t)got))
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
	return bad_send_text(connection, head);
}

static bool send_endless(struct connection *connection)
{
	char chunk[1 + 1024 + 8];
	int len = snprintf(chunk, sizeof(chunk), "400\r\n%01024d\r\n", 0);

	if (!bad_send_text(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
		return false;
	while (bad_send(connection, chunk, (size_t)len))
		continue;
	return false;
}

static bool send_drip(struct connection *connection)
{
	if (!bad_send_text(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"))
		return false;
	while (bad_send_text(connection, "x"))
		if (bad_stops_within(connection->server, 20))
			return false;
	return false;
}

/* TEXT again and again, as fast as it is taken. */
static bool send_for_ever(struct connection *connection, const char *text)
{
	AUTO(buf) struct buf much = BUF_INIT(1u << 20);

	while (much.len < 65536)
		bad_need(buf_append(&much, text, strlen(text), NULL) == 0, "memory");
	while (bad_send(connection, much.data, much.len))
		continue;
	return false;
}

/* X again and again, so many a second, behind HEAD. */
static bool send_slowly(struct connection *connection, const char *head, uint64_t bytes_per_s)
{
	char part[4096];
	size_t len = bytes_per_s / 20 < sizeof(part) ? (size_t)(bytes_per_s / 20) : sizeof(part);

	memset(part, 'x', sizeof(part));
	if (!bad_send_text(connection, head))
		return false;
	while (bad_send(connection, part, len))
		if (bad_stops_within(connection->server, 50))
			return false;
	return false;
}

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static bool send_chunked_cut(struct connection *connection, const struct answer *answer)
{
	char head[128];

	(void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%" PRIx64 "\r\n",
		answer->length);
	return bad_send_text(connection, head) && send_body(connection, answer, answer->length, answer->at) && false;
}

static bool send_status(struct connection *connection, unsigned int status, const char *header, const char *text)
{
	char answer[1024];

	(void)snprintf(answer, sizeof(answer), "HTTP/1.1 %u Because\r\nContent-Length: %zu\r\n%s\r\n%s", status,
		strlen(text), header, text);
	return bad_send_text(connection, answer);
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
	(void)bad_stops_within(connection->server, -1);
	return false;
}

static bool send_page(struct connection *connection, uint64_t len)
{
	static const char begins[] = "\r\n<!DOCTYPE html>";
	char head[128], dots[4096];

	(void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %" PRIu64 "\r\n\r\n",
		len + sizeof(begins) - 1);
	if (!bad_send_text(connection, head) || !bad_send_text(connection, begins))
		return false;
	memset(dots, '.', sizeof(dots));
	for (uint64_t sent = 0; sent < len; sent += sizeof(dots))
		if (!bad_send(connection, dots, len - sent < sizeof(dots) ? (size_t)(len - sent) : sizeof(dots)))
			return false;
	return true;
}

/* What stands around a body, and never comes to its end. */
static bool send_without_end(struct connection *connection, enum bad_fault fault)
{
	static const char more[] = "X-More: 0123456789012345678901234567890123456789\r\n";

	switch (fault) {
	case BAD_HEADERS:
		return bad_send_text(connection, "HTTP/1.1 200 OK\r\n") && send_for_ever(connection, more);
	case BAD_EARLY:
		return send_for_ever(connection, "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n");
	case BAD_TRAILERS:
		return bad_send_text(connection, CHUNKED "1\r\nx\r\n0\r\n") && send_for_ever(connection, more);
	default:
		return bad_send_text(connection, CHUNKED "1;") &&
		       send_for_ever(connection, "more=0123456789012345678901234567890123456789;");
	}
}

/* A body that is not as long as what is asked for, or that ends otherwise than its head says. */
static bool send_another_length(struct connection *connection, const struct answer *answer)
{
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
			bad_reset(connection);
		return false;
	case BAD_SHORT:
		return send_head(connection, answer, answer->at) &&
		       send_body(connection, answer, answer->at, answer->at);
	case BAD_LONG:
		return send_head(connection, answer, answer->length + answer->at) &&
		       send_body(connection, answer, answer->length + answer->at, UINT64_MAX);
	default:
		return bad_send_text(connection, "HTTP/1.0 200 OK\r\n\r\n") &&
		       send_body(connection, answer, answer->length,
			       answer->fault == BAD_HTTP10 ? UINT64_MAX : answer->at) &&
		       false;
	}
}

/* False ends the connection. */
static bool misbehave(struct connection *connection, const struct answer *answer)
{
	char header[64];

	switch (answer->fault) {
	case BAD_STALL:
	case BAD_CUT:
	case BAD_RESET:
	case BAD_SHORT:
	case BAD_LONG:
	case BAD_HTTP10:
	case BAD_HTTP10_CUT:
		return send_another_length(connection, answer);
	case BAD_STATUS:
		return send_status(connection, (unsigned int)answer->at, "", "a page about it\n");
	case BAD_BUSY:
		(void)snprintf(header, sizeof(header), "Retry-After: %" PRIu64 "\r\n", answer->at);
		return send_status(connection, 503, header, "busy\n");
	case BAD_GARBAGE:
		return bad_send(connection, "\x16\x03\x00\x01 this is no HTTP\r\n\r\n", 24) && false;
	case BAD_REDIRECT_LOOP:
		return send_redirect(connection, "again");
	case BAD_REDIRECT:
		return send_redirect(connection, connection->server->redirect_to);
	case BAD_DRIP:
		return send_drip(connection);
	case BAD_CHUNKED_CUT:
		return send_chunked_cut(connection, answer);
	case BAD_ENDLESS:
		return send_endless(connection);
	case BAD_HEADERS:
	case BAD_EARLY:
	case BAD_TRAILERS:
	case BAD_EXTENSION:
		return send_without_end(connection, answer->fault);
	case BAD_SLOW:
		return send_slowly(connection, "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n", answer->at);
	case BAD_SLOW_HEADERS:
		return send_slowly(connection, "HTTP/1.1 200 OK\r\nX-More: ", answer->at);
	case BAD_PAGE:
		return send_page(connection, answer->at);
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

bool bad_answer(struct connection *connection)
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
