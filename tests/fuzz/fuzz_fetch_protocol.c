/* What the two ends of haishin-fetch's socket say to each other. What was read can be sent on, and read again. */
#include <stdlib.h>
#include <sys/socket.h>

#include "common/auto.h"
#include "tests/fuzz/fuzz.h"
#include "updater/fetch/fetch_protocol.h"

static void read_setup(const struct buf *payload)
{
	AUTO(buf) struct buf again = BUF_INIT(4u << 20);
	struct http_options options;

	if (fetch_read_setup(payload, &options, NULL) < 0)
		return;
	if (fetch_write_setup(&options, &again, NULL) < 0 || fetch_read_setup(&again, &options, NULL) < 0)
		abort();
}

static void read_get(const struct buf *payload)
{
	AUTO(buf) struct buf again = BUF_INIT(4u << 20);
	struct transport_request request;
	int64_t rate;

	if (fetch_read_get(payload, &request, &rate, NULL) < 0)
		return;
	if (fetch_write_get(&request, rate, &again, NULL) < 0 || fetch_read_get(&again, &request, &rate, NULL) < 0)
		abort();
}

static void read_end(const struct buf *payload)
{
	AUTO(buf) struct buf again = BUF_INIT(4u << 20);
	struct fetch_end end;

	if (fetch_read_end(payload, &end, NULL) < 0)
		return;
	if (fetch_write_end(&end, &again, NULL) < 0 || fetch_read_end(&again, &end, NULL) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(buf) struct buf payload = BUF_INIT(FETCH_REQUEST_MOST);
	struct fetch_link link = { .stop_fd = -1, .timeout_ms = 1000 };
	enum fetch_frame frame;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		abort();
	(void)!send(ends[1], data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)close(ends[1]);
	link.fd = ends[0];
	while (fetch_receive(&link, &frame, &payload, NULL) == 0) {
		read_setup(&payload);
		read_get(&payload);
		read_end(&payload);
	}
	(void)close(ends[0]);
	return 0;
}
