#include "tools/witness/witness_http.h"

#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "ledger/proof/add_checkpoint.h"

#define CONNECTIONS 64
#define SILENCE_S 30

struct witness_http {
	struct witness *witness;
	const struct log *log;
	struct MHD_Daemon *daemon;
};

struct request {
	struct buf body;
	bool is_too_large;
};

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct witness_answer *answer)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		answer->body.len, (void *)buf_text(&answer->body), MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result = MHD_NO;

	if (response && MHD_add_response_header(response, "Content-Type", answer->content_type) == MHD_YES &&
		MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES)
		result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

static void refuse(struct witness_answer *answer, unsigned int status, const char *sentence)
{
	answer->status = status;
	answer->content_type = "text/plain; charset=utf-8";
	if (buf_printf(&answer->body, NULL, "%s\n", sentence) < 0)
		answer->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
}

/* "/HASH/checkpoint": the hash. */
static bool take_hash(const char *url, struct span *ret_hash)
{
	const char *slash = *url == '/' ? strchr(url + 1, '/') : NULL;

	if (!slash || strcmp(slash, "/checkpoint") != 0)
		return false;
	*ret_hash = (struct span){url + 1, (size_t)(slash - url - 1)};
	return true;
}

static void answer_post(struct witness_http *http, const struct request *request, struct witness_answer *answer)
{
	if (request->is_too_large) {
		refuse(answer, MHD_HTTP_CONTENT_TOO_LARGE, "No log has so much to say.");
		return;
	}
	witness_add_checkpoint(http->witness, (struct span){buf_text(&request->body), request->body.len}, answer);
	if (answer->status != MHD_HTTP_OK)
		log_line(http->log, LOG_LEVEL_WARNING, "refused to cosign: %u %.*s", answer->status,
			(int)strcspn(buf_text(&answer->body), "\n"), buf_text(&answer->body));
}

static void answer_request(struct witness_http *http, const char *method, const char *url,
	const struct request *request, struct witness_answer *answer)
{
	bool is_get = strcmp(method, "GET") == 0, is_post = strcmp(method, "POST") == 0;
	struct span hash;

	if (strcmp(url, "/add-checkpoint") == 0 && is_post)
		answer_post(http, request, answer);
	else if (take_hash(url, &hash) && is_get)
		witness_show_checkpoint(http->witness, hash, answer);
	else if (strcmp(url, "/add-checkpoint") == 0 || take_hash(url, &hash))
		refuse(answer, MHD_HTTP_METHOD_NOT_ALLOWED, "add-checkpoint takes POST, a checkpoint GET.");
	else
		refuse(answer, MHD_HTTP_NOT_FOUND, "There is add-checkpoint, and HASH/checkpoint.");
}

static void take_piece(struct request *request, const char *piece, size_t len)
{
	if (request->is_too_large || buf_append(&request->body, piece, len, NULL) == 0)
		return;
	request->is_too_large = true;
	buf_clear(&request->body);
}

/* Called when the headers are there, for each piece of a body, and when the request is complete. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_len, void **request_context)
{
	struct witness_answer answer = WITNESS_ANSWER_INIT;
	struct request *request = *request_context;
	enum MHD_Result result;

	(void)version;
	if (!request) {
		if ((request = *request_context = calloc(1, sizeof(*request))))
			request->body.limit = ADD_CHECKPOINT_MAX_BYTES;
		return request ? MHD_YES : MHD_NO;
	}
	if (*upload_len > 0) {
		take_piece(request, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	answer_request(context, method, url, request, &answer);
	result = send_answer(connection, &answer);
	buf_clear(&answer.body);
	return result;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
	enum MHD_RequestTerminationCode code)
{
	struct request *request = *request_context;

	(void)context, (void)connection, (void)code;
	if (!request)
		return;
	buf_clear(&request->body);
	free(request);
	*request_context = NULL;
}

struct witness_http *witness_http_start(
	struct witness *witness, int take_listen_fd, const struct log *log, struct error *err)
{
	struct witness_http *http = calloc(1, sizeof(*http));

	if (http) {
		http->witness = witness;
		http->log = log;
		http->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL,
			on_request, http, MHD_OPTION_LISTEN_SOCKET, take_listen_fd, MHD_OPTION_CONNECTION_LIMIT,
			(unsigned int)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)SILENCE_S,
			MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
		if (http->daemon)
			return http;
	}
	free(http);
	(void)close(take_listen_fd);
	(void)error_set(err, ERROR_FAILED, "cannot start to serve");
	return NULL;
}

void witness_http_stop(struct witness_http *http)
{
	if (!http)
		return;
	MHD_stop_daemon(http->daemon);
	free(http);
}
