#include "agent/night/doctor_network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/platform.h"
#include "common/text.h"
#include "updater/fetch/http_hop.h"
#include "updater/fetch/http_probe.h"

#define HOST_SIZE 256
#define PROBE_MOST_BYTES 16384
#define ANSWER_MOST_BYTES (1u << 20)

/* The way to one server. */
struct server_walk {
	const struct doctor_walk *walk;
	struct transport *transport;
	const char *url;
	bool is_tls;
	bool matters; /* it is the last hope: what fails here is a failure, else a warning */
	bool by_proxy;
	char host[HOST_SIZE]; /* "name:port" of whom we connect to: the server, or the proxy */
};

static enum doctor_outcome bad(const struct server_walk *server)
{
	return server->matters ? DOCTOR_FAILED : DOCTOR_WARNING;
}

static void take(const struct server_walk *server, const struct doctor_hop *hop)
{
	server->walk->take(server->walk->context, hop);
}

/* "name:port" of a URL, whose user and password are nobody's business. */
static void host_of_url(const char *url, char ret_host[static HOST_SIZE])
{
	const char *scheme_end = strstr(url, "://");
	const char *host = scheme_end ? scheme_end + strlen("://") : url;
	const char *fallback = strncmp(url, "https:", strlen("https:")) == 0 ? ":443" : ":80";
	size_t len = strcspn(host, "/?#");
	const char *at = memrchr(host, '@', len), *colon;

	if (at) {
		len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	colon = memrchr(host, ':', len);
	if (colon && !memchr(colon, ']', len - (size_t)(colon - host)))
		fallback = "";
	(void)snprintf(ret_host, HOST_SIZE, "%.*s%s", (int)len, host, fallback);
}

/* ---- The name and its addresses. ---- */

/* Nobody listens there; there is no way at all; or nothing comes back. */
static enum doctor_finding address_finding(const struct server_walk *server, const char *failed)
{
	static const int without_way[] = {ENETUNREACH, ENETDOWN, EADDRNOTAVAIL};

	for (size_t i = 0; i < ARRAY_SIZE(without_way); i++)
		if (strcmp(failed, strerrordesc_np(without_way[i])) == 0)
			return FINDING_LINK_DOWN;
	if (server->by_proxy)
		return FINDING_PROXY_UNREACHABLE;
	return strcmp(failed, strerrordesc_np(ECONNREFUSED)) == 0 ? FINDING_SERVER_STOPPED : FINDING_SERVER_UNREACHABLE;
}

static void tell_address(const struct server_walk *server, const char *line, bool any_answers)
{
	const char *failed = strstr(line, " failed ");
	struct error why = {0};
	struct doctor_hop hop;

	doctor_hop_begin(&hop, DOCTOR_HOP_ADDRESS, "%.*s", (int)strcspn(line, " "), line);
	if (failed) {
		(void)error_set(&why, ERROR_NETWORK, "%s", failed + strlen(" failed "));
		doctor_hop_blame(&hop, any_answers ? DOCTOR_WARNING : bad(server),
			any_answers ? FINDING_ADDRESS_SILENT : address_finding(server, why.text), &why);
	}
	take(server, &hop);
}

/* One hop for each address; what the worker says is made printable. True if one of them answers. */
static bool tell_addresses(const struct server_walk *server, const struct buf *lines)
{
	bool any_answers = strstr(buf_text(lines), " ok\n") != NULL;
	char *text = strdup(buf_text(lines)), *state = NULL;
	int told = 0;

	for (char *line = text ? strtok_r(text, "\n", &state) : NULL; line && told++ < PROBE_ADDRESSES_MOST;
		line = strtok_r(NULL, "\n", &state)) {
		char printable[512];

		text_printable(line, printable, sizeof(printable));
		tell_address(server, printable, any_answers);
	}
	free(text);
	return any_answers;
}

static bool walk_name(const struct server_walk *server)
{
	AUTO(buf) struct buf lines = BUF_INIT(PROBE_MOST_BYTES);
	struct transport_reply reply;
	struct error why = {0};
	struct doctor_hop hop;
	char url[HOST_SIZE + 16];

	(void)snprintf(url, sizeof(url), "probe://%s", server->host);
	doctor_hop_begin(&hop, DOCTOR_HOP_NAME, "%s", server->host);
	if (transport_get_bytes(server->transport, url, 0, &lines, &reply, &why) < 0) {
		doctor_hop_blame(&hop, bad(server),
			why.code != ERROR_NOT_FOUND ? FINDING_NAME_SERVER_SILENT
			: server->by_proxy		    ? FINDING_PROXY_UNKNOWN
						    : FINDING_NAME_UNKNOWN,
			&why);
		hop.code = ERROR_NETWORK; /* whichever it is */
		take(server, &hop);
		return false;
	}
	take(server, &hop);
	return tell_addresses(server, &lines);
}

/* A server on this machine needs no network. */
static bool is_here(const char *host)
{
	static const char *const here[] = {"localhost:", "127.", "[::1]:"};

	for (size_t i = 0; i < ARRAY_SIZE(here); i++)
		if (strncasecmp(host, here[i], strlen(here[i])) == 0)
			return true;
	return false;
}

static bool walk_link(const struct server_walk *server)
{
	enum platform_link link = is_here(server->host) ? PLATFORM_LINK_UNKNOWN
						     : platform_link(server->walk->terminal->env->fs, server->walk->link_folder);
	struct error why = {0};
	struct doctor_hop hop;

	doctor_hop_begin(&hop, DOCTOR_HOP_LINK, "%s", "");
	if (link == PLATFORM_LINK_UNKNOWN)
		hop.outcome = DOCTOR_SKIPPED;
	if (link == PLATFORM_LINK_DOWN) {
		(void)error_set(&why, ERROR_NETWORK, "no network interface of this machine has a link");
		doctor_hop_blame(&hop, bad(server), FINDING_LINK_DOWN, &why);
	}
	take(server, &hop);
	return link != PLATFORM_LINK_DOWN;
}

static void walk_proxy(const struct server_walk *server)
{
	struct doctor_hop hop;

	doctor_hop_begin(&hop, DOCTOR_HOP_PROXY, "%s", server->by_proxy ? server->host : "");
	if (!server->by_proxy)
		hop.outcome = DOCTOR_SKIPPED;
	take(server, &hop);
}

/* ---- TLS and the answer. ---- */

static enum doctor_finding answer_finding(const struct error *why)
{
	switch (why->code) {
	case ERROR_NOT_FOUND:
	case ERROR_REFUSED:
		return FINDING_SERVER_NO_REPOSITORY;
	case ERROR_SERVER:
		return FINDING_SERVER_REFUSES;
	case ERROR_STRANGER:
		return FINDING_SERVER_STRANGER;
	default:
		return FINDING_SERVER_SILENT;
	}
}

/* The hop at which a transfer ended, and what is wrong there. */
static void name_failure(const struct error *why, enum doctor_hop_kind *ret_place, enum doctor_finding *ret_finding)
{
	switch (http_hop_of(why)) {
	case HTTP_HOP_PROXY:
		*ret_place = DOCTOR_HOP_PROXY;
		*ret_finding = FINDING_PROXY_REFUSES;
		return;
	case HTTP_HOP_NAME:
		*ret_place = DOCTOR_HOP_NAME;
		*ret_finding = FINDING_NAME_UNKNOWN;
		return;
	case HTTP_HOP_CONNECT:
		*ret_place = DOCTOR_HOP_ADDRESS;
		*ret_finding = FINDING_SERVER_UNREACHABLE;
		return;
	case HTTP_HOP_TLS:
		*ret_place = DOCTOR_HOP_TLS;
		*ret_finding = why->code == ERROR_CERTIFICATE ? FINDING_TLS_UNTRUSTED : FINDING_TLS_FAILED;
		return;
	case HTTP_HOP_CERTIFICATE:
		*ret_place = DOCTOR_HOP_CERTIFICATE;
		*ret_finding = FINDING_CERTIFICATE_REFUSED;
		return;
	case HTTP_HOP_CERTIFICATE_OVER:
		*ret_place = DOCTOR_HOP_CERTIFICATE;
		*ret_finding = FINDING_CERTIFICATE_EXPIRED;
		return;
	case HTTP_HOP_REDIRECT:
		*ret_place = DOCTOR_HOP_SERVER;
		*ret_finding = FINDING_SERVER_REDIRECTS;
		return;
	case HTTP_HOP_ANSWER:
		break;
	}
	*ret_place = DOCTOR_HOP_SERVER;
	*ret_finding = answer_finding(why);
}

static void tell_tls(const struct server_walk *server)
{
	struct doctor_hop hop;

	doctor_hop_begin(&hop, DOCTOR_HOP_TLS, "%s", server->is_tls ? server->url : "");
	if (!server->is_tls)
		hop.outcome = DOCTOR_SKIPPED;
	take(server, &hop);
}

static bool walk_answer(const struct server_walk *server)
{
	AUTO(buf) struct buf body = BUF_INIT(ANSWER_MOST_BYTES);
	struct transport_reply reply;
	enum doctor_hop_kind place;
	enum doctor_finding finding;
	struct error why = {0};
	struct doctor_hop hop;
	char url[1024];

	(void)snprintf(url, sizeof(url), "%s/metadata/timestamp.json", server->url);
	if (transport_get_bytes(server->transport, url, 0, &body, &reply, &why) == 0) {
		tell_tls(server);
		doctor_hop_begin(&hop, DOCTOR_HOP_SERVER, "%s", server->url);
		take(server, &hop);
		return true;
	}
	name_failure(&why, &place, &finding);
	if (place == DOCTOR_HOP_SERVER || place == DOCTOR_HOP_CERTIFICATE)
		tell_tls(server); /* so far it went */
	doctor_hop_begin(&hop, place, "%s", server->url);
	doctor_hop_blame(&hop, bad(server), finding, &why);
	take(server, &hop);
	return false;
}

static bool walk_server(struct server_walk *server)
{
	const char *proxy = server->walk->terminal->config->proxy;

	if (strncmp(server->url, "file:", strlen("file:")) == 0)
		return walk_answer(server);
	server->is_tls = strncmp(server->url, "https:", strlen("https:")) == 0;
	server->by_proxy = *proxy != '\0';
	host_of_url(server->by_proxy ? proxy : server->url, server->host);
	if (!walk_link(server))
		return false;
	walk_proxy(server);
	return walk_name(server) && walk_answer(server);
}

bool doctor_walk_network(const struct doctor_walk *walk, struct distribution *distribution)
{
	const struct config_list *urls = &walk->terminal->config->server_urls;
	bool any_answers = false;

	for (size_t i = 0; i < urls->count; i++) {
		struct server_walk server = {
			.walk = walk,
			.transport = distribution->connection.direct,
			.url = urls->items[i],
			.matters = i + 1 == urls->count && !any_answers,
		};

		any_answers |= walk_server(&server);
	}
	return any_answers;
}
