#include "common/transport.h"

#include <string.h>
#include <strings.h>

static bool begins_with(const char *body, size_t len, const char *word)
{
	return len >= strlen(word) && strncasecmp(body, word, strlen(word)) == 0;
}

bool transport_is_strange(const void *body, size_t len)
{
	static const char *const pages[] = {"<!doctype", "<html", "<?xml", "<!--", "<head", "<body", "<meta", "<script"};
	static const char byte_order_mark[] = "\xef\xbb\xbf", gzip[] = "\x1f\x8b\x08";
	const char *at = body;

	if (begins_with(at, len, gzip))
		return true;
	if (begins_with(at, len, byte_order_mark)) {
		at += strlen(byte_order_mark);
		len -= strlen(byte_order_mark);
	}
	while (len && memchr(" \t\r\n", *at, 4)) {
		at++;
		len--;
	}
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		if (begins_with(at, len, pages[i]))
			return true;
	return len == 0;
}

void transport_begins_add(struct transport_begins *begins, const void *data, size_t len)
{
	size_t room = sizeof(begins->bytes) - begins->len;
	size_t more = len < room ? len : room;

	memcpy(begins->bytes + begins->len, data, more);
	begins->len += more;
}

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
