/* One request and its answer. A handler either fills in the answer at once, or takes the exchange along to a
 * thread of its own and hands it back with exchange_done() when the answer is there; meanwhile the connection
 * waits and no thread does. */
#ifndef COLLECTOR_HTTP_EXCHANGE_H
#define COLLECTOR_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/identity/client.h"
#include "common/buf.h"
#include "common/json.h"

#define EXCHANGE_METHOD_SIZE 8
#define EXCHANGE_PATH_SIZE 512
#define EXCHANGE_BODY_MOST 65536
#define EXCHANGE_ANSWER_MOST (8u << 20)
#define EXCHANGE_ETAG_SIZE 80

/* What the proxy says of its client: nginx's $ssl_client_verify, $ssl_client_escaped_cert and $remote_addr. */
#define EXCHANGE_PROXY_VERIFY "X-Client-Verify"
#define EXCHANGE_PROXY_CERTIFICATE "X-Client-Certificate"
#define EXCHANGE_PROXY_ADDRESS "X-Client-Address"
#define EXCHANGE_ADDRESS_SIZE 64

struct exchange {
	char method[EXCHANGE_METHOD_SIZE];
	char path[EXCHANGE_PATH_SIZE]; /* as the client sent it, without its query */
	const struct client *client;   /* borrowed from the connection; NULL: nobody, who asks what is for anybody */
	bool is_proxied;
	struct buf body;
	bool is_too_large; /* the body was; it is then empty */
	int64_t began_ms;

	unsigned int status;	  /* of the answer; 0 before there is one */
	const char *content_type; /* a constant */
	struct buf answer;
	char etag[EXCHANGE_ETAG_SIZE]; /* with its quotes; "": none */
	char next[EXCHANGE_PATH_SIZE]; /* the address of the next page; "": none */
	int64_t retry_after_s;
	bool is_immutable;  /* the answer never changes */
	bool is_worded;	    /* it is in the language that the browser wants */
	const char *cookie; /* a constant, "NAME=VALUE; ...", for the browser to keep; NULL: none */
	bool is_base64;	    /* as EST wants it said */
	bool wants_password;
	bool is_last; /* the connection ends with the answer */

	void *connection; /* of the implementation */
	bool is_away;
	/* For whoever keeps it in a queue meanwhile. */
	struct exchange *following;
	char asker[SHA256_HEX_SIZE];
	uint64_t round;
};

/* Of the request; NULL where it has none. Names of arguments are those of the query (?verdict=attention). */
const char *exchange_header(const struct exchange *exchange, const char *name);
const char *exchange_argument(const struct exchange *exchange, const char *name);
const char *exchange_cookie(const struct exchange *exchange, const char *name);
/* Hands over the arguments one by one; false from EACH ends it. */
void exchange_each_argument(const struct exchange *exchange,
	bool (*each)(void *context, const char *name, const char *value), void *context);

/* The certificate that the client showed, as DER; empty where it showed none. */
WARN_UNUSED int exchange_certificate(const struct exchange *exchange, struct buf *ret_der, struct error *err);
/* Where it comes from, of IPv6 the network (/64) alone; "" where a proxy does not say. */
void exchange_address(const struct exchange *exchange, char ret_address[static EXCHANGE_ADDRESS_SIZE]);

/* Fill in the answer. Each replaces what was there. What is wrong is told as JSON: {"error": SENTENCE, "code": ERROR-CODE}. */
void exchange_answer_text(struct exchange *exchange, unsigned int status, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* STATUS follows from the code where it is 0. */
void exchange_answer_error(struct exchange *exchange, unsigned int status, const struct error *err);
/* The bytes are those of TAKE_BYTES, which is empty afterwards. */
void exchange_answer_bytes(struct exchange *exchange, const char *content_type, struct buf *take_bytes);
/* The same with a copy. */
void exchange_answer_copy(struct exchange *exchange, const char *content_type, const char *text, size_t len);
void exchange_answer_json(struct exchange *exchange, unsigned int status, const json_t *value);

/* From the handler, before another thread can know of the exchange: the connection waits from now on. */
void exchange_take_along(struct exchange *exchange);
/* From that other thread: the answer is there. The exchange must not be touched afterwards. */
void exchange_done(struct exchange *exchange);

#endif
