/* How bytes come from a distribution server: the seam between those who need them (the TUF client, staging) and those
 * who fetch them (haishin-fetch, a test). */
#ifndef COMMON_TRANSPORT_H
#define COMMON_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"

struct transport_request {
	const char *url;      /* passed through byte for byte */
	uint64_t offset;      /* first byte wanted */
	uint64_t length;      /* bytes wanted from there; 0: to the end */
	uint64_t limit;	      /* more bytes than this end the transfer with ERROR_REFUSED, whatever headers say */
	int64_t time_limit_s; /* for all of it, connecting too; where the speed is limited, that is added; 0: none */
	const void *body;     /* sent by POST when not NULL; borrowed */
	size_t body_len;
	const char *media_type; /* of the body; NULL: application/json */
	const char *password;	/* of HTTP's Basic authentication, without a name: a secret, for this request alone; NULL: none */
};

/* What the server said, filled in on success and, as far as known, on failure. */
struct transport_reply {
	int http_status; /* 0 where none came */
	uint64_t bytes;	 /* of body that arrived */
};

/* Takes the next bytes of the body; -1 with ERR set ends the transfer with that error. */
typedef int transport_sink(void *context, const void *data, size_t len, struct error *err);

struct transport {
	/* Transfers once: no second try, no probe. On 0 the whole of what was asked for went to the sink. On -1:
	 * ERROR_NOT_FOUND for 403, 404 and 410; ERROR_STRANGER for 511, for a page in place of what was asked for, and for a redirect
	 * that is not followed or any other 3xx; ERROR_NETWORK for no contact, a cut, a time-out, other 5xx, 407, 408 or 429, a proxy
	 * that refuses, each with the error's retry_after_s where the server said; ERROR_SERVER for other 4xx; ERROR_CERTIFICATE,
	 * whatever the status, where that is what the server says; ERROR_REFUSED beyond the limit; ERROR_STOPPED. The sink may have had
	 * bytes before any of them. A whole body
	 * where a part was asked for is an ERROR_SERVER. */
	int (*ask)(struct transport *transport, const struct transport_request *request, transport_sink *sink,
		void *sink_context, struct transport_reply *ret_reply, struct error *err);
	void *context;
};

/* True where a body that should be one of the distribution server's files begins, with the LEN bytes that came of it, as none of
 * those does: with nothing at all, a page, something compressed. Then something else answers. */
bool transport_is_strange(const void *body, size_t len);

/* So many bytes are enough to tell. */
#define TRANSPORT_BEGINS_SIZE 64
struct transport_begins {
	char bytes[TRANSPORT_BEGINS_SIZE];
	size_t len;
};
/* Keeps of LEN more bytes of a body what belongs to its beginning. */
void transport_begins_add(struct transport_begins *begins, const void *data, size_t len);

/* One whole small body into memory, within the limit of RET_BODY, and within TRANSPORT_SMALL_S and the time that the
 * limit takes at TRANSPORT_SMALL_BYTES_PER_S, and where MOST_S is not 0 within that: what everybody waits for must not be held up by a slow server. */
#define TRANSPORT_SMALL_S 60
#define TRANSPORT_SMALL_BYTES_PER_S 8192
WARN_UNUSED int transport_get_bytes(struct transport *transport, const char *url, int64_t most_s,
	struct buf *ret_body, struct transport_reply *ret_reply, struct error *err);

#endif
