#include "common/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int buf_reserve(struct buf *buf, size_t more, struct error *err)
{
	size_t capacity = buf->capacity ? buf->capacity : 256;
	char *data;

	if (more > buf->limit - buf->len)
		return error_set(err, ERROR_REFUSED, "more than the %zu bytes that are allowed", buf->limit);
	if (buf->len + more + 1 <= buf->capacity)
		return 0;
	while (capacity < buf->len + more + 1)
		capacity *= 2;
	if (capacity > buf->limit + 1)
		capacity = buf->limit + 1;
	if (!(data = malloc(capacity)))
		return error_set(err, ERROR_FAILED, "no memory for %zu bytes", capacity);
	if (buf->len)
		memcpy(data, buf->data, buf->len);
	if (buf->data)
		explicit_bzero(buf->data, buf->capacity);
	free(buf->data);
	buf->data = data;
	buf->capacity = capacity;
	return 0;
}

int buf_extend(struct buf *buf, size_t len, char **ret_room, struct error *err)
{
	if (buf_reserve(buf, len, err) < 0)
		return -1;
	*ret_room = buf->data + buf->len;
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int buf_append(struct buf *buf, const void *data, size_t len, struct error *err)
{
	char *room;

	if (buf_extend(buf, len, &room, err) < 0)
		return -1;
	if (len)
		memcpy(room, data, len);
	return 0;
}

int buf_printf(struct buf *buf, struct error *err, const char *fmt, ...)
{
	AUTO(free) char *text = NULL;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0) {
		text = NULL;
		return error_set(err, ERROR_FAILED, "no memory to format a text");
	}
	return buf_append(buf, text, (size_t)len, err);
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

void buf_empty(struct buf *buf)
{
	buf->len = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

void buf_clear(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){.limit = buf->limit};
}

void buf_wipe(struct buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->capacity);
	buf_clear(buf);
}
