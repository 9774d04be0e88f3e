#include "common/transport.h"

static int append_to_buf(void *context, const void *data, size_t len, struct error *err)
{
	return buf_append(context, data, len, err);
}

int transport_get_bytes(struct transport *transport, const char *url, int64_t most_s, struct buf *ret_body,
	struct transport_reply *ret_reply, struct error *err)
{
	struct transport_request request = {
		.url = url,
		.limit = ret_body->limit,
		.time_limit_s = TRANSPORT_SMALL_S + (int64_t)(ret_body->limit / TRANSPORT_SMALL_BYTES_PER_S),
	};

	if (most_s > 0 && most_s < request.time_limit_s)
		request.time_limit_s = most_s;
	return transport->ask(transport, &request, append_to_buf, ret_body, ret_reply, err);
}
