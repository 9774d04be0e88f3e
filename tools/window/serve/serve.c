#include "tools/window/serve/serve.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <microhttpd.h>

#include "common/web/listen.h"
#include "tools/window/serve/respond.h"
#include "tools/window/serve/stream.h"

#define CONNECTIONS 24
#define SILENCE_S 30
#define CONNECTION_BYTES (24u * 1024)
#define HEARD_OUT_BYTES (1024u * 1024) /* the longest body that is read to its end, to be told that it is too long */

static const char too_large[] = "What is asked for is one JSON object of at most 8 KiB.\n";

struct serve {
	struct serve_handler handler;
	struct gate gate;
	char address[GATE_ORIGIN_SIZE + GATE_SECRET_SIZE + 1];
	uint16_t port;
	struct MHD_Daemon *daemon;
	int epoll_fd;
	uint64_t requests;
	struct stream streams[SERVE_STREAMS];
	struct arriving *waiting[SERVE_WAITING]; /* for an answer that was put off; NULL: none */
};

/* One request, from its headers to its answer. */
struct arriving {
	enum gate_answer verdict;
	const char *path; /* below the page; in the request's own memory */
	bool is_led;	  /* a page of somebody else's, or a file, has led the browser here */
	struct buf body;
	bool is_too_large;
	uint64_t number;
	struct MHD_Connection *connection; /* sleeps, where it waits for an answer that was put off */
	struct serve_answer answer;
	bool is_answered;
	bool has_gone;
};

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
	return respond(connection, is_led ? MHD_HTTP_OK : MHD_HTTP_SEE_OTHER, "text/html; charset=utf-8",
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
		return respond_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "Too many pages are open.\n");
	serve->handler.greet(serve->handler.context, &events);
	response = stream_begin(stream, connection, &events);
	return respond(connection, MHD_HTTP_OK, "text/event-stream", NULL, NULL, response);
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct serve_answer *take_answer)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		take_answer->body.len, (void *)buf_text(&take_answer->body), MHD_RESPMEM_MUST_COPY);
	char name[96];

	(void)snprintf(name, sizeof(name), "attachment; filename=\"%.60s\"",
		take_answer->file_name ? take_answer->file_name : "");
	buf_clear(&take_answer->body);
	return respond(connection, take_answer->status,
		take_answer->type ? take_answer->type : "text/plain; charset=utf-8",
		take_answer->file_name ? "Content-Disposition" : NULL, name, response);
}

static struct arriving **find_waiting(struct serve *serve, const struct arriving *arriving)
{
	for (size_t i = 0; i < SERVE_WAITING; i++)
		if (serve->waiting[i] == arriving)
			return &serve->waiting[i];
	return NULL;
}

static enum MHD_Result answer_post(struct serve *serve, struct MHD_Connection *connection, struct arriving *arriving)
{
	struct serve_answer answer = {.status = SERVE_OK, .body = BUF_INIT(SERVE_ANSWER_MAX_BYTES)};
	AUTO(json) json_t *body = json_parse(buf_text(&arriving->body), arriving->body.len, NULL);
	struct serve_request request = {
		.path = arriving->path, .body = body, .connection = connection, .number = arriving->number};
	struct arriving **place = find_waiting(serve, NULL);

	if (arriving->is_too_large || !body)
		return respond_text(
			connection, MHD_HTTP_BAD_REQUEST, too_large);
	if (!place)
		return respond_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "Too much is asked for at once.\n");
	serve->handler.answer(serve->handler.context, &request, &answer);
	if (!answer.is_later)
		return send_answer(connection, &answer);
	buf_clear(&answer.body);
	*place = arriving;
	arriving->connection = connection;
	MHD_suspend_connection(connection);
	return MHD_YES;
}

static enum MHD_Result answer_get(struct serve *serve, struct MHD_Connection *connection, const char *path)
{
	struct serve_answer answer = {.status = SERVE_OK, .body = BUF_INIT(SERVE_ANSWER_MAX_BYTES)};
	struct serve_request request = {.path = path, .connection = connection};

