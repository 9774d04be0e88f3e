#include "collector/http/web.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <microhttpd.h>

#include "common/web/patience.h"
#include "common/web/shares.h"

#define THREADS 2
/* For the headers of a request, a proxy's certificate among them, and of its answer. */
#define CONNECTION_MEMORY 32768
/* A connection without a byte for so long is closed. */
#define SILENCE_S 60
/* The body of a request, and the pause before the next, take no longer. */
#define REQUEST_S 120
/* What a browser may do with any of our answers: it shows them, with the style and the script that are ours. */
#define CONTENT_POLICY                                                                                               \
	"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action "  \
	"'self'; base-uri 'none'; frame-ancestors 'none'"
/* Of a body, before the connection ends without an answer. */
#define RECEIVED_MOST (1u << 20)

struct web {
	struct web_setup setup;
	struct MHD_Daemon *daemon;
	struct patience *patience;
	struct shares *shares;
	pthread_mutex_t lock;	 /* guards under_way */
	pthread_cond_t all_done; /* under_way became 0 */
	unsigned int under_way;	 /* requests begun and not ended */
};

/* What is known of a connection's client. */
struct visitor {
	bool is_known;
	const char *refusal; /* NULL: accepted */
	struct tls_stay stay;
	uint64_t list; /* of those that are revoked here */
	struct client client;
	struct patience_entry waiting;
	struct share share;
};

struct request {
	struct exchange exchange;
	size_t received;
};

/* ---- Clients ---- */

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
	enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct visitor *visitor = *socket_context;
	struct web *web = context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = visitor = calloc(1, sizeof(*visitor));
		if (visitor && info)
			patience_begin(
				web->patience, &visitor->waiting, info->connect_fd, web->setup.config->handshake_s);
	} else if (visitor) {
		patience_end(web->patience, &visitor->waiting);
		shares_give_back(web->shares, &visitor->share);
		free(visitor);
		*socket_context = NULL;
	}
}

/* What libmicrohttpd answers holds until it is asked again: newer ones have one place for all answers. */
static struct visitor *context_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

/* Gives the connection time for the next that is expected of it; 0: as long as it takes. */
static void wait_for(struct web *web, struct MHD_Connection *connection, int64_t most_s)
{
	struct visitor *visitor = context_of(connection);

	if (visitor && most_s)
		patience_begin(web->patience, &visitor->waiting, visitor->waiting.fd, most_s);
	else if (visitor)
		patience_end(web->patience, &visitor->waiting);
}

static const char *refuse_revoked(const struct web *web, const void *der, size_t len)
{
	return web->setup.crl && crl_revokes_der(web->setup.crl, der, len) ? "The SSL certificate has been revoked"
									   : NULL;
}

static const char *look_at_session(
	const struct web *web, struct MHD_Connection *connection, struct client *ret_client)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	char subject[TLS_SUBJECT_SIZE];
	const char *refusal;
	const void *der;
	size_t len;

	if (!info)
		return "The SSL certificate cannot be checked";
	if ((refusal = tls_check_client(web->setup.tls, info->tls_session, subject)))
		return refusal;
	der = tls_client_certificate(info->tls_session, &len);
	if (!der || client_from_der(der, len, web->setup.config, ret_client, NULL) < 0)
		return "The SSL certificate cannot be read";
	return refuse_revoked(web, der, len);
}

static const char *look_at_headers(
	const struct web *web, struct MHD_Connection *connection, struct client *ret_client)
{
	const char *verify = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, EXCHANGE_PROXY_VERIFY);
	const char *escaped = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, EXCHANGE_PROXY_CERTIFICATE);
	AUTO(buf) struct buf der = BUF_INIT(CLIENT_DER_MOST);

	if (!verify || strcmp(verify, "SUCCESS") != 0 || !escaped)
		return "No required SSL certificate was sent";
	if (client_der_from_escaped_pem(escaped, &der, NULL) < 0 ||
		client_from_der(der.data, der.len, web->setup.config, ret_client, NULL) < 0)
		return "The SSL certificate cannot be read";
	return refuse_revoked(web, der.data, der.len);
}

