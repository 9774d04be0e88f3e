/* What came over the connections of one HTTP client, wrapping and all: libcurl tells of bodies and headers, but not of
 * the chunk extensions and records around them. Part of updater/fetch/http. */
#ifndef UPDATER_FETCH_HTTP_WIRE_H
#define UPDATER_FETCH_HTTP_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* More are never open at a time: kept ones, and those tried beside each other. */
#define HTTP_WIRE_SOCKETS 16

struct http_wire {
	int fds[HTTP_WIRE_SOCKETS];
	size_t count;
	uint64_t closed_bytes; /* of connections that are gone */
};

/* A socket was made; -1 is none. */
void http_wire_opened(struct http_wire *wire, int fd);
/* Closes a socket, whether it is known or not. */
int http_wire_close(struct http_wire *wire, int fd);
/* Nothing more comes or goes on any of them; they are still to be closed. */
void http_wire_end(const struct http_wire *wire);
/* Received so far, as the kernel counts it. */
uint64_t http_wire_bytes(const struct http_wire *wire);

#endif
