/* How little a server may send. One that gives a few bytes now and then is silent for curl's time-out only when it
 * falls below HTTP_SLOWEST; over minutes it has to bring more, or a night, and everybody who waits, is held up. And
 * what it wraps around a body (chunk sizes and their extensions, records) is bounded by what the body brings. Part of
 * updater/fetch/http. */
#ifndef UPDATER_FETCH_HTTP_FLOOR_H
#define UPDATER_FETCH_HTTP_FLOOR_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes a second, of headers and body, over as many seconds as the window has. */
#define HTTP_FLOOR_BYTES_PER_S 1000

/* On the wire there may be so many times headers and body, and so much beside them. */
#define HTTP_WRAPPING_TIMES 16
#define HTTP_WRAPPING_BYTES (1u << 20)

struct http_floor {
	int64_t window_ms;
	int64_t waited_ms; /* for the server, in this window: what we do with the bytes meanwhile does not count */
	uint64_t bytes;	   /* in this window */
	uint64_t all_bytes;
	uint64_t wire_before; /* bytes on the wire before the request */
	bool begun;	      /* the answer has */
};

/* Before each request. */
void http_floor_begin(struct http_floor *floor, int64_t window_ms, uint64_t wire_bytes);
/* Bytes of the answer have come. */
void http_floor_took(struct http_floor *floor, uint64_t bytes);
/* So long was waited. False: the server was too slow in the window that ends now. */
bool http_floor_waited(struct http_floor *floor, int64_t ms);
/* False: more came over the wire than any way of wrapping the answer takes. */
bool http_floor_is_lean(const struct http_floor *floor, uint64_t wire_bytes);

#endif