/* Who was accepted stays so until the certificate ends, or another list of the revoked holds. */
static bool is_settled(const struct web *web, const struct visitor *visitor)
{
	if (!web->setup.tls || !visitor->is_known)
		return false;
	return visitor->refusal || (tls_stay_holds(web->setup.tls, &visitor->stay, web->setup.clock->now_s(web->setup.clock)) &&
					   (!web->setup.crl || crl_version(web->setup.crl) == visitor->list));
}

static void look_at(struct web *web, struct MHD_Connection *connection, struct visitor *visitor)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	if (web->setup.crl)
		visitor->list = crl_version(web->setup.crl);
	if (web->setup.tls && info)
		tls_stay_note(web->setup.tls, info->tls_session, &visitor->stay);
	visitor->refusal = web->setup.tls ? look_at_session(web, connection, &visitor->client)
					  : look_at_headers(web, connection, &visitor->client);
	visitor->is_known = true;
}

/* A connection of a client is that of one client; a proxy's is that of many. */
static struct visitor *visitor_of(struct web *web, struct MHD_Connection *connection)
{
	struct visitor *visitor = context_of(connection);

	if (visitor && !is_settled(web, visitor))
		look_at(web, connection, visitor);
	return visitor;
}

/* False: the certificate holds as many connections as one may. Behind a proxy they are the proxy's. */
static bool has_share(struct web *web, struct MHD_Connection *connection)
{
	struct visitor *visitor = context_of(connection);
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	const void *der;
	size_t len;

	if (!web->setup.tls || !info || !visitor || !(der = tls_client_certificate(info->tls_session, &len)))
		return true;
	return shares_take(web->shares, der, len, &visitor->share);
}

/* ---- Requests ---- */

static int64_t now_ms(const struct web *web)
{
	return web->setup.clock->monotonic_ms(web->setup.clock);
}

static enum MHD_Result count_ends(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	int *ends = context;

	(void)kind;
	if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0)
		*ends += 1;
	else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0)
		*ends += value && strcasecmp(value, "chunked") == 0 ? 1 : 2;
	return MHD_YES;
}

/* A body with two lengths, or with chunks beside a length, is a different one to whoever believes the other: what stands behind it
 * could be taken for a request; and in another encoding than chunks it has no end (RFC 9112, 6.3). */
static bool has_no_one_end(struct MHD_Connection *connection)
{
	int ends = 0;

	(void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count_ends, &ends);
	return ends > 1;
}

static struct request *request_begin(
	struct web *web, struct MHD_Connection *connection, const char *method, const char *path)
{
	struct request *request = calloc(1, sizeof(*request));
	struct exchange *exchange = &request->exchange;
	struct visitor *visitor;

	if (!request)
		return NULL;
	exchange->connection = connection;
	exchange->is_proxied = !web->setup.tls;
	exchange->began_ms = now_ms(web);
	exchange->body.limit = EXCHANGE_BODY_MOST;
	exchange->answer.limit = EXCHANGE_ANSWER_MOST;
	(void)snprintf(exchange->method, sizeof(exchange->method), "%s", method);
	(void)snprintf(exchange->path, sizeof(exchange->path), "%s", path);
	exchange->is_last = has_no_one_end(connection);
	if (exchange->is_last)
		exchange_answer_text(exchange, MHD_HTTP_BAD_REQUEST, "A request says once how long it is, as a length or in chunks.");
	else if ((visitor = visitor_of(web, connection)) && !visitor->refusal)
		exchange->client = &visitor->client;
	else if (!visitor || !web->setup.is_for_anybody(path))
		exchange_answer_text(exchange, MHD_HTTP_BAD_REQUEST, "%s",
			visitor ? visitor->refusal : "The SSL certificate cannot be checked");
	(void)pthread_mutex_lock(&web->lock);
	web->under_way++;
	(void)pthread_mutex_unlock(&web->lock);
	return request;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
	enum MHD_RequestTerminationCode code)
{
	struct request *request = *request_context;
	struct web *web = context;

