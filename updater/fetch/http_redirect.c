#include "updater/fetch/http_redirect.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "common/text.h"

DEFINE_AUTO_PTR(url, CURLU, curl_url_cleanup);

DEFINE_AUTO_PTR(part, char, curl_free);

void http_redirect_clear(struct http_redirect *redirect)
{
	free(redirect->url);
	*redirect = (struct http_redirect){0};
}

/* All refusals have the sys by which the hop is known (updater/fetch/http_hop.h). */
static int refuse(struct error *err)
{
	if (err)
		err->sys = CURLE_TOO_MANY_REDIRECTS;
	return -1;
}

int http_redirect_refuse_address(const struct http_redirect *redirect, struct error *err)
{
	(void)error_set(err, ERROR_STRANGER,
		"the server points to '%s', an address of this machine or of its own link, which is never followed: "
		"tell whoever runs the server",
		redirect->host);
	return refuse(err);
}

int http_redirect_refuse_more(const struct http_redirect *redirect, struct error *err)
{
	(void)error_set(err, ERROR_STRANGER,
		"the server points elsewhere again and again, to '%s' at last: tell whoever runs the server",
		redirect->host);
	return refuse(err);
}

/* ---- Addresses ---- */

static bool is_this_machine(const struct in6_addr *ip)
{
	if (IN6_IS_ADDR_V4MAPPED(ip))
		return ip->s6_addr[12] == 127 || ip->s6_addr[12] == 0;
	return IN6_IS_ADDR_LOOPBACK(ip) || IN6_IS_ADDR_UNSPECIFIED(ip);
}

static bool is_on_the_link(const struct in6_addr *ip)
{
	if (IN6_IS_ADDR_V4MAPPED(ip))
		return ip->s6_addr[12] == 169 && ip->s6_addr[13] == 254;
	return IN6_IS_ADDR_LINKLOCAL(ip);
}

static struct in6_addr mapped(const struct in_addr *ip)
{
	struct in6_addr both = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

	memcpy(both.s6_addr + 12, ip, sizeof(*ip));
	return both;
}

bool http_redirect_may_reach(const struct sockaddr *address, bool from_this_machine)
{
	struct in6_addr ip;

	if (address->sa_family == AF_INET)
		ip = mapped(&((const struct sockaddr_in *)(const void *)address)->sin_addr);
	else if (address->sa_family == AF_INET6)
		ip = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	else
		return false;
	return !is_on_the_link(&ip) && (from_this_machine || !is_this_machine(&ip));
}

bool http_redirect_is_this_machine(const char *text)
{
	struct in6_addr ip;
	struct in_addr ipv4;

	if (inet_pton(AF_INET, text, &ipv4) == 1)
		ip = mapped(&ipv4);
	else if (inet_pton(AF_INET6, text, &ip) != 1)
		return false;
	return is_this_machine(&ip);
}

/* ---- URLs ---- */

static CURLU *parse(const char *text)
{
	AUTO(url) CURLU *url = curl_url();

	if (url && curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME | CURLU_PATH_AS_IS) == CURLUE_OK)
		return take_ptr(&url);
	return NULL;
}

/* "" where it has none. The caller's to free. */
static char *part_of(CURLU *url, CURLUPart which)
{
	AUTO(part) char *part = NULL;

	return curl_url_get(url, which, &part, 0) == CURLUE_OK ? strdup(part) : strdup("");
}

static bool is_https(const char *url)
{
	return strncasecmp(url, "https:", strlen("https:")) == 0;
}

static bool is_same_host(CURLU *a, CURLU *b)
{
	AUTO(free) char *host_a = part_of(a, CURLUPART_HOST), *host_b = part_of(b, CURLUPART_HOST);

	return host_a && host_b && *host_a && strcasecmp(host_a, host_b) == 0;
}

static void name_host(CURLU *url, char ret_host[static HTTP_REDIRECT_HOST_SIZE])
{
	AUTO(free) char *host = part_of(url, CURLUPART_HOST), *port = part_of(url, CURLUPART_PORT);
	char text[512];

	(void)snprintf(text, sizeof(text), "%s%s%s", host ? host : "", port && *port ? ":" : "", port ? port : "");
	text_printable(text, ret_host, HTTP_REDIRECT_HOST_SIZE);
}

/* What ALLOWED has no say in. */
static int check_scheme(CURLU *to, const char *from, const char *host, int status, struct error *err)
{
	AUTO(free) char *scheme = part_of(to, CURLUPART_SCHEME);

	if (!scheme || (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)) {
		(void)error_set(err, ERROR_STRANGER,
			"the server points to an address that is not http or https (%d), which is never followed: "
			"tell whoever runs the server",
			status);
		return refuse(err);
	}
	if (is_https(from) && strcmp(scheme, "https") != 0) {
		(void)error_set(err, ERROR_STRANGER,
			"the server points to '%s' without encryption (%d), and from https to http is never "
			"followed: tell whoever runs the server",
			host, status);
		return refuse(err);
	}
	return 0;
}

static int check_allowed(enum http_redirects allowed, bool leaves, const char *host, int status, struct error *err)
{
	if (allowed == HTTP_REDIRECTS_ANY || (allowed == HTTP_REDIRECTS_SAME_HOST && !leaves))
		return 0;
	(void)error_set(err, ERROR_STRANGER,
		"the server points to '%s' (%d), which [network] redirects = %s does not allow: allow it there, or "
		"name that host in [server] url",
		host, status, allowed == HTTP_REDIRECTS_NONE ? "none" : "same-host");
	return refuse(err);
}

/* The address as it is to be asked: with the user and password that are meant for its host, and no others. */
static int set_user(CURLU *to, CURLU *asked, bool leaves)
{
	AUTO(part) char *user = NULL;
	AUTO(part) char *password = NULL;

	if (!leaves) {
		(void)curl_url_get(asked, CURLUPART_USER, &user, 0);
		(void)curl_url_get(asked, CURLUPART_PASSWORD, &password, 0);
	}
	return curl_url_set(to, CURLUPART_USER, user, 0) == CURLUE_OK &&
			       curl_url_set(to, CURLUPART_PASSWORD, password, 0) == CURLUE_OK
		       ? 0
		       : -1;
}

int http_redirect_take(enum http_redirects allowed, const char *asked, const char *from, const char *to, int status,
	struct http_redirect *ret, struct error *err)
{
	AUTO(url) CURLU *asked_url = parse(asked);
	AUTO(url) CURLU *to_url = parse(to);
	AUTO(http_redirect) struct http_redirect redirect = {0};

	if (!asked_url || !to_url) {
		(void)error_set(err, ERROR_STRANGER,
			"the server points to what is no address (%d): tell whoever runs the server", status);
		return refuse(err);
	}
	redirect.leaves = !is_same_host(asked_url, to_url);
	name_host(to_url, redirect.host);
	if (check_scheme(to_url, from, redirect.host, status, err) < 0 ||
		check_allowed(allowed, redirect.leaves, redirect.host, status, err) < 0)
		return -1;
	if (set_user(to_url, asked_url, redirect.leaves) < 0 || !(redirect.url = part_of(to_url, CURLUPART_URL)))
		return error_set(err, ERROR_FAILED, "no memory for a URL");
	http_redirect_clear(ret);
	*ret = redirect;
	redirect = (struct http_redirect){0};
	return 0;
}
