#include "tools/server/server.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <microhttpd.h>

#include "common/digest.h"
#include "common/web/patience.h"
#include "common/web/shares.h"
#include "tools/server/access_log.h"
#include "tools/server/request.h"

/* For the headers of a request and of its answer. */
#define CONNECTION_MEMORY 32768
/* A connection without a byte for so long is closed. */
#define SILENCE_S 60
/* The body of a request, and the pause before the next, take no longer. */
#define REQUEST_S 120
/* Of a body, before the connection ends without an answer. */
#define RECEIVED_MOST (1u << 20)
#define REPORT_PATH "/reports"

struct server {
	struct server_setup setup;
	struct MHD_Daemon *daemon;
	struct request_context context;
	struct patience *patience;
	struct shares *shares;
	pthread_mutex_t lock;	 /* guards under_way */
	pthread_cond_t all_done; /* under_way became 0 */
	unsigned int under_way;	 /* requests begun and not ended */
};

/* What is known of a connection's client. */
struct client {
	bool checked;
	const char *refusal; /* NULL: accepted */
	struct tls_stay stay;
	struct reports_sender sender;
	struct patience_entry waiting;
	struct share share;
};

/* ---- Clients ---- */

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
	enum MHD_ConnectionNotificationCode code)
{
	struct server *server = context;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct client *client = *socket_context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = client = calloc(1, sizeof(*client));
		if (client && info)
			patience_begin(
				server->patience, &client->waiting, info->connect_fd, server->setup.options->handshake_s);
	} else if (client) {
		patience_end(server->patience, &client->waiting);
		shares_give_back(server->shares, &client->share);
		free(client);
		*socket_context = NULL;
	}
}

/* What libmicrohttpd answers holds until it is asked again: newer ones have one place for all answers. */
static struct client *client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void note_certificate(void *session, struct reports_sender *sender)
{
	size_t len;
	const void *der = tls_client_certificate(session, &len);
	struct sha256 digest;

	if (!der)
		return;
	sha256_of(der, len, &digest);
	(void)sha256_hex(&digest, sender->certificate);
}

static bool is_checked(const struct server *server, const struct client *client)
{
	return client->checked &&
	       (client->refusal ||
		       tls_stay_holds(server->setup.tls, &client->stay, server->setup.clock->now_s(server->setup.clock)));
}

/* NULL if the client behind CONNECTION is accepted; else the reason. Asked once for each connection, and again where the answer may
 * have become another one. */
static const char *refusal_of(const struct server *server, struct MHD_Connection *connection)
{
	struct client *client = client_of(connection);
	const union MHD_ConnectionInfo *info;

	if (!server->setup.tls || server->setup.tls->client_ca_pem.len == 0)
		return NULL;
	if (!client || !(info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION)))
		return "The SSL certificate cannot be checked";
	if (!is_checked(server, client)) {
		tls_stay_note(server->setup.tls, info->tls_session, &client->stay);
		client->refusal = tls_check_client(server->setup.tls, info->tls_session, client->sender.subject);
		note_certificate(info->tls_session, &client->sender);
	}
	client->checked = true;
	return client->refusal;
}

/* False: the certificate holds as many connections as one may. */
static bool has_share(struct server *server, struct MHD_Connection *connection)
{
	struct client *client = client_of(connection);
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	const void *der;
	size_t len;

	if (!server->setup.tls || !info || !client || !(der = tls_client_certificate(info->tls_session, &len)))
		return true;
	return shares_take(server->shares, der, len, &client->share);
}

/* Gives the connection time for the next that is expected of it; 0: as long as it takes. */
static void wait_for(struct server *server, struct MHD_Connection *connection, int64_t most_s)
{
	struct client *client = client_of(connection);

	if (client && most_s)
		patience_begin(server->patience, &client->waiting, client->waiting.fd, most_s);
	else if (client)
		patience_end(server->patience, &client->waiting);
}

/* ---- Requests ---- */

static int64_t now_ms(const struct server *server)
{
	return server->setup.clock->monotonic_ms(server->setup.clock);
}

static struct request *request_begin(struct server *server, const char *method, const char *path)
{
	struct request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->began_ms = now_ms(server);
	request->body.limit = REPORT_MOST_BYTES;
	(void)snprintf(request->method, sizeof(request->method), "%s", method);
	(void)snprintf(request->path, sizeof(request->path), "%s", path);
	(void)pthread_mutex_lock(&server->lock);
	server->under_way++;
	(void)pthread_mutex_unlock(&server->lock);
	return request;
}

static void request_log(
	const struct server *server, struct MHD_Connection *connection, const struct request *request, bool cut)
{
	const struct client *client = client_of(connection);
	struct access_entry entry = {
		.time_s = server->setup.clock->now_s(server->setup.clock),
		.method = request->method,
		.path = request->path,
		.status = request->status,
		.bytes = request->bytes,
		.duration_ms = now_ms(server) - request->began_ms,
		.subject = client ? client->sender.subject : "",
		.cut = cut,
	};

	if (server->setup.access_log_fd >= 0)
		access_log_write(server->setup.access_log_fd, &entry);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
	enum MHD_RequestTerminationCode code)
{
	struct server *server = context;
	struct request *request = *request_context;

	if (!request)
		return;
	request_log(server, connection, request, code != MHD_REQUEST_TERMINATED_COMPLETED_OK);
	if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
		wait_for(server, connection, REQUEST_S);
	buf_clear(&request->body);
	free(request);
	*request_context = NULL;
	(void)pthread_mutex_lock(&server->lock);
	if (--server->under_way == 0)
		(void)pthread_cond_signal(&server->all_done);
	(void)pthread_mutex_unlock(&server->lock);
}

