/* Requests that no well-behaved client writes, byte by byte as they go over the wire, from a client with a good certificate: what is a
 * report is taken as such however it is wrapped, what is none costs its sender alone, and no request hides behind another. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/collector/collector_fixture.h"
#include "tests/support/test.h"

#define CERTIFICATE_SIZE 8192
#define ENDED "ended" /* the connection ends without an answer */

struct wire {
	struct collector collector;
	struct report_maker maker;
	char certificate[CERTIFICATE_SIZE]; /* as nginx hands it on */
};

static int setup(void **state)
{
	struct wire *wire = calloc(1, sizeof(*wire));
	size_t len = 0;

	collector_init(&wire->collector);
	wire->collector.socket = "http.sock";
	(void)strcpy(wire->collector.more, "[reports]\nper_hour = 1000000\n");
	collector_start(&wire->collector);
	report_maker_init(&wire->maker, collector_now_s());
	for (const char *at = wire->collector.terminal.pem; *at && len + 4 < CERTIFICATE_SIZE; at++)
		len += (size_t)snprintf(
			wire->certificate + len, CERTIFICATE_SIZE - len, "%%%02X", (unsigned char)*at);
	*state = wire;
	return 0;
}

static int teardown(void **state)
{
	struct wire *wire = *state;

	collector_stop(&wire->collector);
	report_maker_clear(&wire->maker);
	collector_clear(&wire->collector);
	free(wire);
	return 0;
}

static int call(const struct wire *wire)
{
	struct sockaddr_un there = {.sun_family = AF_UNIX};
	const struct timeval patience = {.tv_sec = 120};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(snprintf(there.sun_path, sizeof(there.sun_path), "%.90s/http.sock", wire->collector.folder.path) > 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&there, sizeof(there)), 0);
	return fd;
}

/* Whoever is sent away early does not read on. */
static void say(int fd, const void *bytes, size_t len)
{
	ssize_t said;

	for (const char *at = bytes; len > 0 && (said = send(fd, at, len, MSG_NOSIGNAL)) > 0; at += said)
		len -= (size_t)said;
}

/* All that is answered until the connection ends. */
static void ask_raw(const struct wire *wire, const void *bytes, size_t len, struct buf *ret_answer)
{
	char piece[4096];
	int fd = call(wire);
	ssize_t got;

	buf_empty(ret_answer);
	say(fd, bytes, len);
	(void)shutdown(fd, SHUT_WR);
	while ((got = recv(fd, piece, sizeof(piece), 0)) > 0)
		assert_int_equal(buf_append(ret_answer, piece, (size_t)got, NULL), 0);
	if (got < 0 && errno == EAGAIN)
		fail_msg("the connection of '%.200s' goes on for ever behind '%s'", (const char *)bytes, buf_text(ret_answer));
	(void)close(fd);
}

static size_t count(const char *text, const char *part)
{
	size_t found = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		found++;
	return found;
}

/* The status of the last answer is among those of STATUSES, which have blanks around. */
static void assert_status(const struct buf *answer, const char *statuses, const char *what)
{
	const char *text = buf_text(answer), *last = NULL;
	char status[16] = " " ENDED " ";

	for (const char *at = text; (at = strstr(at, "HTTP/1.")); at++)
		last = at;
	if (last)
		(void)snprintf(status, sizeof(status), " %.3s ", last + strlen("HTTP/1.1 "));
	if (!strstr(statuses, status))
		fail_msg("%s: expected one of%s, got%s: %s", what, statuses, status, text);
}

static void put(struct buf *text, const char *part)
{
	assert_int_equal(buf_append(text, part, strlen(part), NULL), 0);
}

static void put_who(const struct wire *wire, struct buf *request)
{
	assert_int_equal(buf_printf(request, NULL,
				 "Host: localhost\r\nX-Client-Verify: SUCCESS\r\nX-Client-Certificate: %s\r\n",
				 wire->certificate),
		0);
}

/* In pieces of a chunk each. */
static void put_chunked(struct buf *request, const struct buf *body, size_t each)
{
	for (size_t at = 0, len; at < body->len; at += len) {
		len = body->len - at < each ? body->len - at : each;
		assert_int_equal(buf_printf(request, NULL, "%zx\r\n", len), 0);
		assert_int_equal(buf_append(request, body->data + at, len, NULL), 0);
		put(request, "\r\n");
	}
	put(request, "0\r\nX-Client-Certificate: none\r\nContent-Length: 7\r\n\r\n");
}

