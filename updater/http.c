#include "updater/http.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "common/auto.h"
#include "common/clock.h"
#include "common/text.h"
#include "updater/http_redirect.h"
#include "updater/http_verdict.h"
#include "updater/local.h"
#include "updater/probe.h"

/* Of the page that comes with a refusal: its beginning is kept, the rest dropped, and beyond this the connection. */
#define ERROR_PAGE_MOST 65536
#define POLL_MS 1000
/* What a transfer under a speed limit may make up for after it waited too long. */
#define LATE_MOST_US 100000
#define BUFFER_MOST 65536
#define BUFFER_LEAST 1024
/* So much of a URL is shown in messages. */
#define URL_SHOWN_SIZE 256

struct http {
	struct transport transport;
	struct http_options options;
	CURLM *multi;
	CURL *easy;
	struct curl_slist *post_headers;
	struct clock clock;
	int64_t next_us; /* under a speed limit, when the next piece may be taken */
	bool paused;	 /* it waits for that */
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
	transport_sink *sink;
	void *sink_context;
	struct transport_reply *reply;
	struct error *err;
	bool ended_by_us; /* err is set, by a check of ours or by the sink */
	bool checked;	  /* the answer's headers are what the request asked for */
	uint64_t page_len;
	struct http_seen seen;
};

static bool is_part(const struct transport_request *request)
{
	return request->offset > 0 || request->length > 0;
}

/* The URL without user and password, printable, for messages. */
static void url_for_people(const char *url, char *ret_name, size_t size)
{
	const char *host = strstr(url, "://");
	size_t authority;
	char text[512];
	const char *at;

	if (!host) {
		text_printable(url, ret_name, size);
		return;
	}
	host += strlen("://");
	authority = strcspn(host, "/?#");
	if ((at = memrchr(host, '@', authority)))
		(void)snprintf(text, sizeof(text), "%.*s%s", (int)(host - url), url, at + 1);
	else
		(void)snprintf(text, sizeof(text), "%s", url);
	text_printable(text, ret_name, size);
}

/* ---- The answer's headers ---- */

/* Content-Range must name the very bytes that were asked for: a server or a cache that sends others would waste the
 * night. */
