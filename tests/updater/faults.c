#include "tests/updater/faults.h"

#include <stdio.h>

#include "tests/support/test.h"

void faults_init(struct faults *faults)
{
	unsigned int state = 1;

	for (size_t i = 0; i < sizeof(faults->bytes); i++) {
		state = state * 1103515245 + 12345;
		faults->bytes[i] = (unsigned char)(state >> 16);
	}
	folder_init(&faults->folder);
	folder_put(&faults->folder, "file", faults->bytes, sizeof(faults->bytes));
	faults->server = bad_server_start(&(struct bad_server_options){.folder = faults->folder.path});
	(void)snprintf(faults->url, sizeof(faults->url), "%s/file", bad_server_url(faults->server));
	bad_server_redirect_to(faults->server, "file:///etc/passwd");
}

void faults_clear(struct faults *faults)
{
	bad_server_stop(faults->server);
	folder_clear(&faults->folder);
}

struct http_options faults_options(void)
{
	return (struct http_options){.connect_timeout_ms = 2000,
		.stall_timeout_s = 30,
		.total_timeout_s = 60,
		.redirects = HTTP_REDIRECTS_ANY,
		.stop_fd = -1};
}

static int append(void *context, const void *data, size_t len, struct error *err)
{
	return buf_append(context, data, len, err);
}

int faults_get(struct transport *transport, const char *url, uint64_t offset, uint64_t length, struct buf *ret_body,
	struct transport_reply *ret_reply, struct error *err)
{
	struct transport_request request = {
		.url = url, .offset = offset, .length = length, .limit = FAULTS_FILE_SIZE};

	buf_empty(ret_body);
	return transport->ask(transport, &request, append, ret_body, ret_reply, err);
}

#define SILENT "silent or too slow"

/* What is asked for, what the server does, and what must come of it. */
struct row {
	const char *name;
	enum bad_fault fault;
	uint64_t at;
	uint64_t offset, length;
	enum error_code code; /* ERROR_NONE: all bytes arrive */
	const char *text;
	int http_status;
	int64_t retry_after_s;
};

static const struct row rows[] = {
	{"cut", BAD_CUT, 100000, 0, 0, ERROR_NETWORK, "cut", 200, 0},
	{"cut in a part", BAD_CUT, 50, 1000, 5000, ERROR_NETWORK, "cut", 206, 0},
	{"reset", BAD_RESET, 1000, 0, 0, ERROR_NETWORK, "", 200, 0},
	{"close without an answer", BAD_CLOSE, 0, 0, 0, ERROR_NETWORK, "without an answer", 0, 0},
	{"403", BAD_STATUS, 403, 0, 0, ERROR_NOT_FOUND, "403", 403, 0},
	{"404", BAD_STATUS, 404, 0, 0, ERROR_NOT_FOUND, "404", 404, 0},
	{"410", BAD_STATUS, 410, 0, 0, ERROR_NOT_FOUND, "410", 410, 0},
	{"400", BAD_STATUS, 400, 0, 0, ERROR_SERVER, "400", 400, 0},
	{"407", BAD_STATUS, 407, 0, 0, ERROR_NETWORK, "proxy", 407, 0},
	{"416", BAD_STATUS, 416, 0, 0, ERROR_SERVER, "416", 416, 0},
	{"429", BAD_STATUS, 429, 0, 0, ERROR_NETWORK, "429", 429, 0},
	{"500", BAD_STATUS, 500, 0, 0, ERROR_NETWORK, "500", 500, 0},
	{"503 with Retry-After", BAD_BUSY, 120, 0, 0, ERROR_NETWORK, "503", 503, 120},
	{"503 with a Retry-After of years", BAD_BUSY, 999999999, 0, 0, ERROR_NETWORK, "503", 503,
		HTTP_RETRY_AFTER_MOST_S},
	{"wrong length, too short for the part", BAD_SHORT, 10, 1000, 5000, ERROR_SERVER, "another part", 206, 0},
	{"wrong length, too long", BAD_LONG, 1, 0, 0, ERROR_REFUSED, "300001", 200, 0},
	{"wrong length, too long for the part", BAD_LONG, 1, 1000, 5000, ERROR_SERVER, "another part", 206, 0},
	{"truncated, HTTP/1.0 without a length", BAD_HTTP10_CUT, 100, 1000, 5000, ERROR_SERVER, "support ranges", 200,
		0},
	{"truncated, chunked", BAD_CHUNKED_CUT, 1000, 0, 0, ERROR_NETWORK, "", 200, 0},
	{"garbage", BAD_GARBAGE, 0, 0, 0, ERROR_NETWORK, "does not speak HTTP", 0, 0},
	{"headers without end", BAD_HEADERS, 0, 0, 0, ERROR_NETWORK, "more headers or trailers", 200, 0},
	{"one early answer after the other", BAD_EARLY, 0, 0, 0, ERROR_NETWORK, "more headers or trailers", 103, 0},
	{"trailers without end", BAD_TRAILERS, 0, 0, 0, ERROR_NETWORK, "more headers or trailers", 200, 0},
	{"a chunk extension without end", BAD_EXTENSION, 0, 0, 0, ERROR_NETWORK, "far more bytes", 200, 0},
	{"endless", BAD_ENDLESS, 0, 0, 0, ERROR_REFUSED, "allowed", 200, 0},
	{"redirect to a file of ours", BAD_REDIRECT, 0, 0, 0, ERROR_STRANGER, "not http or https", 302, 0},
	{"redirect to nowhere", BAD_STATUS, 302, 0, 0, ERROR_STRANGER, "does not say where", 302, 0},
	{"not modified, unasked", BAD_STATUS, 304, 0, 0, ERROR_STRANGER, "of no use here", 304, 0},
	{"451", BAD_STATUS, 451, 0, 0, ERROR_SERVER, "451", 451, 0},
	{"the whole where a part was asked for", BAD_WHOLE, 0, 1000, 5000, ERROR_SERVER, "support ranges", 200, 0},
	{"another part", BAD_OTHER_RANGE, 0, 1000, 5000, ERROR_SERVER, "another part", 206, 0},
	{"a certificate is wanted", BAD_CERTIFICATE_TEXT, 0, 0, 0, ERROR_CERTIFICATE, "none is installed", 400, 0},
	{"a good answer", BAD_NOTHING, 0, 0, 0, ERROR_NONE, "", 200, 0},
	{"a good part", BAD_NOTHING, 0, 1000, 5000, ERROR_NONE, "", 206, 0},
	{"a good part to the end", BAD_NOTHING, 0, 299990, 0, ERROR_NONE, "", 206, 0},
	{"HTTP/1.0 without a length", BAD_HTTP10, 0, 0, 0, ERROR_NONE, "", 200, 0},
};