/* ---- What is a report ---- */

TEST_CASE(test_a_report_is_one_however_it_is_wrapped)
{
	static const char *const headers[] = {"", "Content-Type: text/html\r\n", "Content-Type: application/x-www-form-urlencoded\r\n",
		"Content-Type: multipart/form-data; boundary=x\r\n", "Content-Type: ; ; =\r\n", "Expect: 100-continue\r\n",
		"Connection: close, keep-alive, upgrade\r\nUpgrade: h2c\r\n", "Accept: */*;q=0\r\n", "Cookie: lang=\r\n"};
	AUTO(buf) struct buf body = BUF_INIT(65536);
	AUTO(buf) struct buf request = BUF_INIT(1u << 20);
	AUTO(buf) struct buf answer = BUF_INIT(1u << 20);
	struct wire *wire = *state;

	for (size_t i = 0; i < 2 * ARRAY_SIZE(headers); i++) {
		report_maker_make(&wire->maker, &body);
		buf_empty(&request);
		put(&request, "POST /reports HTTP/1.1\r\n");
		put_who(wire, &request);
		put(&request, headers[i / 2]);
		if (i % 2) {
			put(&request, "Transfer-Encoding: chunked\r\nTrailer: X-Client-Certificate\r\n\r\n");
			put_chunked(&request, &body, 100);
		} else {
			assert_int_equal(buf_printf(&request, NULL, "Content-Length: %zu\r\n\r\n", body.len), 0);
			assert_int_equal(buf_append(&request, body.data, body.len, NULL), 0);
		}
		ask_raw(wire, request.data, request.len, &answer);
		assert_status(&answer, " 200 ", headers[i / 2]);
		assert_int_equal(count(buf_text(&answer), "\"receipt\""), 1);
	}
}

/* ---- What is none ---- */

static const struct {
	const char *line, *headers, *statuses;
} refused[] = {
	{"POST /reports HTTP/1.1", "Content-Length: 5\r\nContent-Length: 9\r\n", " 400 "},
	{"POST /reports HTTP/1.1", "Content-Length: -1\r\n", " 400 "},
	{"POST /reports HTTP/1.1", "Content-Length: 0x10\r\n", " 400 "},
	{"POST /reports HTTP/1.1", "Content-Length: 99999999999999999999999\r\n", " 400 413 "},
	{"POST /reports HTTP/1.1", "Transfer-Encoding: chunked, chunked\r\n", " 400 "},
	{"POST /reports HTTP/1.1", "Transfer-Encoding: gzip\r\n", " 400 "},
	{"POST /reports HTTP/9.9", "Content-Length: 0\r\n", " 400 505 "},
	{"PRI * HTTP/2.0", "", " 400 404 505 "},
	{"post /reports HTTP/1.1", "Content-Length: 0\r\n", " 400 404 405 501 "},
	{"TRACE /reports HTTP/1.1", "", " 400 405 501 "},
	{"CONNECT localhost:1 HTTP/1.1", "", " 400 404 405 501 "},
	{"OPTIONS * HTTP/1.1", "", " 400 404 405 501 "},
	{"POSTPOSTPOSTPOST /reports HTTP/1.1", "Content-Length: 0\r\n", " 400 404 405 501 "},
	{"GET /api/v1/../v1/fleet HTTP/1.1", "", " 400 403 404 "},
	{"GET //api/v1/fleet HTTP/1.1", "", " 400 404 "},
	{"GET /api/v1/fleet/ HTTP/1.1", "", " 400 404 "},
	{"GET /%61pi/v1/fleet HTTP/1.1", "", " 403 404 "},
	{"GET /api/v1/fleet%00 HTTP/1.1", "", " 400 403 404 "},
	{"GET /reports;/../api/v1/fleet HTTP/1.1", "", " 400 404 "},
	{"GET /ledger/tile/../../collector.db HTTP/1.1", "", " 400 404 "},
	{"GET /ledger/%2e%2e/collector.db HTTP/1.1", "", " 400 404 "},
	{"GET /ledger/tile/%252e%252e/%252e%252e/collector.db HTTP/1.1", "", " 400 404 "},
	{"GET /page/%2e%2e%2fcollector.db HTTP/1.1", "", " 400 404 "},
	{"GET /proofs/%00 HTTP/1.1", "", " 400 404 "},
	{"GET http://elsewhere/api/v1/fleet HTTP/1.1", "", " 400 403 404 "},
};

