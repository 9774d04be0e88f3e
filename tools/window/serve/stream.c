#include "tools/window/serve/stream.h"

#include <string.h>
#include <sys/types.h>

#include <microhttpd.h>

#define BLOCK_BYTES 4096

struct stream *stream_find_free(struct stream *streams, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!streams[i].connection)
			return &streams[i];
	return NULL;
}

/* MHD asks for more. */
static ssize_t give(void *context, uint64_t position, char *to, size_t most)
{
	struct stream *stream = context;
	size_t left = stream->news.len - stream->sent;

	(void)position;
	if (stream->ends)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (left == 0) {
		buf_empty(&stream->news);
		stream->sent = 0;
		stream->sleeps = true;
		MHD_suspend_connection(stream->connection);
		return 0;
	}
	if (left > most)
		left = most;
	memcpy(to, stream->news.data + stream->sent, left);
	stream->sent += left;
	return (ssize_t)left;
}

static void release(void *context)
{
	struct stream *stream = context;

	buf_clear(&stream->news);
	*stream = (struct stream){0};
}

struct MHD_Response *stream_begin(struct stream *stream, struct MHD_Connection *connection, const struct buf *events)
{
	struct MHD_Response *response =
		MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, give, stream, release);

	if (!response)
		return NULL;
	*stream = (struct stream){.connection = connection, .news = BUF_INIT(STREAM_MAX_BYTES)};
	(void)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
	if (buf_append(&stream->news, events->data, events->len, NULL) < 0)
		stream->ends = true;
	return response;
}

static void wake(struct stream *stream)
{
	if (!stream->sleeps)
		return;
	stream->sleeps = false;
	MHD_resume_connection(stream->connection);
}

void stream_tell(struct stream *stream, const struct buf *event)
{
	if (!stream->connection)
		return;
	if (buf_append(&stream->news, event->data, event->len, NULL) < 0)
		stream->ends = true;
	wake(stream);
}

void stream_end(struct stream *stream)
{
	if (!stream->connection)
		return;
	stream->ends = true;
	wake(stream);
}

bool stream_is_open(const struct stream *stream)
{
	return stream->connection && !stream->ends;
}

int stream_fd(const struct stream *stream)
{
	const union MHD_ConnectionInfo *info =
		stream->sleeps ? MHD_get_connection_info(stream->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
			       : NULL;

	return info ? info->connect_fd : -1;
}