static const struct row silent_rows[] = {
	{"stall", BAD_STALL, 1000, 0, 0, ERROR_NETWORK, SILENT, 200, 0},
	{"stall before the first byte", BAD_STALL, 0, 0, 0, ERROR_NETWORK, SILENT, 200, 0},
	{"150 bytes a second", BAD_SLOW, 160, 0, 0, ERROR_NETWORK, SILENT, 200, 0},
	{"headers at 150 bytes a second", BAD_SLOW_HEADERS, 160, 0, 0, ERROR_NETWORK, SILENT, 200, 0},
	{"slow drip", BAD_DRIP, 0, 0, 0, ERROR_NETWORK, SILENT, 200, 0},
};

static void check_bytes(struct faults *faults, const struct row *row, const struct buf *body)
{
	size_t expected = row->length ? row->length : FAULTS_FILE_SIZE - row->offset;

	if (body->len != expected || memcmp(body->data, faults->bytes + row->offset, expected) != 0)
		fail_msg("%s: the bytes are not those of the file", row->name);
}

/* A client that is not patient may give up a machine that is busy: then it is asked again. */
static void check_the_next_attempt(struct faults *faults, struct transport *transport, const struct row *row)
{
	AUTO(buf) struct buf body = BUF_INIT(FAULTS_FILE_SIZE);
	struct transport_reply reply;
	struct error err = {0};

	while (faults_get(transport, faults->url, row->offset, row->length, &body, &reply, &err) < 0)
		if (strcmp(row->text, SILENT) != 0 || !strstr(err.text, SILENT))
			fail_msg("after %s: %s", row->name, err.text);
	check_bytes(faults, row, &body);
}

static void check_row(struct faults *faults, struct transport *transport, const struct row *row)
{
	AUTO(buf) struct buf body = BUF_INIT(FAULTS_FILE_SIZE);
	struct transport_reply reply;
	struct error err = {0};
	int result;

	bad_server_queue(faults->server, row->fault, row->at);
	if (row->fault ==
		BAD_CLOSE) /* the first counts as a kept connection that has gone stale: the request was not taken */
		bad_server_queue(faults->server, row->fault, row->at);
	result = faults_get(transport, faults->url, row->offset, row->length, &body, &reply, &err);
	if (reply.http_status != row->http_status || (result < 0 ? err.retry_after_s : 0) != row->retry_after_s ||
		reply.bytes != body.len)
		fail_msg("%s: status %d, wait %d, %d of %d bytes: %s", row->name, reply.http_status,
			(int)err.retry_after_s, (int)reply.bytes, (int)body.len, err.text);
	if (row->code == ERROR_NONE) {
		if (result < 0)
			fail_msg("%s: %s", row->name, err.text);
		check_bytes(faults, row, &body);
		return;
	}
	if (result == 0 || err.code != row->code || !strstr(err.text, row->text))
		fail_msg("%s: got %s: %s", row->name, result ? error_code_name(err.code) : "success", err.text);
	check_the_next_attempt(faults, transport, row);
}

void faults_check_all(struct faults *faults, struct transport *transport)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(faults, transport, &rows[i]);
}

void faults_check_silence(struct faults *faults, struct transport *transport)
{
	for (size_t i = 0; i < ARRAY_SIZE(silent_rows); i++)
		check_row(faults, transport, &silent_rows[i]);
}
