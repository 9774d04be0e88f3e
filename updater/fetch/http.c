#include "updater/fetch/http.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <curl/curl.h>
#include <openssl/ssl.h>

#include "common/auto.h"
#include "common/clock.h"
#include "updater/fetch/http_answer.h"
#include "updater/fetch/http_floor.h"
#include "updater/fetch/http_limit.h"
#include "updater/fetch/http_probe.h"
#include "updater/fetch/http_redirect.h"
#include "updater/fetch/http_setup.h"
#include "updater/fetch/http_wire.h"
#include "updater/fetch/local.h"

#define POLL_MS 1000
#define WASTEFUL "the server wraps the answer into far more bytes than it has"

struct http {
	struct transport transport;
	struct http_options options;
	CURLM *multi;
	CURL *easy;
	struct clock clock;
	struct http_limit limit;
	struct http_floor floor;
	struct http_wire wire;
	struct buf gathered; /* pieces of a body, which are small, on the way to the sink */
	bool paused;	     /* the transfer waits for the limit */
	bool global;
};

/* One transfer, from the request to the verdict. */
struct exchange {
	struct http *http;
	const struct transport_request *request;
	const char *url; /* the request's, or where a redirect led */
	bool leaves;	 /* that is another host than the request's */
	bool near;	 /* the request's server is on this machine */
	bool was_near;	 /* a redirect would have led to an address that is none of its business */
	int64_t ends_ms; /* by the total time-out; 0: none */
	struct http_answer answer;
};

static int64_t now_ms(const struct http *http)
{
	return http->clock.monotonic_ms(&http->clock);
}

static int64_t now_us(const struct http *http)
{
	return now_ms(http) * 1000;
}

/* ---- Called by curl ---- */

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;
	struct http *http = exchange->http;
	size_t len = size * count;

	(void)data;
	http_floor_took(&http->floor, len);
	return http_answer_take_header(&exchange->answer, len) ? len : CURL_WRITEFUNC_ERROR;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;
	struct http *http = exchange->http;
	size_t len = size * count;
	long status = 0;

	(void)curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300 && !http_limit_take(&http->limit, now_us(http), len)) {
		http->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	http_floor_took(&http->floor, len);
	return http_answer_take(&exchange->answer, status, data, len) ? len : CURL_WRITEFUNC_ERROR;
}

/* An address that does not answer costs no more than its share: the kernel gives up on it by this time, and later on
 * a server that no longer acknowledges what we send. */
static int on_socket(void *context, curl_socket_t fd, curlsocktype purpose)
{
	const struct http *http = context;
	unsigned int timeout_ms = (unsigned int)http->options.connect_timeout_ms;

	(void)purpose;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
	return CURL_SOCKOPT_OK;
}

/* Where another host than the request's is to be asked, its address is looked at before anything is said to it. Behind
 * a proxy the proxy connects, and its address is the only one seen here. */
static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct exchange *exchange = context;
	int fd;

	(void)purpose;
	if (exchange->leaves && !exchange->http->options.proxy &&
		!http_redirect_may_reach(&address->addr, exchange->near)) {
		exchange->was_near = true;
		return CURL_SOCKET_BAD;
	}
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	http_wire_opened(&exchange->http->wire, fd);
	return fd;
}

static int on_close(void *context, curl_socket_t fd)
{
	struct http *http = context;

	return http_wire_close(&http->wire, fd);
}

static bool is_lean(const struct http *http)
{
	return http_floor_is_lean(&http->floor, http_wire_bytes(&http->wire));
}

/* HTTP/2 frames that are no answer are read by curl as long as there are any, and nobody else is asked meanwhile. */
static void on_record(int is_sent, int version, int kind, const void *bytes, size_t len, SSL *tls, void *context)
{
	struct http *http = context;

	(void)version, (void)bytes, (void)len, (void)tls;
	if (!is_sent && kind == SSL3_RT_HEADER && !is_lean(http))
		http_wire_end(&http->wire);
}

/* TLS begins on the address that took the connection. Which one that was curl tells only once TLS has come about. */
static CURLcode on_tls(CURL *easy, void *tls, void *context)
{
	struct exchange *exchange = context;

	(void)easy;
	SSL_CTX_set_msg_callback(tls, on_record);
	SSL_CTX_set_msg_callback_arg(tls, exchange->http);
	exchange->answer.tls_began = true;
	return CURLE_OK;
}

_Static_assert(sizeof(((struct http_seen *)NULL)->detail) >= CURL_ERROR_SIZE, "curl writes its words there");

