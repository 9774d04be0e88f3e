/* The wire between the agent and haishin-fetch: frames over a stream socket, as docs/fetch-protocol.md describes.
 * Either side checks each frame of the other before it uses a byte of it. */
#ifndef UPDATER_FETCH_FETCH_PROTOCOL_H
#define UPDATER_FETCH_FETCH_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "common/transport.h"
#include "updater/fetch/http.h"

/* The worker finds its end of the socket here. */
#define FETCH_SOCKET_FD 3

#define FETCH_DATA_MOST 65536
#define FETCH_REQUEST_MOST (2u << 20)

enum fetch_frame {
	FETCH_SETUP = 1, /* agent: whom to trust, credentials, limits; once, first */
	FETCH_GET,	 /* agent: one transfer */
	FETCH_READY,	 /* worker: it has given up its rights and taken the setup */
	FETCH_DATA,	 /* worker: 1 to FETCH_DATA_MOST bytes of the body */
	FETCH_END,	 /* worker: how the transfer ended */
	FETCH_RATE,	 /* agent: another speed limit from now on, for the transfer under way too */
};

/* One end of the socket. */
struct fetch_link {
	int fd;
	int stop_fd;	    /* readable: ERROR_STOPPED; -1: none */
	int64_t timeout_ms; /* until the other end has taken, or sent, a whole frame: ERROR_NETWORK; -1: none */
};

/* Sends one frame. ERROR_NETWORK where the other end is gone or silent. */
WARN_UNUSED int fetch_send(
	const struct fetch_link *link, enum fetch_frame frame, const void *payload, size_t len, struct error *err);
/* Receives one frame, replacing what RET_PAYLOAD holds; its limit and that of the frame's kind hold. ERROR_NETWORK
 * where the other end is gone, silent, or sends what is no frame. */
WARN_UNUSED int fetch_receive(
	const struct fetch_link *link, enum fetch_frame *ret_frame, struct buf *ret_payload, struct error *err);

/* How a transfer ended, as the worker tells it. */
struct fetch_end {
	enum error_code code;
	int sys;
	int64_t retry_after_s;
	struct transport_reply reply;
	char text[sizeof(((struct error *)0)->text)];
};

/* Payloads. What is read borrows from the payload; ERROR_REFUSED where it is not well formed. */
WARN_UNUSED int fetch_write_setup(const struct http_options *options, struct buf *ret_payload, struct error *err);
WARN_UNUSED int fetch_read_setup(const struct buf *payload, struct http_options *ret_options, struct error *err);
WARN_UNUSED int fetch_write_get(const struct transport_request *request, int64_t most_bytes_per_s,
	struct buf *ret_payload, struct error *err);
WARN_UNUSED int fetch_read_get(const struct buf *payload, struct transport_request *ret_request,
	int64_t *ret_most_bytes_per_s, struct error *err);
WARN_UNUSED int fetch_write_rate(int64_t most_bytes_per_s, struct buf *ret_payload, struct error *err);
WARN_UNUSED int fetch_read_rate(const struct buf *payload, int64_t *ret_most_bytes_per_s, struct error *err);
WARN_UNUSED int fetch_write_end(const struct fetch_end *end, struct buf *ret_payload, struct error *err);
/* Refuses a code that no transfer ends with; makes the text printable. */
WARN_UNUSED int fetch_read_end(const struct buf *payload, struct fetch_end *ret_end, struct error *err);

#endif
