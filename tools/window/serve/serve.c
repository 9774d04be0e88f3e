#include "tools/window/serve/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <microhttpd.h>

#include "common/web/listen.h"
#include "tools/window/serve/stream.h"

#define CONNECTIONS 24
#define SILENCE_S 30
#define CONNECTION_BYTES (24u * 1024)

struct serve {
	struct serve_handler handler;
	struct gate gate;
	char address[GATE_ORIGIN_SIZE + GATE_SECRET_SIZE + 1];
	uint16_t port;
	struct MHD_Daemon *daemon;
	int epoll_fd;
	uint64_t requests;
	struct stream streams[SERVE_STREAMS];
};

struct arriving {
	struct buf body;
	bool is_too_large;
};

/* ---- Answers ---- */

/* Nothing from elsewhere, nothing inline, in nobody's frame; nothing is kept, and nobody is told where the reader came from. */
static const char *const headers[][2] = {
	{"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
				    "connect-src 'self'; base-uri 'none'; "
				    "form-action 'none'; frame-ancestors 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Cache-Control", "no-store"},
};

static bool add_headers(struct MHD_Response *response)
{
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		if (MHD_add_response_header(response, headers[i][0], headers[i][1]) != MHD_YES)
			return false;
	return true;
}

/* Takes the response, which may be NULL. */
static enum MHD_Result send_response(struct MHD_Connection *connection, unsigned int status, const char *type,
	const char *more, const char *value, struct MHD_Response *take_response)
{
	enum MHD_Result result = MHD_NO;

	if (!take_response)
		return MHD_NO;
	if (add_headers(take_response) &&
		MHD_add_response_header(take_response, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES &&
		(!more || MHD_add_response_header(take_response, more, value) == MHD_YES))
		result = MHD_queue_response(connection, status, take_response);
	MHD_destroy_response(take_response);
	return result;
}

static enum MHD_Result send_text(struct MHD_Connection *connection, unsigned int status, const char *text)
{
	return send_response(connection, status, "text/plain; charset=utf-8", NULL, NULL,
		MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT));
}

/* ---- The one-time address ---- */

/* A redirect would be a step of whoever led the browser here, which may be a file; our own page's step is ours, and the cookie, which
 * goes along with steps of our own only, is sent. */
static enum MHD_Result open_page(struct serve *serve, struct MHD_Connection *connection, bool is_led)
{
	char cookie[160], page[160], folder[64];
	struct MHD_Response *response;

	(void)snprintf(folder, sizeof(folder), "/%s/", serve->gate.folder);
	(void)snprintf(cookie, sizeof(cookie), GATE_COOKIE "=%s; Path=%s; HttpOnly; SameSite=Strict",
		serve->gate.cookie, folder);
	(void)snprintf(page, sizeof(page),
		"<!DOCTYPE html><title>haishin</title><meta http-equiv=\"refresh\" content=\"0;url=%s\">", folder);
	response = MHD_create_response_from_buffer(strlen(page), page, MHD_RESPMEM_MUST_COPY);
	if (!response || MHD_add_response_header(response, MHD_HTTP_HEADER_SET_COOKIE, cookie) != MHD_YES) {
		MHD_destroy_response(response);
		return MHD_NO;
	}
	return send_response(connection, is_led ? MHD_HTTP_OK : MHD_HTTP_SEE_OTHER, "text/html; charset=utf-8",
		MHD_HTTP_HEADER_LOCATION, folder, response);
}

/* ---- Requests ---- */

const char *serve_query(const struct serve_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result answer_stream(struct serve *serve, struct MHD_Connection *connection)
{
	AUTO(buf) struct buf events = BUF_INIT(SERVE_ANSWER_MAX_BYTES);
	struct stream *stream = stream_find_free(serve->streams, SERVE_STREAMS);
	struct MHD_Response *response;

	if (!stream)
		return send_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "Too many pages are open.\n");
	serve->handler.greet(serve->handler.context, &events);
	response = stream_begin(stream, connection, &events);
	return send_response(connection, MHD_HTTP_OK, "text/event-stream", NULL, NULL, response);
}

