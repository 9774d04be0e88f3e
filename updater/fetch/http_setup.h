/* What curl is told before one request: where it may go, what it may show, how long it may take. Part of
 * updater/fetch/http. */
#ifndef UPDATER_FETCH_HTTP_SETUP_H
#define UPDATER_FETCH_HTTP_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/transport.h"
#include "updater/fetch/http_options.h"

struct curl_slist;

struct http_setup {
	const struct http_options
		*options; /* its time-outs set; borrowed, as all below, until the request has ended */
	const struct transport_request *request;
	const char *url;  /* the request's, or where a redirect led */
	bool leaves;	  /* that is another host than the request's, to which our certificate is not shown */
	int64_t total_ms; /* for this request; 0: no limit */
	long piece;	  /* bytes that should come at once, at most */
	struct curl_slist *post_headers; /* of a request with a body */
};

/* EASY, a curl handle, knows nothing from before afterwards. */
void http_setup(void *easy, const struct http_setup *setup);

/* Is it for a part of a file? */
bool http_setup_is_part(const struct transport_request *request);

#endif