static int check_content_range(struct exchange *exchange)
{
	const struct transport_request *request = exchange->request;
	struct curl_header *header;
	uint64_t first, last;
	char end;

	if (curl_easy_header(exchange->http->easy, "Content-Range", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return error_set(exchange->err, ERROR_SERVER, "the server sent a part without saying which");
	if (sscanf(header->value, "bytes %" SCNu64 "-%" SCNu64 "%c", &first, &last, &end) != 3 || end != '/' ||
		first != request->offset || last < first || (request->length && last - first + 1 != request->length))
		return error_set(exchange->err, ERROR_SERVER, "the server sent another part than was asked for");
	return 0;
}

static int check_answer(struct exchange *exchange, long status)
{
	curl_off_t announced = -1;

	if (exchange->checked)
		return 0;
	exchange->checked = true;
	(void)curl_easy_getinfo(exchange->http->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
	if (is_part(exchange->request) && status != 206)
		return error_set(exchange->err, ERROR_SERVER,
			"the server sent the whole file where a part was asked for: it must support ranges");
	if (!is_part(exchange->request) && status == 206)
		return error_set(
			exchange->err, ERROR_SERVER, "the server sent a part where the whole file was asked for");
	if (status == 206 && check_content_range(exchange) < 0)
		return -1;
	if (announced >= 0 && (uint64_t)announced > exchange->request->limit)
		return error_set(exchange->err, ERROR_REFUSED,
			"the server announces %" PRId64 " bytes, more than the %" PRIu64 " that are allowed",
			(int64_t)announced, exchange->request->limit);
	return 0;
}

/* ---- Called by curl ---- */

/* Keeps the beginning of the page that comes with a refusal. */
static size_t take_error_page(struct exchange *exchange, const char *data, size_t len)
{
	size_t used = exchange->page_len < sizeof(exchange->seen.page) - 1 ? (size_t)exchange->page_len
									   : sizeof(exchange->seen.page) - 1;
	size_t more = len < sizeof(exchange->seen.page) - 1 - used ? len : sizeof(exchange->seen.page) - 1 - used;

	memcpy(exchange->seen.page + used, data, more);
	exchange->page_len += len;
	return exchange->page_len > ERROR_PAGE_MOST ? 0 : len;
}

static int take_body(struct exchange *exchange, const void *data, size_t len, long status)
{
	const struct transport_request *request = exchange->request;
	uint64_t bytes = exchange->reply->bytes;

	if (check_answer(exchange, status) < 0)
		return -1;
	if (len > request->limit - bytes)
		return error_set(exchange->err, ERROR_REFUSED,
			"more than the %" PRIu64 " bytes that are allowed arrived", request->limit);
	if (request->length && len > request->length - bytes)
		return error_set(exchange->err, ERROR_SERVER, "the server sent more bytes than were asked for");
	exchange->reply->bytes += len;
	return exchange->sink(exchange->sink_context, data, len, exchange->err);
}

static int64_t now_ms(const struct http *http)
{
	return http->clock.monotonic_ms(&http->clock);
}

static int64_t now_us(const struct http *http)
{
	return now_ms(http) * 1000;
}

/* Takes LEN bytes out of what the speed limit allows, over all transfers: most are short, and each would begin with a
 * full purse if curl kept the count. False where they must wait. */
static bool may_take(struct http *http, size_t len)
{
	int64_t rate = http->options.most_bytes_per_s;
	int64_t now = now_us(http);

	if (rate == 0)
		return true;
	if (now < http->next_us)
		return false;
	/* What was late may be made up for, within bounds: waiting is never exact. */
	if (http->next_us < now - LATE_MOST_US)
		http->next_us = now - LATE_MOST_US;
	http->next_us += (int64_t)len * 1000000 / rate;
	return true;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;
	size_t len = size * count;
	long status = 0;

	(void)curl_easy_getinfo(exchange->http->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200 || status >= 300)
		return take_error_page(exchange, data, len);
	if (!may_take(exchange->http, len)) {
		exchange->http->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (take_body(exchange, data, len, status) == 0)
		return len;
	exchange->ended_by_us = true;
	return CURL_WRITEFUNC_ERROR;
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

/* What another host than the request's sent us to is looked at before anything is said to it. Behind a proxy the proxy
 * connects, and its address is the only one seen here. */
static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct exchange *exchange = context;

	(void)purpose;
	if (exchange->leaves && !exchange->http->options.proxy &&
		!http_redirect_may_reach(&address->addr, exchange->near)) {
		exchange->was_near = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- Setting up ---- */

_Static_assert(sizeof(((struct http_seen *)NULL)->detail) >= CURL_ERROR_SIZE, "curl writes its words there");

static void set_blob(CURL *easy, CURLoption option, const char *text)
{
	struct curl_blob blob = {
		.data = (void *)(uintptr_t)text, .len = text ? strlen(text) : 0, .flags = CURL_BLOB_NOCOPY};

	if (text)
		(void)curl_easy_setopt(easy, option, &blob);
}

/* The client certificate is for the host that the request names and for no other. */
static void set_tls(CURL *easy, const struct http_options *options, bool leaves)
{
	(void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (options->ca_pem) {
		/* Else the machine's folder of authorities would be believed besides. */
		(void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
		set_blob(easy, CURLOPT_CAINFO_BLOB, options->ca_pem);
	}
	set_blob(easy, CURLOPT_SSLCERT_BLOB, leaves ? NULL : options->certificate_pem);
	set_blob(easy, CURLOPT_SSLKEY_BLOB, leaves ? NULL : options->key_pem);
}

/* Under a speed limit a piece is about a second's bytes. */
static long buffer_size(int64_t most_bytes_per_s)
{
	if (most_bytes_per_s == 0 || most_bytes_per_s > BUFFER_MOST)
		return BUFFER_MOST;
	return most_bytes_per_s < BUFFER_LEAST ? BUFFER_LEAST : (long)most_bytes_per_s;
}

static void set_limits(CURL *easy, const struct http_options *options, int64_t left_ms)
{
	(void)curl_easy_setopt(
		easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(HTTP_CONNECT_TIMES * options->connect_timeout_ms));
	(void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)HTTP_SLOWEST);
	(void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)options->stall_timeout_s);
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
	(void)curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, buffer_size(options->most_bytes_per_s));
	(void)curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, 4L);
	(void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, options->fresh_connections ? 1L : 0L);
}

/* Where the request may go: no proxy but the one that is configured, no scheme but http and https, nothing guessed.
 */
static void set_route(CURL *easy, const struct http_options *options, const char *url)
{
	(void)curl_easy_setopt(easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L); /* http_redirect.h */
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, options->proxy ? options->proxy : "");
	(void)curl_easy_setopt(easy, CURLOPT_PROXYUSERPWD, options->proxy_credentials);
	(void)curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	(void)curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "haishin/" HAISHIN_VERSION);
}

static void set_body(struct exchange *exchange)
{
	const struct transport_request *request = exchange->request;
	CURL *easy = exchange->http->easy;
	char range[64];

	if (request->body) {
		(void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
		(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->http->post_headers);
	} else if (is_part(request)) {
		if (request->length)
			(void)snprintf(range, sizeof(range), "%" PRIu64 "-%" PRIu64, request->offset,
				request->offset + request->length - 1);
		else
			(void)snprintf(range, sizeof(range), "%" PRIu64 "-", request->offset);
		(void)curl_easy_setopt(easy, CURLOPT_RANGE, range);
	}
}

static void set_callbacks(struct exchange *exchange)
{
	struct http *http = exchange->http;

	(void)curl_easy_setopt(http->easy, CURLOPT_ERRORBUFFER, exchange->seen.detail);
	(void)curl_easy_setopt(http->easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(http->easy, CURLOPT_WRITEDATA, exchange);
	(void)curl_easy_setopt(http->easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	(void)curl_easy_setopt(http->easy, CURLOPT_SOCKOPTDATA, http);
	(void)curl_easy_setopt(http->easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	(void)curl_easy_setopt(http->easy, CURLOPT_OPENSOCKETDATA, exchange);
}

/* ---- The verdict ---- */

/* What the server asked us to wait, within bounds. */
static int64_t retry_after_s(const struct exchange *exchange)
{
	curl_off_t wait_s = 0;

	(void)curl_easy_getinfo(exchange->http->easy, CURLINFO_RETRY_AFTER, &wait_s);
	return wait_s < HTTP_RETRY_AFTER_MOST_S ? wait_s : HTTP_RETRY_AFTER_MOST_S;
}

/* The server took the connection and no TLS came about: what waits there speaks something else. */
static bool waited_for_tls(const struct exchange *exchange, CURLcode code)
{
	const char *connected_to = NULL;
	curl_off_t tls_us = 0;

	(void)curl_easy_getinfo(exchange->http->easy, CURLINFO_PRIMARY_IP, &connected_to);
	(void)curl_easy_getinfo(exchange->http->easy, CURLINFO_APPCONNECT_TIME_T, &tls_us);
	return code == CURLE_OPERATION_TIMEDOUT && strncasecmp(exchange->url, "https:", strlen("https:")) == 0 &&
	       connected_to && *connected_to && tls_us == 0;
}

static int judge(struct exchange *exchange, CURLcode code)
{
	const struct transport_request *request = exchange->request;
	long status = 0, proxy_status = 0;

	(void)curl_easy_getinfo(exchange->http->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(exchange->http->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
	exchange->reply->http_status = (int)status;
	if (exchange->ended_by_us)
		return error_context(exchange->err, "%s", exchange->seen.name);
	if (code != CURLE_OK && proxy_status >= 300)
		return http_judge_proxy(&exchange->seen, (int)proxy_status, exchange->err);
	if (status >= 400 || (code == CURLE_OK && status >= 300)) {
		(void)http_judge_status(&exchange->seen, (int)status, exchange->err);
		if (exchange->err)
			exchange->err->retry_after_s = retry_after_s(exchange);
		return -1;
	}
	if (code != CURLE_OK)
		return http_judge_failure(&exchange->seen,
			waited_for_tls(exchange, code) ? CURLE_SSL_CONNECT_ERROR : (int)code, exchange->err);
	if (check_answer(exchange, status) < 0)
		return error_context(exchange->err, "%s", exchange->seen.name);
	if (request->length && exchange->reply->bytes != request->length)
		return error_set(exchange->err, ERROR_NETWORK, "%s: %" PRIu64 " of %" PRIu64 " bytes arrived",
			exchange->seen.name, exchange->reply->bytes, request->length);
	return 0;
}

/* ---- The transfer ---- */

/* Goes on with a transfer whose time has come; returns how long to wait for other things at most. */
static int go_on(struct http *http)
{
	int64_t wait_ms = (http->next_us - now_us(http) + 999) / 1000;

	if (!http->paused)
		return POLL_MS;
	if (wait_ms > 0)
		return wait_ms < POLL_MS ? (int)wait_ms : POLL_MS;
	http->paused = false;
	(void)curl_easy_pause(http->easy, CURLPAUSE_CONT);
	return 0;
}

/* Runs until the transfer has ended; false if it was stopped. RET_CODE is how it ended. */
static bool run_to_end(struct http *http, CURLcode *ret_code)
{
	struct curl_waitfd stop = {.fd = http->options.stop_fd, .events = CURL_WAIT_POLLIN};
	unsigned int stop_count = stop.fd >= 0 ? 1 : 0;

	for (int running = 1;;) {
		CURLMcode trouble = curl_multi_perform(http->multi, &running);
		int left;
		CURLMsg *message = curl_multi_info_read(http->multi, &left);

		*ret_code = CURLE_FAILED_INIT;
		if (message && message->msg == CURLMSG_DONE)
			*ret_code = message->data.result;
		if (!running || trouble)
			return true;
		stop.revents = 0;
		if (curl_multi_poll(http->multi, &stop, stop_count, go_on(http), NULL) != CURLM_OK)
			return true;
		if (stop.revents && !(http->options.goes_on && http->options.goes_on(http->options.context)))
			return false;
	}
}

/* One request to where the exchange stands. False if it was stopped. */
static bool ask(struct exchange *exchange, CURLcode *ret_code)
{
	struct http *http = exchange->http;
	int64_t left_ms = exchange->ends_ms ? exchange->ends_ms - now_ms(http) : 0;
	bool ended = true;

	curl_easy_reset(http->easy);
	http->paused = false;
	exchange->seen.detail[0] = exchange->seen.page[0] = '\0';
	exchange->page_len = 0;
	exchange->checked = exchange->was_near = false;
	set_route(http->easy, &http->options, exchange->url);
	set_limits(http->easy, &http->options, exchange->ends_ms && left_ms < 1 ? 1 : left_ms);
	set_tls(http->easy, &http->options, exchange->leaves);
	set_body(exchange);
	set_callbacks(exchange);
	*ret_code = CURLE_OUT_OF_MEMORY;
	if (curl_multi_add_handle(http->multi, http->easy) == CURLM_OK)
		ended = run_to_end(http, ret_code);
	(void)curl_multi_remove_handle(http->multi, http->easy);
	return ended;
}

/* Where the answer points to, as an absolute address; NULL where it points nowhere. Valid until the next request. */
static const char *pointed_to(const struct exchange *exchange, CURLcode code)
{
	const char *url = NULL;
	long status = 0;

	(void)curl_easy_getinfo(exchange->http->easy, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK && status >= 300 && status < 400)
		(void)curl_easy_getinfo(exchange->http->easy, CURLINFO_REDIRECT_URL, &url);
	return url;
}

/* How messages name the exchange: the request, and the host where it was sent on to. */
static void name_exchange(struct exchange *exchange, const char *host)
{
	struct http_seen *seen = &exchange->seen;
	size_t len;

	url_for_people(exchange->request->url, seen->name, URL_SHOWN_SIZE);
	if (!host)
		return;
	len = strlen(seen->name);
	(void)snprintf(seen->name + len, sizeof(seen->name) - len, ", sent on to '%s'", host);
	seen->leaves = exchange->leaves;
}

/* Goes on to where the answer points, if it may. REDIRECT owns what the exchange borrows from then on. */
static int turn(struct exchange *exchange, const char *to, int followed, struct http_redirect *redirect)
{
	const struct http_options *options = &exchange->http->options;
	const char *ip = NULL;
	long status = 0;

	(void)curl_easy_getinfo(exchange->http->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(exchange->http->easy, CURLINFO_PRIMARY_IP, &ip);
	exchange->reply->http_status = (int)status;
	if (exchange->request->body)
		return error_set(exchange->err, ERROR_SERVER,
			"%s: the server points elsewhere (%d), and what is sent to one server is not sent to "
			"another: check "
			"the address",
			exchange->seen.name, (int)status);
	if (followed == 0)
		exchange->near = ip && http_redirect_is_this_machine(ip);
	if (http_redirect_take(options->redirects, exchange->request->url, exchange->url, to, (int)status, redirect,
		    exchange->err) < 0 ||
		(followed == HTTP_REDIRECTS_MOST && http_redirect_refuse_more(redirect, exchange->err) < 0))
		return error_context(exchange->err, "%s", exchange->seen.name);
	exchange->url = redirect->url;
	exchange->leaves = redirect->leaves;
	name_exchange(exchange, redirect->host);
	return 0;
}

static int ask_and_follow(struct exchange *exchange)
{
	AUTO(http_redirect) struct http_redirect redirect = {0};

	for (int followed = 0;; followed++) {
		CURLcode code;
		const char *to;

		if (!ask(exchange, &code))
			return error_set(exchange->err, ERROR_STOPPED, "%s: asked to stop", exchange->seen.name);
		if (exchange->was_near && code == CURLE_COULDNT_CONNECT) {
			(void)http_redirect_refuse_address(&redirect, exchange->err);
			return error_context(exchange->err, "%s", exchange->seen.name);
		}
		if (!(to = pointed_to(exchange, code)))
			return judge(exchange, code);
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
		.sink = sink,
		.sink_context = sink_context,
		.reply = ret_reply,
		.err = err,
		.seen.shows_certificate = http->options.certificate_pem != NULL};

	*ret_reply = (struct transport_reply){0};
	if (request->length > UINT64_MAX - request->offset)
		return error_set(err, ERROR_USAGE, "the part asked for ends beyond any file");
	if (local_is_url(request->url))
		return local_get(request, sink, sink_context, ret_reply, err);
	if (probe_is_url(request->url))
		return probe_get(request, http->options.connect_timeout_ms, http->options.stop_fd, sink, sink_context,
			ret_reply, err);
	name_exchange(&exchange, NULL);
	if (http->options.total_timeout_s)
		exchange.ends_ms = now_ms(http) + 1000 * http->options.total_timeout_s;
	return ask_and_follow(&exchange);
}

int http_open(const struct http_options *options, struct transport **ret_transport, struct error *err)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http)
		return error_set(err, ERROR_FAILED, "no memory for an HTTP client");
	http->transport = (struct transport){.get = http_get, .context = http};
	http->options = *options;
	clock_init(&http->clock, NULL);
	if (!options->connect_timeout_ms)
		http->options.connect_timeout_ms = HTTP_CONNECT_TIMEOUT_MS;
	if (!options->stall_timeout_s)
		http->options.stall_timeout_s = HTTP_STALL_TIMEOUT_S;
	http->global = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	http->post_headers = curl_slist_append(NULL, "Content-Type: application/json");
	if (!http->global || !http->post_headers || !(http->easy = curl_easy_init()) ||
		!(http->multi = curl_multi_init())) {
		http_close(&http->transport);
		return error_set(err, ERROR_FAILED, "cannot set up an HTTP client");
	}
	*ret_transport = &http->transport;
	return 0;
}

void http_set_rate(struct transport *transport, int64_t most_bytes_per_s)
{
	struct http *http = transport->context;

	http->options.most_bytes_per_s = most_bytes_per_s;
	/* What had to wait under the former limit need not wait longer under this one. */
	if (http->next_us > now_us(http))
		http->next_us = now_us(http);
}

void http_close(struct transport *transport)
{
	struct http *http = transport ? transport->context : NULL;

	if (!http)
		return;
	curl_easy_cleanup(http->easy);
	(void)curl_multi_cleanup(http->multi);
	curl_slist_free_all(http->post_headers);
	if (http->global)
		curl_global_cleanup();
	free(http);
}
