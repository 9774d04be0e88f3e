/* A real HTTP server on loopback, with or without TLS, that serves a folder well, ranges too, until it is told to
 * misbehave: faults are queued, and each answers one request. */
#ifndef TESTS_SUPPORT_BAD_SERVER_H
#define TESTS_SUPPORT_BAD_SERVER_H

#include <stdint.h>

enum bad_fault {
	BAD_NOTHING,	     /* a good answer, to let requests pass before a fault */
	BAD_STALL,	     /* silent after AT bytes of the body */
	BAD_CUT,	     /* the connection closes after AT bytes of the body */
	BAD_RESET,	     /* the same with a reset, once the client has read them */
	BAD_CLOSE,	     /* closed without an answer */
	BAD_STATUS,	     /* answers with status AT */
	BAD_BUSY,	     /* 503 with Retry-After: AT */
	BAD_BYTES,	     /* the byte of the body at AT is another */
	BAD_ZEROS,	     /* the length is right, and each byte is 0 */
	BAD_SHORT,	     /* announces and sends AT bytes, fewer than there are */
	BAD_LONG,	     /* announces and sends AT bytes more than there are */
	BAD_GARBAGE,	     /* what comes is no HTTP */
	BAD_REDIRECT_LOOP,   /* points at itself; put it in the queue as often as it shall be followed */
	BAD_REDIRECT,	     /* points at the text given to bad_server_redirect_to */
	BAD_DRIP,	     /* a byte now and then, without end */
	BAD_HTTP10,	     /* HTTP/1.0 without a length, ends by closing */
	BAD_HTTP10_CUT,	     /* the same, ending after AT bytes */
	BAD_CHUNKED_CUT,     /* chunked, closing after AT bytes without a last chunk */
	BAD_WHOLE,	     /* 200 with the whole file whatever was asked for */
	BAD_OTHER_RANGE,     /* 206 with the part one byte further on */
	BAD_ENDLESS,	     /* chunked, without end */
	BAD_HEADERS,	     /* headers without end */
	BAD_EARLY,	     /* 103 after 103, without end */
	BAD_TRAILERS,	     /* chunked, a whole body and trailers without end */
	BAD_EXTENSION,	     /* chunked, a chunk whose extension has no end */
	BAD_SLOW,	     /* AT bytes of the body a second */
	BAD_SLOW_HEADERS,    /* AT bytes of headers a second */
	BAD_PAGE,	     /* 200 with a page of AT bytes and a few, as a network shows it before somebody signs in */
	BAD_CERTIFICATE_TEXT /* 400 as nginx words it where the client certificate is missing */
};

struct bad_server_options {
	const char *folder;	     /* what it serves */
	const char *certificate_pem; /* with TLS; NULL: without */
	const char *key_pem;
	const char *client_ca_pem; /* a client certificate is required; NULL: none */
};

struct bad_server;

/* Ends the program where it cannot. */
struct bad_server *bad_server_start(const struct bad_server_options *options);
void bad_server_stop(struct bad_server *server);

/* "http://127.0.0.1:PORT" or "https://localhost:PORT"; valid until bad_server_stop. */
const char *bad_server_url(const struct bad_server *server);
int bad_server_port(const struct bad_server *server);

/* The next request that nothing is queued for yet is answered so. */
void bad_server_queue(struct bad_server *server, enum bad_fault fault, uint64_t at);
/* From now on each request for a path that holds PART meets FAULT, where nothing is queued; NULL ends that. Borrowed. */
void bad_server_spoil(struct bad_server *server, const char *part, enum bad_fault fault, uint64_t at);
/* Where BAD_REDIRECT points; borrowed. */
void bad_server_redirect_to(struct bad_server *server, const char *url);

/* Requests, those of them that met the fault of bad_server_spoil, and connections so far; the headers of the last
 * request. */
int bad_server_requests(struct bad_server *server);
int bad_server_spoilt(struct bad_server *server);
int bad_server_connections(struct bad_server *server);
/* Waits until no connection is open any more: then its counts stand still. */
void bad_server_wait_until_alone(struct bad_server *server);
void bad_server_last_request(struct bad_server *server, char *ret_text, uint64_t size);
/* Bytes of bodies sent so far. */
uint64_t bad_server_bytes(struct bad_server *server);

#endif
