#include "updater/fetch/fetch_protocol.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "common/auto.h"
#include "common/text.h"

#define MAGIC 0x4846 /* "HF" */
/* In place of a length: there is no such text. */
#define NO_TEXT UINT32_MAX
/* What a buffer grows by before the bytes for it are there. */
#define STEP FETCH_DATA_MOST

/* In front of each payload, in network byte order. */
struct head {
	uint16_t magic;
	uint16_t frame;
	uint32_t len;
};

static const size_t most_payload[] = {
	[FETCH_SETUP] = FETCH_REQUEST_MOST,
	[FETCH_GET] = FETCH_REQUEST_MOST,
	[FETCH_READY] = 0,
	[FETCH_DATA] = FETCH_DATA_MOST,
	[FETCH_END] = 2048,
	[FETCH_RATE] = 8,
};

/* ---- Frames ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* When a frame that begins now has to be through. Whoever sends a byte now and then is no better than who is silent. */
static int64_t frame_until_ms(const struct fetch_link *link)
{
	return link->timeout_ms < 0 ? INT64_MAX : now_ms() + link->timeout_ms;
}

static int wait_for(const struct fetch_link *link, short events, int64_t until_ms, struct error *err)
{
	struct pollfd fds[] = {{.fd = link->fd, .events = events}, {.fd = link->stop_fd, .events = POLLIN}};
	int64_t left_ms = until_ms == INT64_MAX ? -1 : until_ms - now_ms();
	int ready = poll(fds, ARRAY_SIZE(fds), until_ms != INT64_MAX && left_ms < 0 ? 0 : (int)left_ms);

	if (ready < 0 && errno == EINTR)
		return 0;
	if (ready < 0)
		return error_system(err, errno, "cannot wait for the other end");
	if (ready == 0)
		return error_set(err, ERROR_NETWORK, "the other end has been silent, or at one frame, for %" PRId64 " s",
			link->timeout_ms / 1000);
	if (fds[1].revents)
		return error_set(err, ERROR_STOPPED, "asked to stop");
	return 0;
}

/* Takes LEN bytes away from the front of the parts. */
static void skip_sent(struct msghdr *message, size_t len)
{
	while (message->msg_iovlen > 0 && len >= message->msg_iov->iov_len) {
		len -= message->msg_iov->iov_len;
		message->msg_iov++;
		message->msg_iovlen--;
	}
	if (message->msg_iovlen > 0) {
		message->msg_iov->iov_base = (char *)message->msg_iov->iov_base + len;
		message->msg_iov->iov_len -= len;
	}
}

static int send_parts(const struct fetch_link *link, struct msghdr *message, struct error *err)
{
	int64_t until_ms = frame_until_ms(link);

	while (message->msg_iovlen > 0) {
		ssize_t sent = sendmsg(link->fd, message, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (wait_for(link, POLLOUT, until_ms, err) < 0)
				return -1;
			continue;
		}
		if (sent < 0)
			return error_set(err, ERROR_NETWORK, "the other end is gone: %s", strerrordesc_np(errno));
		skip_sent(message, (size_t)sent);
	}
	return 0;
}

static int receive_bytes(
	const struct fetch_link *link, void *ret_data, size_t len, int64_t until_ms, struct error *err)
{
	while (len > 0) {
		ssize_t got = recv(link->fd, ret_data, len, MSG_DONTWAIT);

		if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (wait_for(link, POLLIN, until_ms, err) < 0)
				return -1;
			continue;
		}
		if (got <= 0)
			return error_set(err, ERROR_NETWORK, "the other end has gone");
		ret_data = (char *)ret_data + got;
		len -= (size_t)got;
	}
	return 0;
}

int fetch_send(
	const struct fetch_link *link, enum fetch_frame frame, const void *payload, size_t len, struct error *err)
{
	struct head head = {htobe16(MAGIC), htobe16((uint16_t)frame), htobe32((uint32_t)len)};
	struct iovec parts[] = {{&head, sizeof(head)}, {(void *)(uintptr_t)payload, len}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = len ? 2 : 1};

	if (len > most_payload[frame])
		return error_set(err, ERROR_USAGE, "%zu bytes are too many for one frame", len);
	return send_parts(link, &message, err);
}

int fetch_receive(
	const struct fetch_link *link, enum fetch_frame *ret_frame, struct buf *ret_payload, struct error *err)
{
	int64_t until_ms = frame_until_ms(link);
	struct head head;
	size_t frame, len;

	/* Asked at least once a frame: a fast other end must not drown the wish to stop. */
	if (wait_for(link, POLLIN, until_ms, err) < 0 || receive_bytes(link, &head, sizeof(head), until_ms, err) < 0)
		return -1;
	frame = be16toh(head.frame);
	len = be32toh(head.len);
	if (be16toh(head.magic) != MAGIC || frame < FETCH_SETUP || frame > FETCH_RATE || len > most_payload[frame])
		return error_set(err, ERROR_NETWORK, "the other end sent what is no frame");
	buf_empty(ret_payload);
	/* The buffer grows as the bytes come, not as the other end announces them. */
	while (ret_payload->len < len) {
		size_t more = len - ret_payload->len < STEP ? len - ret_payload->len : STEP;
		char *room;

		if (buf_extend(ret_payload, more, &room, err) < 0 || receive_bytes(link, room, more, until_ms, err) < 0)
			return -1;
	}
	*ret_frame = (enum fetch_frame)frame;
	return 0;
}

