/* What a transfer that failed means: the class of error, and what a person can do about it. Part of updater/fetch/http. */
#ifndef UPDATER_FETCH_HTTP_VERDICT_H
#define UPDATER_FETCH_HTTP_VERDICT_H

#include <stdbool.h>

#include "common/error.h"

/* What was seen of a transfer. */
struct http_seen {
	bool shows_certificate; /* a client certificate is configured */
	bool leaves;		/* a redirect led to another host, to which that is not shown */
	char name[320];		/* the URL as messages show it, and where it was sent on to */
	char detail[256];	/* curl's own words; "" where it has none */
	char page[2048];	/* the beginning of the page that came with a refusal */
};

/* Sets the name: of URL without user and password, printable, and of the host where it was sent on to; NULL: none. */
void http_seen_name(struct http_seen *seen, const char *url, const char *host);

/* The server answered with STATUS, which is no success; returns -1. */
int http_judge_status(const struct http_seen *seen, int status, struct error *err);

/* The proxy answered with STATUS where a way to the server was asked for; returns -1. */
int http_judge_proxy(const struct http_seen *seen, int status, struct error *err);

/* No whole answer came; CURL_CODE says how far it got. Returns -1. */
int http_judge_failure(const struct http_seen *seen, int curl_code, struct error *err);

#endif