	if (strcmp(path, "api/events") == 0)
		return answer_stream(serve, connection);
	serve->handler.answer(serve->handler.context, &request, &answer);
	return send_answer(connection, &answer);
}

/* The request is complete; or its answer, which was put off, is there. */
static enum MHD_Result answer_request(
	struct serve *serve, struct MHD_Connection *connection, const char *method, struct arriving *arriving)
{
	if (arriving->has_gone)
		return MHD_NO;
	if (arriving->is_answered)
		return send_answer(connection, &arriving->answer);
	if (arriving->verdict == GATE_OPENS)
		return open_page(serve, connection, arriving->is_led);
	serve->requests++;
	arriving->number = serve->requests;
	return strcmp(method, "POST") == 0 ? answer_post(serve, connection, arriving)
					   : answer_get(serve, connection, arriving->path);
}

/* ---- Who gets in ---- */

struct count {
	const char *name;
	int times;
};

static enum MHD_Result count_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct count *count = context;

	(void)kind, (void)value;
	count->times += strcasecmp(name, count->name) == 0;
	return MHD_YES;
}

/* Of two, each reader might believe another; of a body's end too. Browsers send neither. */
static bool is_ambiguous(struct MHD_Connection *connection)
{
	static const char *const once[] = {"Host", "Origin", "Sec-Fetch-Site", "Content-Type", "Content-Length", "Cookie"};

	for (size_t i = 0; i < ARRAY_SIZE(once); i++) {
		struct count count = {.name = once[i]};

		(void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count_header, &count);
		if (count.times > 1)
			return true;
	}
	return header(connection, "Transfer-Encoding") != NULL;
}

/* How long it says its body is; SIZE_MAX for what is no length. */
static size_t body_length(struct MHD_Connection *connection)
{
	const char *length = header(connection, "Content-Length");

	if (!length)
		return 0;
	return strspn(length, "0123456789") == strlen(length) && strlen(length) <= 9 ? strtoul(length, NULL, 10) : SIZE_MAX;
}

/* The gate is asked once the headers are there: whoever is refused sends no body. */
static enum MHD_Result begin_request(struct serve *serve, struct MHD_Connection *connection, const char *method,
	const char *url, struct arriving *arriving)
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

	arriving->is_led = request.site && strcmp(request.site, "none") != 0;
	arriving->verdict =
		is_ambiguous(connection) ? GATE_REFUSES : gate_ask(&serve->gate, &request, &arriving->path);
	if (arriving->verdict == GATE_IS_SPENT)
		return respond_text(connection, MHD_HTTP_GONE,
			"This address was opened already. Close this page and start haishin from the menu.\n"
			"このアドレスは使用済みです。このページを閉じて、メニューから配信アプリケーション管理ツールを"
			"起動してください。\n");
	if (arriving->verdict == GATE_REFUSES)
		return respond_text(connection, MHD_HTTP_FORBIDDEN, "Not for you. / アクセスできません。\n");
	return body_length(connection) > HEARD_OUT_BYTES ? respond_text(connection, MHD_HTTP_CONTENT_TOO_LARGE, too_large) : MHD_YES;
}

/* Called when the headers are there, for each piece of a body, when the request is complete, and when it was woken for its answer. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_len, void **request_context)
{
	struct arriving *arriving = *request_context;

	(void)version;
	if (!arriving) {
		if (!(arriving = *request_context = calloc(1, sizeof(*arriving))))
			return MHD_NO;
		arriving->body.limit = SERVE_BODY_MAX_BYTES;
		return begin_request(context, connection, method, url, arriving);
	}
	if (*upload_len > 0) {
		arriving->is_too_large |= buf_append(&arriving->body, upload, *upload_len, NULL) < 0;
		*upload_len = 0;
		return MHD_YES;
	}
	return answer_request(context, connection, method, arriving);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
	enum MHD_RequestTerminationCode code)
{
	struct serve *serve = context;
	struct arriving *arriving = *request_context, **place;

	(void)connection, (void)code;
	if (!arriving)
		return;
	if ((place = find_waiting(serve, arriving))) {
		*place = NULL;
		serve->handler.gone(serve->handler.context, arriving->number);
	}
	buf_clear(&arriving->body);
	buf_clear(&arriving->answer.body);
	free(arriving);
	*request_context = NULL;
}

/* ---- Answers that were put off ---- */

