/* What a transfer that failed means: the class of error, and what a person can do about it. Part of updater/http. */
#ifndef UPDATER_HTTP_VERDICT_H
#define UPDATER_HTTP_VERDICT_H

#include <stdbool.h>

#include "common/error.h"

/* What was seen of a transfer. */
struct http_seen {
	bool shows_certificate; /* a client certificate is configured */
	char name[256];		/* the URL as messages show it */
	char detail[256];	/* curl's own words; "" where it has none */
	char page[2048];	/* the beginning of the page that came with a refusal */
};

/* The server answered with STATUS, which is no success; returns -1. */
int http_judge_status(const struct http_seen *seen, int status, struct error *err);

/* The proxy answered with STATUS where a way to the server was asked for; returns -1. */
int http_judge_proxy(const struct http_seen *seen, int status, struct error *err);

/* No whole answer came; CURL_CODE says how far it got. Returns -1. */
int http_judge_failure(const struct http_seen *seen, int curl_code, struct error *err);

/* The hop of the way to a server at which a transfer ended. */
enum http_hop {
	HTTP_HOP_PROXY,
	HTTP_HOP_NAME,
	HTTP_HOP_CONNECT,
	HTTP_HOP_TLS,		   /* the server's certificate is not trusted, or no TLS came about */
	HTTP_HOP_CERTIFICATE,	   /* the server does not accept ours, or misses one */
	HTTP_HOP_CERTIFICATE_OVER, /* it says that ours has expired or has been revoked */
	HTTP_HOP_ANSWER,	   /* what was answered, or that nothing was */
};

/* ERR of a transfer that failed, as updater/http or updater/fetch gave it. */
enum http_hop http_hop_of(const struct error *err);

#endif
