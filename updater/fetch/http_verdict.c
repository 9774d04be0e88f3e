#include "updater/fetch/http_verdict.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "common/auto.h"
#include "common/text.h"
#include "updater/fetch/http_hop.h"

/* So much of a URL is shown. */
#define URL_SHOWN_SIZE 256

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

void http_seen_name(struct http_seen *seen, const char *url, const char *host)
{
	size_t len;

	url_for_people(url, seen->name, URL_SHOWN_SIZE);
	len = strlen(seen->name);
	if (host)
		(void)snprintf(seen->name + len, sizeof(seen->name) - len, ", sent on to '%s'", host);
}

/* The number of the TLS alert with which the server ended the connection, or 0. OpenSSL's error numbers carry it. */
static unsigned int tls_alert(const char *detail)
{
	const char *at = strstr(detail, "error:");
	unsigned int reason = at ? (unsigned int)strtoul(at + strlen("error:"), NULL, 16) & 0x7fffff : 0;

	return reason > 1000 && reason < 1256 ? reason - 1000 : 0;
}

static int client_certificate_error(const struct http_seen *seen, const char *why, struct error *err)
{
	if (seen->leaves)
		return error_set(err, ERROR_CERTIFICATE,
			"%s: that host wants a client certificate (%s), which is shown to the configured "
			"server alone: name that host in [server] url",
			seen->name, why);
	if (!seen->shows_certificate)
		return error_set(err, ERROR_CERTIFICATE,
			"%s: the server wants a client certificate and none is "
			"installed (%s): install the institution's certificate",
			seen->name, why);
	return error_set(err, ERROR_CERTIFICATE,
		"%s: the server does not accept the client certificate (%s): "
		"install the institution's current certificate",
		seen->name, why);
}

/* True if the server ended the connection over our certificate; ERR is set then. */
static bool is_client_certificate_alert(const struct http_seen *seen, struct error *err)
{
	static const struct {
		unsigned int alert;
		const char *why;
	} alerts[] = {{40, "handshake failure"}, {42, "bad certificate"}, {43, "unsupported certificate"},
		{44, "the certificate has been revoked"}, {45, "the certificate has expired"},
		{46, "certificate unknown"}, {48, "its issuer is unknown there"}, {49, "access denied"},
		{116, "certificate required"}};
	unsigned int alert = tls_alert(seen->detail);

	for (size_t i = 0; i < ARRAY_SIZE(alerts); i++)
		if (alerts[i].alert == alert) {
			(void)client_certificate_error(seen, alerts[i].why, err);
			if (err)
				err->sys = HTTP_ALERT_SYS + (int)alert;
			return true;
		}
	return false;
}

static int proxy_error(const struct http_seen *seen, int status, struct error *err)
{
	/* Some proxies say 401 where 407 is meant. */
	if (status == 407 || status == 401)
		return error_set(err, ERROR_NETWORK,
			"%s: the proxy wants another user and password (%d): check [server] proxy_credentials",
			seen->name, status);
	return error_set(err, ERROR_NETWORK, "%s: the proxy does not let us through (%d): check the configured proxy",
		seen->name, status);
}

int http_judge_proxy(const struct http_seen *seen, int status, struct error *err)
{
	(void)proxy_error(seen, status, err);
	if (err)
		err->sys = CURLE_PROXY;
	return -1;
}

/* That it answered is known by its sys: it may have other files all the same. */
static int cannot_answer_now(const struct http_seen *seen, int status, struct error *err)
{
	(void)error_set(err, ERROR_NETWORK, "%s: the server cannot answer now (%d)", seen->name, status);
	if (err)
		err->sys = HTTP_STATUS_SYS + status;
	return -1;
}