static bool is_report(const struct server *server, const struct request *request)
{
	return server->setup.reports && strcmp(request->path, REPORT_PATH) == 0 &&
	       strcmp(request->method, MHD_HTTP_METHOD_POST) == 0;
}

static bool is_download(const struct request *request)
{
	return strcmp(request->method, MHD_HTTP_METHOD_GET) == 0 ||
	       strcmp(request->method, MHD_HTTP_METHOD_HEAD) == 0;
}

static const struct reports_sender nobody;

static enum MHD_Result answer(
	struct server *server, struct request *request, struct MHD_Connection *connection, const char *raw_path)
{
	const char *refusal = refusal_of(server, connection);
	const struct client *client = client_of(connection);

	wait_for(server, connection, 0);
	if (refusal)
		return request_answer_text(request, connection, MHD_HTTP_BAD_REQUEST, refusal);
	if (is_report(server, request))
		return request_answer_report(
			request, &server->context, client ? &client->sender : &nobody, connection);
	if (!is_download(request))
		return request_answer_text(
			request, connection, MHD_HTTP_METHOD_NOT_ALLOWED, "This can only be read.\n");
	return request_answer_file(request, &server->context, connection, raw_path);
}

/* Takes a piece of a body. What is too much for a report, or nobody asked for, is dropped, so that the client hears
 * the answer; false once that would go on for too long. */
static bool take_piece(struct server *server, struct request *request, struct MHD_Connection *connection,
	const char *piece, size_t len)
{
	request->received += len;
	if (request->received > RECEIVED_MOST)
		return false;
	if (!request->too_large && is_report(server, request) && !refusal_of(server, connection))
		request->too_large = buf_append(&request->body, piece, len, NULL) < 0;
	return true;
}

/* Called when the headers are there, for each piece of a body, and when the request is complete. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_len, void **request_context)
{
	struct server *server = context;
	struct request *request = *request_context;

	(void)version;
	if (!request && !has_share(server, connection))
		return MHD_NO;
	if (!request) {
		wait_for(server, connection, REQUEST_S);
		return (*request_context = request_begin(server, method, url)) ? MHD_YES : MHD_NO;
	}
	if (*upload_len == 0)
		return answer(server, request, connection, url);
	if (!take_piece(server, request, connection, upload, *upload_len))
		return MHD_NO;
	*upload_len = 0;
	return MHD_YES;
}

/* ---- Start and stop ---- */

/* The path stays as it was sent: path.c decodes it. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
	(void)context, (void)connection;
	return strlen(text);
}

static void on_message(void *context, const char *format, va_list args) PRINTF_LIKE(2, 0);
static void on_message(void *context, const char *format, va_list args)
{
	const struct server *server = context;
	char text[512];

	(void)vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	log_line(server->setup.log, LOG_LEVEL_DEBUG, "%s", text);
}

static struct MHD_Daemon *start_daemon(struct server *server)
{
	const struct server_setup *setup = &server->setup;
	struct MHD_OptionItem tls_options[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, setup->tls ? setup->tls->certificate_pem.data : NULL},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, setup->tls ? setup->tls->key_pem.data : NULL},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
		{MHD_OPTION_HTTPS_MEM_TRUST, 0, setup->tls ? setup->tls->client_ca_pem.data : NULL},
		{MHD_OPTION_END, 0, NULL},
	};
	unsigned int flags = MHD_USE_ITC | MHD_USE_ERROR_LOG;

	flags |= setup->tls ? TLS_WAITING : MHD_USE_EPOLL_INTERNAL_THREAD;
	if (!setup->tls)
		tls_options[0].option = MHD_OPTION_END;
	else if (setup->tls->client_ca_pem.len == 0)
		tls_options[3].option = MHD_OPTION_END;
	return MHD_start_daemon(flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_message,
		server, MHD_OPTION_LISTEN_SOCKET, setup->listen_fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned int)setup->options->most_connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned int)setup->options->most_per_address,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned int)SILENCE_S, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
		MHD_OPTION_ARRAY, tls_options, MHD_OPTION_END);
}

int server_start(const struct server_setup *setup, struct server **ret_server, struct error *err)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server)
		return error_set(err, ERROR_FAILED, "no memory for a server");
	server->setup = *setup;
	server->context = (struct request_context){.root_fd = setup->root_fd, .reports = setup->reports};
	(void)pthread_mutex_init(&server->lock, NULL);
	(void)pthread_cond_init(&server->all_done, NULL);
	if (patience_new(setup->clock, &server->patience, err) < 0 ||
		shares_new(setup->options->most_per_certificate, &server->shares, err) < 0) {
		server_stop(server, 0);
		return -1;
	}
	if (!(server->daemon = start_daemon(server))) {
		server_stop(server, 0);
		return error_set(err, ERROR_FAILED, "cannot start the server");
	}
	*ret_server = server;
	return 0;
}

static void wait_for_requests(struct server *server, int grace_s)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += grace_s;
	(void)pthread_mutex_lock(&server->lock);
	while (server->under_way > 0)
		if (pthread_cond_timedwait(&server->all_done, &server->lock, &until) != 0)
			break;
	(void)pthread_mutex_unlock(&server->lock);
}

void server_stop(struct server *server, int grace_s)
{
	if (!server)
		return;
	if (server->daemon) {
		/* The listening socket is ours again, and closed by its owner. */
		(void)MHD_quiesce_daemon(server->daemon);
		wait_for_requests(server, grace_s);
		MHD_stop_daemon(server->daemon);
	}
	patience_free(server->patience);
	shares_free(server->shares);
	(void)pthread_cond_destroy(&server->all_done);
	(void)pthread_mutex_destroy(&server->lock);
	free(server);
}
