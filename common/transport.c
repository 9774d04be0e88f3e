#include "common/transport.h"

static int append_to_buf(void *context, const void *data, size_t len, struct error *err)
{
	return buf_append(context, data, len, err);
}

int transport_get_bytes(struct transport *transport, const char *url, struct buf *ret_body,
	struct transport_reply *ret_reply, struct error *err)
{
	struct transport_request request = {.url = url, .limit = ret_body->limit};

	return transport->get(transport, &request, append_to_buf, ret_body, ret_reply, err);
}
