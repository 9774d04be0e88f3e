/* What comes back for one request, from its headers to the verdict. Part of updater/fetch/http. */
#ifndef UPDATER_FETCH_HTTP_ANSWER_H
#define UPDATER_FETCH_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "common/transport.h"
#include "updater/fetch/http_verdict.h"

struct http_answer {
	void *easy;				 /* the curl handle; borrowed, as all below */
	const struct transport_request *request; /* all that came must be what it asked for */
	transport_sink *sink;
	void *sink_context;
	struct buf *gathered;	       /* body that the sink has not got yet; has room for the longest piece */
	struct transport_reply *reply; /* bytes: that the sink has got */
	struct error *err;
	struct http_seen seen;

	struct transport_begins begins; /* of the body of a success */

	bool tls_began;	   /* the server took the connection, and was spoken to in TLS */
	bool ended_by_us;  /* err is set, by a check of ours or by the sink */
	bool checked;	   /* its headers are what was asked for */
	uint64_t page_len; /* of the page that came with a refusal */
	uint64_t headers_len;
};

/* Before each request, of which a redirect makes several: nothing has come yet. */
void http_answer_begin(struct http_answer *answer);

/* LEN bytes of headers or trailers have come. False: the request is to end. */
bool http_answer_take_header(struct http_answer *answer, size_t len);
/* Ends the request with ERROR_NETWORK: what serves so may serve better another time, or elsewhere. Returns false. */
bool http_answer_give_up(struct http_answer *answer, const char *why);

/* Takes LEN bytes of the body of an answer with STATUS: for the sink, or where STATUS is no success the beginning into
 * what was seen. False: the request is to end. */
bool http_answer_take(struct http_answer *answer, long status, const void *data, size_t len);
/* Hands what was gathered to the sink; to be called before waiting for more, so that nothing that came waits too.
 * False: the request is to end. */
bool http_answer_pass_on(struct http_answer *answer);

/* Where it points to, as an absolute address; NULL where it points nowhere. CURL_CODE says how the request ended. Valid
 * until the next request. */
const char *http_answer_points_to(const struct http_answer *answer, int curl_code);

/* What came of the request, with the reply's status; -1 with the answer's err set. */
WARN_UNUSED int http_answer_judge(struct http_answer *answer, int curl_code);

#endif