	if (!request)
		return;
	if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
		wait_for(web, connection, REQUEST_S);
	if (web->setup.answered)
		web->setup.answered(web->setup.context, &request->exchange, now_ms(web) - request->exchange.began_ms);
	buf_clear(&request->exchange.body);
	buf_clear(&request->exchange.answer);
	free(request);
	*request_context = NULL;
	(void)pthread_mutex_lock(&web->lock);
	if (--web->under_way == 0)
		(void)pthread_cond_signal(&web->all_done);
	(void)pthread_mutex_unlock(&web->lock);
}

/* Takes a piece of a body. What is too much, or comes from nobody, is dropped, so that the client hears the
 * answer; false once that would go on for too long. */
static bool take_piece(struct request *request, const char *piece, size_t len)
{
	struct exchange *exchange = &request->exchange;

	request->received += len;
	if (request->received > RECEIVED_MOST)
		return false;
	if (exchange->status || exchange->is_too_large || buf_append(&exchange->body, piece, len, NULL) == 0)
		return true;
	exchange->is_too_large = true;
	buf_clear(&exchange->body);
	return true;
}

DEFINE_AUTO_PTR(response, struct MHD_Response, MHD_destroy_response);

static bool add(struct MHD_Response *response, const char *name, const char *value)
{
	return !*value || MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool add_headers(struct MHD_Response *response, const struct exchange *exchange)
{
	char retry[24] = "", next[EXCHANGE_PATH_SIZE + 24] = "";

	if (exchange->retry_after_s > 0)
		(void)snprintf(retry, sizeof(retry), "%lld", (long long)exchange->retry_after_s);
	if (*exchange->next)
		(void)snprintf(next, sizeof(next), "<%s>; rel=\"next\"", exchange->next);
	return add(response, "Content-Type", exchange->content_type) && add(response, "ETag", exchange->etag) &&
	       add(response, "Content-Transfer-Encoding", exchange->is_base64 ? "base64" : "") &&
	       add(response, "WWW-Authenticate", exchange->wants_password ? "Basic realm=\"haishin\"" : "") &&
	       add(response, "Retry-After", retry) && add(response, "Link", next) &&
	       add(response, "Cache-Control",
		       exchange->is_immutable ? "public, max-age=31536000, immutable" : "private, no-cache") &&
	       add(response, "Vary", exchange->is_worded ? "Accept-Language, Cookie" : "") &&
	       add(response, "Set-Cookie", exchange->cookie ? exchange->cookie : "") &&
	       add(response, "Content-Security-Policy", CONTENT_POLICY) &&
	       add(response, "Connection", exchange->is_last ? "close" : "") &&
	       add(response, "Referrer-Policy", "same-origin") && add(response, "X-Content-Type-Options", "nosniff");
}

/* One of the tags in a list, or any; a proxy that packs answers makes them weak ("W/" in front). */
static bool is_known_to_client(const struct exchange *exchange)
{
	const char *known = exchange_header(exchange, "If-None-Match");

	return *exchange->etag && known && (strcmp(known, "*") == 0 || strstr(known, exchange->etag));
}

/* The answer goes out as it stands in the exchange; the response owns its bytes from then on. */
static enum MHD_Result send_answer(struct exchange *exchange, struct MHD_Connection *connection)
{
	bool is_known = is_known_to_client(exchange);
	size_t len = is_known ? 0 : exchange->answer.len;
	AUTO(response)
	struct MHD_Response *response = MHD_create_response_from_buffer(
		len, len ? exchange->answer.data : NULL, len ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);

	if (!response)
		return MHD_NO;
	if (len)
		exchange->answer = (struct buf)BUF_INIT(EXCHANGE_ANSWER_MOST);
	if (!add_headers(response, exchange))
		return MHD_NO;
	return MHD_queue_response(connection, is_known ? MHD_HTTP_NOT_MODIFIED : exchange->status, response);
}

/* Called when the headers are there, for each piece of a body, when the request is complete, and when an exchange
 * that was away is back. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_len, void **request_context)
{
	struct web *web = context;
	struct request *request = *request_context;

	(void)version;
	if (!request && !has_share(web, connection))
		return MHD_NO;
	if (!request) {
		wait_for(web, connection, REQUEST_S);
		*request_context = request = request_begin(web, connection, method, url);
		return !request ? MHD_NO : request->exchange.is_last ? send_answer(&request->exchange, connection) : MHD_YES;
	}
	if (*upload_len > 0) {
		if (!take_piece(request, upload, *upload_len))
			return MHD_NO;
		*upload_len = 0;
		return MHD_YES;
	}
	wait_for(web, connection, 0);
	if (!request->exchange.status && !request->exchange.is_away) {
		web->setup.handle(web->setup.context, &request->exchange);
		/* Where it was taken along, it may be on its way back already. */
		if (request->exchange.is_away)
			return MHD_YES;
	}
	return send_answer(&request->exchange, connection);
}

