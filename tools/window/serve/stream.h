/* A page that listens for news (text/event-stream). Between news its connection sleeps, and costs nothing. */
#ifndef TOOLS_WINDOW_SERVE_STREAM_H
#define TOOLS_WINDOW_SERVE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buf.h"

#define STREAM_MAX_BYTES (4u * 1024 * 1024) /* that a page has not taken yet; beyond it the page is let go */

struct MHD_Connection;
struct MHD_Response;

/* Empty: {0}. */
struct stream {
	struct MHD_Connection *connection; /* NULL: nobody */
	struct buf news;
	size_t sent;
	bool sleeps;
	bool ends;
};

/* NULL where all are in use. */
struct stream *stream_find_free(struct stream *streams, size_t count);
/* The response to CONNECTION: EVENTS first, and then what it is told. NULL where there is no memory. */
struct MHD_Response *stream_begin(struct stream *stream, struct MHD_Connection *connection, const struct buf *events);
void stream_tell(struct stream *stream, const struct buf *event);
/* Its page has gone, or is to go. */
void stream_end(struct stream *stream);
bool stream_is_open(const struct stream *stream);
/* Of its connection while it sleeps, to see that the other end has gone; -1 otherwise. */
int stream_fd(const struct stream *stream);

#endif