static enum MHD_Result answer_page(struct serve *serve, struct MHD_Connection *connection, const char *path,
	const struct arriving *arriving, bool is_post)
{
	struct serve_answer answer = {.status = MHD_HTTP_OK, .body = BUF_INIT(SERVE_ANSWER_MAX_BYTES)};
	AUTO(json) json_t *body = is_post ? json_parse(buf_text(&arriving->body), arriving->body.len, NULL) : NULL;
	struct serve_request request = {.path = path, .body = body, .connection = connection};
	struct MHD_Response *response;
	char name[96];

	if (!is_post && strcmp(path, "api/events") == 0)
		return answer_stream(serve, connection);
	if (arriving->is_too_large || (is_post && !body))
		return send_text(
			connection, MHD_HTTP_BAD_REQUEST, "What is asked for is one JSON object of at most 8 KiB.\n");
	serve->handler.answer(serve->handler.context, &request, &answer);
	(void)snprintf(
		name, sizeof(name), "attachment; filename=\"%.60s\"", answer.file_name ? answer.file_name : "");
	response = MHD_create_response_from_buffer(
		answer.body.len, (void *)buf_text(&answer.body), MHD_RESPMEM_MUST_COPY);
	buf_clear(&answer.body);
	return send_response(connection, answer.status, answer.type ? answer.type : "text/plain; charset=utf-8",
		answer.file_name ? "Content-Disposition" : NULL, name, response);
}

static enum MHD_Result answer_request(struct serve *serve, struct MHD_Connection *connection, const char *method,
	const char *url, const struct arriving *arriving)
{
	struct gate_request request = {
		.method = method,
		.url = url,
		.host = header(connection, "Host"),
		.origin = header(connection, "Origin"),
		.site = header(connection, "Sec-Fetch-Site"),
		.type = header(connection, "Content-Type"),
		.cookie = header(connection, "Cookie"),
	};
	const char *path = "";

	switch (gate_ask(&serve->gate, &request, &path)) {
	case GATE_OPENS:
		return open_page(serve, connection, request.site && strcmp(request.site, "none") != 0);
	case GATE_LETS_PASS:
		serve->requests++;
		return answer_page(serve, connection, path, arriving, strcmp(method, "POST") == 0);
	case GATE_IS_SPENT:
		return send_text(connection, MHD_HTTP_GONE,
			"This address was opened already. Close this page and start haishin from the menu.\n"
			"このアドレスは使用済みです。このページを閉じて、メニューから配信アプリケーション管理ツールを"
			"起動してください。\n");
	case GATE_REFUSES:
		break;
	}
	return send_text(connection, MHD_HTTP_FORBIDDEN, "Not for you. / アクセスできません。\n");
}

static void take_piece(struct arriving *arriving, const char *piece, size_t len)
{
	if (arriving->is_too_large || buf_append(&arriving->body, piece, len, NULL) == 0)
		return;
	arriving->is_too_large = true;
	buf_clear(&arriving->body);
}

/* Called when the headers are there, for each piece of a body, and when the request is complete. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_len, void **request_context)
{
	struct arriving *arriving = *request_context;

	(void)version;
	if (!arriving) {
		if ((arriving = *request_context = calloc(1, sizeof(*arriving))))
			arriving->body.limit = SERVE_BODY_MAX_BYTES;
		return arriving ? MHD_YES : MHD_NO;
	}
	if (*upload_len > 0) {
		take_piece(arriving, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	return answer_request(context, connection, method, url, arriving);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
	enum MHD_RequestTerminationCode code)
{
	struct arriving *arriving = *request_context;

	(void)context, (void)connection, (void)code;
	if (!arriving)
		return;
	buf_clear(&arriving->body);
	free(arriving);
	*request_context = NULL;
}

/* Another account of this machine gets no word out of us. Where the kernel's table cannot be read, the gate stands alone. */
static enum MHD_Result on_connection(void *context, const struct sockaddr *address, socklen_t len)
{
	const struct serve *serve = context;
	struct sockaddr_in peer;
	uid_t uid;