static void wake(struct arriving *arriving)
{
	struct MHD_Connection *connection = arriving->connection;

	arriving->connection = NULL;
	if (connection)
		MHD_resume_connection(connection);
}

void serve_finish(struct serve *serve, uint64_t number, struct serve_answer *take_answer)
{
	for (size_t i = 0; i < SERVE_WAITING; i++) {
		struct arriving *arriving = serve->waiting[i];

		if (!arriving || arriving->number != number)
			continue;
		arriving->answer = *take_answer;
		take_answer->body = (struct buf){0};
		arriving->is_answered = true;
		serve->waiting[i] = NULL;
		wake(arriving);
	}
	buf_clear(&take_answer->body);
}

void serve_put_json(struct serve_answer *answer, json_t *take_value)
{
	AUTO(json) json_t *value = take_value;

	answer->type = "application/json";
	if (!value || json_write(value, &answer->body, NULL) < 0)
		answer->status = SERVE_FAILED;
}

static void leave(struct arriving *arriving)
{
	arriving->has_gone = true;
	wake(arriving);
}

static int waiting_fd(const struct arriving *arriving)
{
	const union MHD_ConnectionInfo *info =
		arriving && arriving->connection
			? MHD_get_connection_info(arriving->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
			: NULL;

	return info ? info->connect_fd : -1;
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

/* A NUL would end what we see of an address, not what was asked for. */
static size_t unescape(void *context, struct MHD_Connection *connection, char *text)
{
	size_t len = MHD_http_unescape(text);

	(void)context, (void)connection;
	for (size_t i = 0; i < len; i++)
		if (!text[i])
			text[i] = '?';
	return len;
}

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
			(size_t)CONNECTION_BYTES, MHD_OPTION_NOTIFY_COMPLETED, on_completed, serve,
			MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_END);
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
	for (size_t i = 0; i < SERVE_WAITING; i++)
		if (serve->waiting[i])
			leave(serve->waiting[i]);
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

void serve_polls(const struct serve *serve, struct pollfd ret_polls[static SERVE_POLLS])
{
	size_t count = 0;

	ret_polls[count++] = (struct pollfd){.fd = serve->epoll_fd, .events = POLLIN};
	for (size_t i = 0; i < SERVE_STREAMS; i++)
		ret_polls[count++] = (struct pollfd){.fd = stream_fd(&serve->streams[i]), .events = POLLRDHUP};
	for (size_t i = 0; i < SERVE_WAITING; i++)
		ret_polls[count++] = (struct pollfd){.fd = waiting_fd(serve->waiting[i]), .events = POLLRDHUP};
}

int serve_timeout_ms(const struct serve *serve)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms;

	if (MHD_get_timeout(serve->daemon, &timeout_ms) != MHD_YES)
		return -1;
	return timeout_ms > INT32_MAX ? INT32_MAX : (int)timeout_ms;
}

static bool is_told_of(const struct pollfd *poll, int fd)
{
	return poll->fd >= 0 && poll->fd == fd && poll->revents;
}

void serve_run(struct serve *serve, const struct pollfd polls[static SERVE_POLLS])
{
	const struct pollfd *of_streams = polls + 1, *of_waiting = of_streams + SERVE_STREAMS;

	for (size_t i = 0; i < SERVE_STREAMS; i++)
		if (is_told_of(&of_streams[i], stream_fd(&serve->streams[i])))
			stream_end(&serve->streams[i]);
	for (size_t i = 0; i < SERVE_WAITING; i++)
		if (is_told_of(&of_waiting[i], waiting_fd(serve->waiting[i])))
			leave(serve->waiting[i]);
	(void)MHD_run(serve->daemon);
}
