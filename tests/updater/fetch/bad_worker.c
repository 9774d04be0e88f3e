/* Stands in for haishin-fetch and misbehaves as BAD_WORKER in the environment says. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "updater/fetch/fetch_protocol.h"

static const struct fetch_link agent = {.fd = FETCH_SOCKET_FD, .stop_fd = -1, .timeout_ms = -1};

static void say(enum fetch_frame frame, const void *payload, size_t len)
{
	if (fetch_send(&agent, frame, payload, len, NULL) < 0)
		exit(1);
}

static void say_end(enum error_code code, uint64_t bytes, const char *text)
{
	struct buf payload = BUF_INIT(2048);
	struct fetch_end end = {.code = code, .reply = {.http_status = 200, .bytes = bytes}};

	(void)snprintf(end.text, sizeof(end.text), "%s", text);
	if (fetch_write_end(&end, &payload, NULL) < 0)
		exit(1);
	say(FETCH_END, payload.data, payload.len);
	buf_clear(&payload);
}

static void hear(struct buf *payload)
{
	enum fetch_frame frame;

	if (fetch_receive(&agent, &frame, payload, NULL) < 0)
		exit(1);
}

static void say_raw(const void *data, size_t len)
{
	if (write(agent.fd, data, len) != (ssize_t)len)
		exit(1);
}

/* The lies; each is told after a request for 100 bytes, at most 100 of them. */
static void lie(const char *how)
{
	static const char bytes[200];

	if (strcmp(how, "crash") == 0)
		abort();
	if (strcmp(how, "crash-in-the-middle") == 0) {
		say(FETCH_DATA, bytes, 50);
		abort();
	}
	if (strcmp(how, "hang") == 0)
		(void)pause();
	if (strcmp(how, "hang-in-the-middle") == 0) {
		say(FETCH_DATA, bytes, 50);
		(void)pause();
	}
	if (strcmp(how, "too-much") == 0)
		say(FETCH_DATA, bytes, 101);
	if (strcmp(how, "too-much-in-two") == 0) {
		say(FETCH_DATA, bytes, 60);
		say(FETCH_DATA, bytes, 60);
	}
	if (strcmp(how, "nothing-at-all") == 0)
		say(FETCH_DATA, bytes, 0);
	if (strcmp(how, "too-little") == 0) {
		say(FETCH_DATA, bytes, 99);
		say_end(ERROR_NONE, 100, "");
	}
	if (strcmp(how, "out-of-order") == 0)
		say(FETCH_READY, NULL, 0);
	if (strcmp(how, "code") == 0)
		say_end(ERROR_DAMAGED, 0, "your disk is damaged");
	if (strcmp(how, "stop") == 0)
		say_end(ERROR_STOPPED, 0, "stop for the night");
	if (strcmp(how, "controls") == 0)
		say_end(ERROR_SERVER, 0, "a\033[2Jb\nc");
	if (strcmp(how, "garbage") == 0)
		say_raw("HTTP/1.1 200 OK\r\n\r\n", 19);
	if (strcmp(how, "giant") == 0)
		say_raw("HF\0\4\377\377\377\377", 8);
	if (strcmp(how, "half-a-frame") == 0) {
		say_raw("HF\0\4\0\0\0\144abc", 11);
		exit(0);
	}
	if (strcmp(how, "drips") == 0)
		for (;; (void)usleep(100000))
			say(FETCH_DATA, bytes, 1);
	if (strcmp(how, "drips-a-frame") == 0) {
		say_raw("HF\0\4\0\0\0\144", 8);
		for (;; (void)usleep(300000))
			say_raw("a", 1);
	}
	if (strcmp(how, "cut-end") == 0)
		say(FETCH_END, bytes, 20);
}

int main(void)
{
	const char *how = getenv("BAD_WORKER");
	struct buf payload = BUF_INIT(FETCH_REQUEST_MOST);

	if (strcmp(how, "dead") == 0)
		return 1;
	hear(&payload);
	if (strcmp(how, "refuses") == 0) {
		say_end(ERROR_NOT_FOUND, 0, "there is no such user");
		return 1;
	}
	if (strcmp(how, "unready") == 0) {
		say(FETCH_DATA, "x", 1);
		return 1;
	}
	say(FETCH_READY, NULL, 0);
	if (strcmp(how, "chatters") == 0)
		say_end(ERROR_NONE, 0, "nobody asked");
	hear(&payload);
	lie(how);
	hear(&payload);
	buf_clear(&payload);
	return 0;
}