/* ---- Fields: numbers of 8 bytes; texts with their length in 4 bytes and a NUL behind them ---- */

static int put_number(struct buf *payload, uint64_t number, struct error *err)
{
	uint64_t wire = htobe64(number);

	return buf_append(payload, &wire, sizeof(wire), err);
}

static int put_bytes(struct buf *payload, const void *data, size_t len, struct error *err)
{
	uint32_t wire = htobe32(data ? (uint32_t)len : NO_TEXT);

	if (len >= NO_TEXT)
		return error_set(err, ERROR_USAGE, "%zu bytes are too many for one field", len);
	if (buf_append(payload, &wire, sizeof(wire), err) < 0)
		return -1;
	return data ? (buf_append(payload, data, len, err) < 0 ? -1 : buf_append(payload, "", 1, err)) : 0;
}

static int put_text(struct buf *payload, const char *text, struct error *err)
{
	return put_bytes(payload, text, text ? strlen(text) : 0, err);
}

/* Where reading a payload stands; once something is wrong, all that follows reads as nothing. */
struct reader {
	const char *at;
	size_t left;
	bool bad;
};

static const char *take(struct reader *reader, size_t len)
{
	const char *taken = reader->at;

	if (reader->bad || len > reader->left) {
		reader->bad = true;
		return NULL;
	}
	reader->at += len;
	reader->left -= len;
	return taken;
}

static uint64_t take_number(struct reader *reader, uint64_t most)
{
	const char *bytes = take(reader, sizeof(uint64_t));
	uint64_t wire;

	if (!bytes)
		return 0;
	memcpy(&wire, bytes, sizeof(wire));
	if (be64toh(wire) > most)
		reader->bad = true;
	return reader->bad ? 0 : be64toh(wire);
}

static const char *take_bytes(struct reader *reader, size_t *ret_len)
{
	const char *bytes = take(reader, sizeof(uint32_t));
	uint32_t wire;

	*ret_len = 0;
	if (!bytes)
		return NULL;
	memcpy(&wire, bytes, sizeof(wire));
	if (be32toh(wire) == NO_TEXT)
		return NULL;
	if (!(bytes = take(reader, (size_t)be32toh(wire) + 1)) || bytes[be32toh(wire)] != '\0') {
		reader->bad = true;
		return NULL;
	}
	*ret_len = be32toh(wire);
	return bytes;
}

static const char *take_text(struct reader *reader)
{
	size_t len;
	const char *text = take_bytes(reader, &len);

	if (text && strlen(text) != len)
		reader->bad = true;
	return reader->bad ? NULL : text;
}

static int finish(const struct reader *reader, struct error *err)
{
	if (reader->bad || reader->left)
		return error_set(err, ERROR_REFUSED, "a frame is not well formed");
	return 0;
}

static struct reader reader_of(const struct buf *payload)
{
	return (struct reader){.at = buf_text(payload), .left = payload->len};
}

/* ---- Payloads ---- */

int fetch_write_setup(const struct http_options *options, struct buf *ret_payload, struct error *err)
{
	if (put_text(ret_payload, options->ca_pem, err) < 0 ||
		put_text(ret_payload, options->certificate_pem, err) < 0 ||
		put_text(ret_payload, options->key_pem, err) < 0 || put_text(ret_payload, options->proxy, err) < 0 ||
		put_text(ret_payload, options->proxy_credentials, err) < 0 ||
		put_number(ret_payload, (uint64_t)options->connect_timeout_ms, err) < 0 ||
		put_number(ret_payload, (uint64_t)options->stall_timeout_s, err) < 0 ||
		put_number(ret_payload, (uint64_t)options->total_timeout_s, err) < 0 ||
		put_number(ret_payload, (uint64_t)options->redirects, err) < 0)
		return error_context(err, "the setup for haishin-fetch");
	return 0;
}

