#include "updater/fetch/http_setup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

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

static void set_limits(CURL *easy, const struct http_setup *setup)
{
	const struct http_options *options = setup->options;

	(void)curl_easy_setopt(
		easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(HTTP_CONNECT_TIMES * options->connect_timeout_ms));
	(void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)HTTP_SLOWEST);
	(void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)options->stall_timeout_s);
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)setup->total_ms);
	(void)curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, setup->piece);
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
	(void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L); /* updater/fetch/http_redirect.h */
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, options->proxy ? options->proxy : "");
	(void)curl_easy_setopt(easy, CURLOPT_PROXYUSERPWD, options->proxy_credentials);
	(void)curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	(void)curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "haishin/" HAISHIN_VERSION);
}

static void set_body(CURL *easy, const struct http_setup *setup)
{
	const struct transport_request *request = setup->request;
	char range[64];

	if (request->body) {
		(void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
		(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, setup->post_headers);
		if (request->password && !setup->leaves) {
			(void)curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
			(void)curl_easy_setopt(easy, CURLOPT_USERNAME, "");
			(void)curl_easy_setopt(easy, CURLOPT_PASSWORD, request->password);
		}
	} else if (http_setup_is_part(request)) {
		if (request->length)
			(void)snprintf(range, sizeof(range), "%" PRIu64 "-%" PRIu64, request->offset,
				request->offset + request->length - 1);
		else
			(void)snprintf(range, sizeof(range), "%" PRIu64 "-", request->offset);
		(void)curl_easy_setopt(easy, CURLOPT_RANGE, range);
	}
}

bool http_setup_is_part(const struct transport_request *request)
{
	return request->offset > 0 || request->length > 0;
}

void http_setup(void *easy, const struct http_setup *setup)
{
	curl_easy_reset(easy);
	set_route(easy, setup->options, setup->url);
	set_limits(easy, setup);
	set_tls(easy, setup->options, setup->leaves);
	set_body(easy, setup);
}