	if (len < sizeof(peer) || address->sa_family != AF_INET)
		return MHD_NO;
	memcpy(&peer, address, sizeof(peer));
	return !gate_find_peer(ntohs(peer.sin_port), serve->port, &uid) || uid == geteuid() ? MHD_YES : MHD_NO;
}

/* ---- Pages that listen ---- */

void serve_event(struct buf *events, const char *name, const json_t *data)
{
	size_t before = events->len;

	if (buf_printf(events, NULL, "event: %s\ndata: ", name) < 0 || json_write(data, events, NULL) < 0 ||
		buf_printf(events, NULL, "\n\n") < 0)
		events->len = before;
}

void serve_push(struct serve *serve, const char *name, const json_t *data)
{
	AUTO(buf) struct buf event = BUF_INIT(SERVE_ANSWER_MAX_BYTES);

	serve_event(&event, name, data);
	for (size_t i = 0; i < SERVE_STREAMS; i++)
		stream_tell(&serve->streams[i], &event);
}

int serve_listeners(const struct serve *serve)
{
	int count = 0;

	for (size_t i = 0; i < SERVE_STREAMS; i++)
		count += stream_is_open(&serve->streams[i]);
	return count;
}

/* ---- Start and end ---- */

static int start_daemon(struct serve *serve, struct error *err)
{
	unsigned int port;
	int listen_fd = listen_open("127.0.0.1:0", &port, err);
	const union MHD_DaemonInfo *info;

	if (listen_fd < 0)
		return -1;
	serve->port = (uint16_t)port;
	serve->daemon =
		MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, on_connection, serve, on_request, serve,
			MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS,
			MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)SILENCE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
			(size_t)CONNECTION_BYTES, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
	if (!serve->daemon) {
		(void)close(listen_fd);
		return error_set(err, ERROR_FAILED, "cannot start to serve the window");
	}
	info = MHD_get_daemon_info(serve->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	serve->epoll_fd = info ? info->listen_fd : -1;
	return gate_init(&serve->gate, port, err);
}

int serve_start(const struct serve_handler *handler, struct serve **ret_serve, struct error *err)
{
	AUTO(serve) struct serve *serve = calloc(1, sizeof(*serve));

	if (!serve)
		return error_set(err, ERROR_FAILED, "no memory for the window");
	serve->handler = *handler;
	if (start_daemon(serve, err) < 0)
		return -1;
	(void)snprintf(serve->address, sizeof(serve->address), "%s/%s", serve->gate.origin, serve->gate.token);
	*ret_serve = take_ptr(&serve);
	return 0;
}

void serve_stop(struct serve *serve)
{
	if (!serve)
		return;
	for (size_t i = 0; i < SERVE_STREAMS; i++)
		stream_end(&serve->streams[i]);
	if (serve->daemon) {
		(void)MHD_run(serve->daemon);
		MHD_stop_daemon(serve->daemon);
	}
	free(serve);
}

const char *serve_address(const struct serve *serve)
{
	return serve->address;
}

uint64_t serve_requests(const struct serve *serve)
{
	return serve->requests;
}

/* ---- Waiting ---- */

size_t serve_polls(const struct serve *serve, struct pollfd ret_polls[static SERVE_POLLS])
{
	size_t count = 0;

	ret_polls[count++] = (struct pollfd){.fd = serve->epoll_fd, .events = POLLIN};
	for (size_t i = 0; i < SERVE_STREAMS; i++)
		ret_polls[count++] = (struct pollfd){.fd = stream_fd(&serve->streams[i]), .events = POLLRDHUP};
	return count;
}

int serve_timeout_ms(const struct serve *serve)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms;

	if (MHD_get_timeout(serve->daemon, &timeout_ms) != MHD_YES)
		return -1;
	return timeout_ms > INT32_MAX ? INT32_MAX : (int)timeout_ms;
}

void serve_run(struct serve *serve, const struct pollfd *polls, size_t count)
{
	for (size_t i = 0; i < SERVE_STREAMS && i + 1 < count; i++)
		if (polls[i + 1].fd >= 0 && polls[i + 1].fd == stream_fd(&serve->streams[i]) && polls[i + 1].revents)
			stream_end(&serve->streams[i]);
	(void)MHD_run(serve->daemon);
}