static void set_callbacks(struct exchange *exchange)
{
	struct http *http = exchange->http;

	(void)curl_easy_setopt(http->easy, CURLOPT_ERRORBUFFER, exchange->answer.seen.detail);
	(void)curl_easy_setopt(http->easy, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(http->easy, CURLOPT_HEADERDATA, exchange);
	(void)curl_easy_setopt(http->easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(http->easy, CURLOPT_WRITEDATA, exchange);
	(void)curl_easy_setopt(http->easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	(void)curl_easy_setopt(http->easy, CURLOPT_SOCKOPTDATA, http);
	(void)curl_easy_setopt(http->easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	(void)curl_easy_setopt(http->easy, CURLOPT_OPENSOCKETDATA, exchange);
	(void)curl_easy_setopt(http->easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	(void)curl_easy_setopt(http->easy, CURLOPT_CLOSESOCKETDATA, http);
	(void)curl_easy_setopt(http->easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	(void)curl_easy_setopt(http->easy, CURLOPT_SSL_CTX_DATA, exchange);
}

/* ---- One request ---- */

/* Goes on with a transfer whose time has come; returns how long to wait for other things at most. */
static int go_on(struct http *http)
{
	int64_t wait_ms = http_limit_wait_ms(&http->limit, now_us(http));

	if (!http->paused)
		return POLL_MS;
	if (wait_ms > 0)
		return wait_ms < POLL_MS ? (int)wait_ms : POLL_MS;
	http->paused = false;
	(void)curl_easy_pause(http->easy, CURLPAUSE_CONT);
	return 0;
}

/* Waits until there is something to do; false where waiting is of no use. */
static bool wait_for_more(struct exchange *exchange, struct curl_waitfd *stop)
{
	struct http *http = exchange->http;
	bool paused = http->paused;
	int64_t began_ms = now_ms(http);

	stop->revents = 0;
	if (curl_multi_poll(http->multi, stop, stop->fd >= 0 ? 1 : 0, go_on(http), NULL) != CURLM_OK)
		return false;
	if (!paused && !http_floor_waited(&http->floor, now_ms(http) - began_ms))
		return http_answer_give_up(&exchange->answer, "the server is silent or too slow");
	if (!is_lean(http))
		return http_answer_give_up(&exchange->answer, WASTEFUL);
	return true;
}

/* Runs until the transfer has ended; false if it was stopped. RET_CODE is how it ended. */
static bool run_to_end(struct exchange *exchange, CURLcode *ret_code)
{
	struct http *http = exchange->http;
	struct curl_waitfd stop = {.fd = http->options.stop_fd, .events = CURL_WAIT_POLLIN};

	for (int running = 1;;) {
		CURLMcode trouble = curl_multi_perform(http->multi, &running);
		int left;
		CURLMsg *message = curl_multi_info_read(http->multi, &left);

		*ret_code = CURLE_FAILED_INIT;
		if (message && message->msg == CURLMSG_DONE)
			*ret_code = message->data.result;
		if (*ret_code && !running && !is_lean(http))
			return !http_answer_give_up(&exchange->answer, WASTEFUL);
		if (!http_answer_pass_on(&exchange->answer) || !running || trouble)
			return true;
		if (!wait_for_more(exchange, &stop))
			return true;
		if (stop.revents && !(http->options.goes_on && http->options.goes_on(http->options.context)))
			return false;
	}
}

DEFINE_AUTO_PTR(slist, struct curl_slist, curl_slist_free_all);

/* NULL where there is no body; without memory curl says another type, which a server refuses. */
static struct curl_slist *post_headers(const struct transport_request *request)
{
	char line[128];

	if (!request->body)
		return NULL;
	(void)snprintf(line, sizeof(line), "Content-Type: %.100s",
		request->media_type ? request->media_type : "application/json");
	return curl_slist_append(NULL, line);
}

/* One request to where the exchange stands. False if it was stopped. */
static bool ask(struct exchange *exchange, CURLcode *ret_code)
{
	struct http *http = exchange->http;
	AUTO(slist) struct curl_slist *headers = post_headers(exchange->request);
	struct http_setup setup = {.options = &http->options,
		.request = exchange->request,
		.url = exchange->url,
		.leaves = exchange->leaves,
		.piece = http_limit_piece(&http->limit),
		.post_headers = headers};
	bool ended = true;

	if (exchange->ends_ms) {
		setup.total_ms = exchange->ends_ms - now_ms(http);
		setup.total_ms = setup.total_ms < 1 ? 1 : setup.total_ms;
	}
	http->paused = false;
	exchange->was_near = false;
	http_answer_begin(&exchange->answer);
	http_floor_begin(
		&http->floor, HTTP_FLOOR_TIMES * 1000 * http->options.stall_timeout_s, http_wire_bytes(&http->wire));
	http_setup(http->easy, &setup);
	set_callbacks(exchange);
	*ret_code = CURLE_OUT_OF_MEMORY;
	if (curl_multi_add_handle(http->multi, http->easy) == CURLM_OK)
		ended = run_to_end(exchange, ret_code);
	(void)curl_multi_remove_handle(http->multi, http->easy);
	return ended;
}

/* When the transfer has to be over; 0: there is no such time. A limit of ours on the speed gives more of it. */
static int64_t end_of(const struct http *http, const struct transport_request *request)
{
	int64_t most_s = http->options.total_timeout_s;
	int64_t rate = http->limit.most_bytes_per_s;
	int64_t own_s = request->time_limit_s;

	if (own_s && rate > 0)
		own_s += (int64_t)(request->limit / (uint64_t)rate < INT32_MAX ? request->limit / (uint64_t)rate
									       : INT32_MAX);
	if (!most_s || (own_s && own_s < most_s))
		most_s = own_s;
	return most_s ? now_ms(http) + 1000 * most_s : 0;
}

/* ---- The transfer ---- */

/* Goes on to where the answer points, if it may. REDIRECT owns what the exchange borrows from then on. */
static int turn(struct exchange *exchange, const char *to, int followed, struct http_redirect *redirect)
{
	const struct http *http = exchange->http;
	struct http_answer *answer = &exchange->answer;
	const char *ip = NULL;
	long status = 0;

	(void)curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(http->easy, CURLINFO_PRIMARY_IP, &ip);
	answer->reply->http_status = (int)status;
	if (exchange->request->body)
		return error_set(answer->err, ERROR_SERVER,
			"%s: the server points elsewhere (%d), and what is sent to one server is not sent to "
			"another: check the address",
			answer->seen.name, (int)status);
	if (followed == 0)
		exchange->near = ip && http_redirect_is_this_machine(ip);
	if (http_redirect_take(http->options.redirects, exchange->request->url, exchange->url, to, (int)status,
		    redirect, answer->err) < 0 ||
		(followed == HTTP_REDIRECTS_MOST && http_redirect_refuse_more(redirect, answer->err) < 0))
		return error_context(answer->err, "%s", answer->seen.name);
	exchange->url = redirect->url;
	exchange->leaves = answer->seen.leaves = redirect->leaves;
	http_seen_name(&answer->seen, exchange->request->url, redirect->host);
	return 0;
}

static int ask_and_follow(struct exchange *exchange)
{
	AUTO(http_redirect) struct http_redirect redirect = {0};
	struct http_answer *answer = &exchange->answer;

	for (int followed = 0;; followed++) {
		CURLcode code;
		const char *to;

		if (!ask(exchange, &code))
			return error_set(answer->err, ERROR_STOPPED, "%s: asked to stop", answer->seen.name);
		if (exchange->was_near && code == CURLE_COULDNT_CONNECT) {
			(void)http_redirect_refuse_address(&redirect, answer->err);
			return error_context(answer->err, "%s", answer->seen.name);
		}
		if (!(to = http_answer_points_to(answer, (int)code)))
			return http_answer_judge(answer, (int)code);
		if (turn(exchange, to, followed, &redirect) < 0)
			return -1;
	}
}

static int http_get(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	struct http *http = transport->context;
	struct exchange exchange = {.http = http,
		.request = request,
		.url = request->url,
		.answer = {.easy = http->easy,
			.request = request,
			.sink = sink,
			.sink_context = sink_context,
			.gathered = &http->gathered,
			.reply = ret_reply,
			.err = err,
			.seen.shows_certificate = http->options.certificate_pem != NULL}};

	*ret_reply = (struct transport_reply){0};
	if (request->length > UINT64_MAX - request->offset)
		return error_set(err, ERROR_USAGE, "the part asked for ends beyond any file");
	if (local_is_url(request->url))
		return local_get(request, sink, sink_context, ret_reply, err);
	if (probe_is_url(request->url))
		return probe_get(request, http->options.connect_timeout_ms, http->options.stop_fd, sink, sink_context,
			ret_reply, err);
	http_seen_name(&exchange.answer.seen, request->url, NULL);
	exchange.ends_ms = end_of(http, request);
	return ask_and_follow(&exchange);
}

int http_open(const struct http_options *options, struct transport **ret_transport, struct error *err)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http)
		return error_set(err, ERROR_FAILED, "no memory for an HTTP client");
	http->transport = (struct transport){.ask = http_get, .context = http};
	http->options = *options;
	http->limit.most_bytes_per_s = options->most_bytes_per_s;
	http->gathered = (struct buf)BUF_INIT(HTTP_LIMIT_PIECE_MOST);
	clock_init(&http->clock, NULL);
	if (!options->connect_timeout_ms)
		http->options.connect_timeout_ms = HTTP_CONNECT_TIMEOUT_MS;
	if (!options->stall_timeout_s)
		http->options.stall_timeout_s = HTTP_STALL_TIMEOUT_S;
	http->global = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	if (!http->global || !(http->easy = curl_easy_init()) || !(http->multi = curl_multi_init())) {
		http_close(&http->transport);
		return error_set(err, ERROR_FAILED, "cannot set up an HTTP client");
	}
	*ret_transport = &http->transport;
	return 0;
}

void http_set_rate(struct transport *transport, int64_t most_bytes_per_s)
{
	struct http *http = transport->context;

	http_limit_set(&http->limit, now_us(http), most_bytes_per_s);
}

void http_close(struct transport *transport)
{
	struct http *http = transport ? transport->context : NULL;

	if (!http)
		return;
	curl_easy_cleanup(http->easy);
	(void)curl_multi_cleanup(http->multi);
	if (http->global)
		curl_global_cleanup();
	buf_clear(&http->gathered);
	free(http);
}