/* A redirect that says nowhere, or what answers something that was not asked: a server of files sends neither. */
static int useless(const struct http_seen *seen, int status, struct error *err)
{
	bool points = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;

	if (!points)
		return error_set(err, ERROR_STRANGER,
			"%s: the answer is of no use here (%d): tell whoever runs the server", seen->name, status);
	(void)error_set(err, ERROR_STRANGER,
		"%s: the server points elsewhere and does not say where (%d): tell whoever runs the server", seen->name, status);
	if (err)
		err->sys = CURLE_TOO_MANY_REDIRECTS;
	return -1;
}

int http_judge_status(const struct http_seen *seen, int status, struct error *err)
{
	/* nginx and haishin-server answer so where the certificate is missing or not accepted. */
	bool about_certificate = strcasestr(seen->page, "SSL certificate") != NULL;

	if (status >= 400 && status < 500 && about_certificate)
		return client_certificate_error(seen, "the server says so", err);
	if (status == 403 || status == 404 || status == 410)
		return error_set(err, ERROR_NOT_FOUND, "%s: the server has no such file (%d)", seen->name, status);
	if (status == 407)
		return http_judge_proxy(seen, status, err);
	if (status == 511)
		return error_set(err, ERROR_STRANGER, "%s: this network wants somebody to sign in first (511)", seen->name);
	if (status == 408 || status == 429 || status >= 500)
		return cannot_answer_now(seen, status, err);
	if (status < 400)
		return useless(seen, status, err);
	return error_set(err, ERROR_SERVER, "%s: the server refuses (%d)", seen->name, status);
}

/* What curl's codes mean to a caller, and what a person can do; all others are a lost contact. */
static const struct verdict {
	CURLcode curl;
	enum error_code code;
	const char *text;
} verdicts[] = {
	{CURLE_URL_MALFORMAT, ERROR_INPUT, "this is no URL: check the configured server"},
	{CURLE_UNSUPPORTED_PROTOCOL, ERROR_NETWORK,
		"what answered does not speak HTTP, or the URL is not http or https"},
	{CURLE_COULDNT_RESOLVE_PROXY, ERROR_NETWORK, "the proxy's name is unknown: check the configured proxy"},
	{CURLE_COULDNT_RESOLVE_HOST, ERROR_NETWORK, "the server's name is unknown: check the network and the name"},
	{CURLE_COULDNT_CONNECT, ERROR_NETWORK, "no contact with the server: check the network"},
	{CURLE_SSL_CONNECT_ERROR, ERROR_NETWORK,
		"no encrypted connection came about: check the server's name and port"},
	{CURLE_WEIRD_SERVER_REPLY, ERROR_NETWORK, "what answered does not speak HTTP"},
	{CURLE_PARTIAL_FILE, ERROR_NETWORK, "the transfer was cut"},
	{CURLE_OPERATION_TIMEDOUT, ERROR_NETWORK, "the server is silent or too slow"},
	{CURLE_GOT_NOTHING, ERROR_NETWORK, "the server closed without an answer"},
	{CURLE_PEER_FAILED_VERIFICATION, ERROR_CERTIFICATE,
		"the server's certificate is not trusted: check the clock, the server's name and the configured "
		"authorities"},
	{CURLE_SSL_CACERT_BADFILE, ERROR_CERTIFICATE, "the configured authorities cannot be read"},
	{CURLE_SSL_CERTPROBLEM, ERROR_CERTIFICATE, "the client certificate and its key cannot be used"},
	{CURLE_OUT_OF_MEMORY, ERROR_FAILED, "no memory"},
};

int http_judge_failure(const struct http_seen *seen, int curl_code, struct error *err)
{
	struct verdict verdict = {CURLE_OK, ERROR_NETWORK, "the contact was lost"};
	char detail[CURL_ERROR_SIZE];

	if (is_client_certificate_alert(seen, err))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++)
		if ((int)verdicts[i].curl == curl_code)
			verdict = verdicts[i];
	text_printable(
		seen->detail[0] ? seen->detail : curl_easy_strerror((CURLcode)curl_code), detail, sizeof(detail));
	(void)error_set(err, verdict.code, "%s: %s (%s)", seen->name, verdict.text, detail);
	if (err)
		err->sys = curl_code;
	return -1;
}