int fetch_read_setup(const struct buf *payload, struct http_options *ret_options, struct error *err)
{
	struct reader reader = reader_of(payload);
	struct http_options options = {.stop_fd = -1};

	options.ca_pem = take_text(&reader);
	options.certificate_pem = take_text(&reader);
	options.key_pem = take_text(&reader);
	options.proxy = take_text(&reader);
	options.proxy_credentials = take_text(&reader);
	options.connect_timeout_ms = (int64_t)take_number(&reader, INT32_MAX);
	options.stall_timeout_s = (int64_t)take_number(&reader, INT32_MAX);
	options.total_timeout_s = (int64_t)take_number(&reader, INT32_MAX);
	options.redirects = (enum http_redirects)take_number(&reader, HTTP_REDIRECTS_ANY);
	if (finish(&reader, err) < 0)
		return error_context(err, "setup");
	*ret_options = options;
	return 0;
}

int fetch_write_get(
	const struct transport_request *request, int64_t most_bytes_per_s, struct buf *ret_payload, struct error *err)
{
	if (put_text(ret_payload, request->url, err) < 0 || put_number(ret_payload, request->offset, err) < 0 ||
		put_number(ret_payload, request->length, err) < 0 ||
		put_number(ret_payload, request->limit, err) < 0 ||
		put_number(ret_payload, (uint64_t)request->time_limit_s, err) < 0 ||
		put_number(ret_payload, (uint64_t)most_bytes_per_s, err) < 0 ||
		put_bytes(ret_payload, request->body, request->body_len, err) < 0 ||
		put_text(ret_payload, request->media_type, err) < 0 || put_text(ret_payload, request->password, err) < 0)
		return error_context(err, "a request to haishin-fetch");
	return 0;
}

int fetch_read_get(const struct buf *payload, struct transport_request *ret_request, int64_t *ret_most_bytes_per_s,
	struct error *err)
{
	struct reader reader = reader_of(payload);
	struct transport_request request = {.url = take_text(&reader)};
	int64_t rate;

	request.offset = take_number(&reader, INT64_MAX);
	request.length = take_number(&reader, INT64_MAX);
	request.limit = take_number(&reader, UINT64_MAX);
	request.time_limit_s = (int64_t)take_number(&reader, INT32_MAX);
	rate = (int64_t)take_number(&reader, INT64_MAX);
	request.body = take_bytes(&reader, &request.body_len);
	request.media_type = take_text(&reader);
	request.password = take_text(&reader);
	if (!request.url)
		reader.bad = true;
	if (finish(&reader, err) < 0)
		return error_context(err, "request");
	*ret_request = request;
	*ret_most_bytes_per_s = rate;
	return 0;
}

int fetch_write_rate(int64_t most_bytes_per_s, struct buf *ret_payload, struct error *err)
{
	return put_number(ret_payload, (uint64_t)most_bytes_per_s, err);
}

int fetch_read_rate(const struct buf *payload, int64_t *ret_most_bytes_per_s, struct error *err)
{
	struct reader reader = reader_of(payload);
	int64_t rate = (int64_t)take_number(&reader, INT64_MAX);

	if (finish(&reader, err) < 0)
		return error_context(err, "rate");
	*ret_most_bytes_per_s = rate;
	return 0;
}

int fetch_write_end(const struct fetch_end *end, struct buf *ret_payload, struct error *err)
{
	if (put_number(ret_payload, end->code, err) < 0 || put_number(ret_payload, (uint64_t)end->sys, err) < 0 ||
		put_number(ret_payload, (uint64_t)end->reply.http_status, err) < 0 ||
		put_number(ret_payload, end->reply.bytes, err) < 0 ||
		put_number(ret_payload, (uint64_t)end->retry_after_s, err) < 0 ||
		put_text(ret_payload, end->text, err) < 0)
		return error_context(err, "the end of a transfer");
	return 0;
}

/* What a transfer may end with (common/transport.h); any other code would let the worker talk of what it cannot know.
 */
static bool ends_a_transfer(enum error_code code)
{
	switch (code) {
	case ERROR_NONE:
	case ERROR_FAILED:
	case ERROR_USAGE:
	case ERROR_NOT_FOUND:
	case ERROR_INPUT:
	case ERROR_REFUSED:
	case ERROR_NETWORK:
	case ERROR_SERVER:
	case ERROR_STRANGER:
	case ERROR_CERTIFICATE:
		return true;
	default:
		return false;
	}
}

int fetch_read_end(const struct buf *payload, struct fetch_end *ret_end, struct error *err)
{
	struct reader reader = reader_of(payload);
	struct fetch_end end = {.code = (enum error_code)take_number(&reader, ERROR_CODES - 1)};
	const char *text;

	end.sys = (int)take_number(&reader, INT32_MAX);
	end.reply.http_status = (int)take_number(&reader, 999);
	end.reply.bytes = take_number(&reader, UINT64_MAX);
	end.retry_after_s = (int64_t)take_number(&reader, HTTP_RETRY_AFTER_MOST_S);
	if (!(text = take_text(&reader)) || !ends_a_transfer(end.code))
		reader.bad = true;
	if (finish(&reader, err) < 0)
		return error_context(err, "end");
	text_printable(text, end.text, sizeof(end.text));
	*ret_end = end;
	return 0;
}