/* ---- Start and stop ---- */

static void on_message(void *context, const char *format, va_list args) PRINTF_LIKE(2, 0);
static void on_message(void *context, const char *format, va_list args)
{
	const struct web *web = context;
	char text[512];

	(void)vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	log_line(web->setup.log, LOG_LEVEL_DEBUG, "%s", text);
}

static struct MHD_Daemon *start_daemon(struct web *web)
{
	const struct tls *tls = web->setup.tls;
	struct MHD_OptionItem tls_options[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, tls ? tls->certificate_pem.data : NULL},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, tls ? tls->key_pem.data : NULL},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
		{MHD_OPTION_HTTPS_MEM_TRUST, 0, tls ? tls->client_ca_pem.data : NULL},
		{MHD_OPTION_END, 0, NULL},
	};
	unsigned int flags = MHD_USE_ITC | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;

	if (!tls)
		tls_options[0].option = MHD_OPTION_END;
	return MHD_start_daemon(flags | (tls ? TLS_WAITING : MHD_USE_EPOLL_INTERNAL_THREAD), 0, NULL, NULL, on_request, web, MHD_OPTION_EXTERNAL_LOGGER, on_message, web,
		MHD_OPTION_LISTEN_SOCKET, web->setup.listen_fd, MHD_OPTION_THREAD_POOL_SIZE, (unsigned int)THREADS,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)web->setup.config->connections,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, tls ? (unsigned int)web->setup.config->per_address : 0,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned int)SILENCE_S, MHD_OPTION_NOTIFY_CONNECTION, on_connection, web,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, web, MHD_OPTION_ARRAY, tls_options, MHD_OPTION_END);
}

int web_start(const struct web_setup *setup, struct web **ret_web, struct error *err)
{
	struct web *web = calloc(1, sizeof(*web));

	if (!web)
		return error_set(err, ERROR_FAILED, "no memory for a server");
	web->setup = *setup;
	(void)pthread_mutex_init(&web->lock, NULL);
	(void)pthread_cond_init(&web->all_done, NULL);
	if (patience_new(setup->clock, &web->patience, err) < 0 ||
		shares_new(setup->config->per_certificate, &web->shares, err) < 0) {
		web_stop(web, 0);
		return -1;
	}
	if (!(web->daemon = start_daemon(web))) {
		web_stop(web, 0);
		return error_set(err, ERROR_FAILED, "cannot start the server");
	}
	*ret_web = web;
	return 0;
}

static void wait_for_requests(struct web *web, int grace_s)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += grace_s;
	(void)pthread_mutex_lock(&web->lock);
	while (web->under_way > 0)
		if (pthread_cond_timedwait(&web->all_done, &web->lock, &until) != 0)
			break;
	(void)pthread_mutex_unlock(&web->lock);
}

void web_stop(struct web *web, int grace_s)
{
	if (!web)
		return;
	if (web->daemon) {
		/* The listening socket is ours again, and closed by its owner. */
		(void)MHD_quiesce_daemon(web->daemon);
		wait_for_requests(web, grace_s);
		MHD_stop_daemon(web->daemon);
	}
	patience_free(web->patience);
	shares_free(web->shares);
	(void)pthread_cond_destroy(&web->all_done);
	(void)pthread_mutex_destroy(&web->lock);
	free(web);
}