TEST_CASE(test_what_is_no_request_is_refused_and_hides_no_other)
{
	AUTO(buf) struct buf request = BUF_INIT(1u << 20);
	AUTO(buf) struct buf answer = BUF_INIT(1u << 20);
	struct wire *wire = *state;

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		buf_empty(&request);
		put(&request, refused[i].line);
		put(&request, "\r\n");
		put_who(wire, &request);
		put(&request, refused[i].headers);
		put(&request, "\r\n");
		ask_raw(wire, request.data, request.len, &answer);
		assert_status(&answer, refused[i].statuses, refused[i].line);
		assert_null(strstr(buf_text(&answer), "SQLite"));
	}
}

/* A length and chunks: whoever believes the one would take the rest for another request than whoever believes the other. */
TEST_CASE(test_a_body_with_two_ends_hides_no_second_request)
{
	static const char both[] = "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
	AUTO(buf) struct buf request = BUF_INIT(1u << 20);
	AUTO(buf) struct buf answer = BUF_INIT(1u << 20);
	struct wire *wire = *state;

	put(&request, "POST /reports HTTP/1.1\r\n");
	put_who(wire, &request);
	put(&request, both);
	put(&request, "GET /api/v1/openapi.json HTTP/1.1\r\n");
	put_who(wire, &request);
	put(&request, "\r\n");
	ask_raw(wire, request.data, request.len, &answer);
	assert_int_equal(count(buf_text(&answer), "HTTP/1.1 "), 1);
	assert_status(&answer, " 400 ", both);
}

TEST_CASE(test_too_much_of_anything_ends)
{
#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"
	static const struct {
		const char *line, *headers, *unit;
		size_t times;
	} floods[] = {
		{"GET /reports HTTP/1.1\r\n", "", "X-Header: 0123456789\r\n", 40000},
		{"GET /reports HTTP/1.1\r\n", "X-Long: ", "0123456789", 90000},
		{"GET /reports HTTP/1.1\r\n", "X-Folded: a", "\r\n b", 90000},
		{"POST /reports HTTP/1.1\r\n", CHUNKED, "1\r\n[\r\n", 100000},
		{"POST /reports HTTP/1.1\r\n", CHUNKED "1;", "0123456789", 90000},
		{"POST /reports HTTP/1.1\r\n", CHUNKED, "F", 100},
		{"POST /reports HTTP/1.1\r\n", CHUNKED "0\r\n", "X-Trailer: 0123456789\r\n", 40000},
		{"GET /api/v1/terminals?", "", "name=1&", 100000},
	};
	AUTO(buf) struct buf request = BUF_INIT(1u << 21);
	AUTO(buf) struct buf answer = BUF_INIT(1u << 20);
	struct wire *wire = *state;

	for (size_t i = 0; i < ARRAY_SIZE(floods); i++) {
		buf_empty(&request);
		put(&request, floods[i].line);
		if (strchr(floods[i].line, '\n'))
			put_who(wire, &request);
		put(&request, floods[i].headers);
		for (size_t at = 0; at < floods[i].times; at++)
			put(&request, floods[i].unit);
		put(&request, "\r\n\r\n");
		ask_raw(wire, request.data, request.len, &answer);
		assert_status(&answer, " 400 413 414 431 500 501 " ENDED " ", floods[i].line);
		report_maker_make(&wire->maker, &request);
	}
	/* The next one is heard as before. */
	{
		char header[CERTIFICATE_SIZE + 64], base[600];
		struct ask_answer heard = {0};
		struct ask *ask;

		(void)snprintf(header, sizeof(header), "X-Client-Certificate: %s", wire->certificate);
		(void)snprintf(base, sizeof(base), "unix:%s/http.sock", wire->collector.folder.path);
		ask = ask_new(base, NULL, NULL);
		ask_add_header(ask, header);
		ask_add_header(ask, "X-Client-Verify: SUCCESS");
		assert_int_equal(ask_for(ask, "/reports", buf_text(&request), request.len, &heard), 200);
		ask_answer_clear(&heard);
		ask_free(ask);
	}
}

TESTS(setup, teardown)
