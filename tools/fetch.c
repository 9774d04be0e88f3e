/* haishin-fetch: the only part of a terminal's haishin that talks to the network. The agent starts it with one end of
 * a socket as descriptor 3; it gives up its rights, takes what it needs from there, and hands back bytes and status
 * (docs/fetch-protocol.md). It ends when that socket closes, or when nothing has been asked of it for a while. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/auto.h"
#include "common/error.h"
#include "tools/fetch_sandbox.h"
#include "updater/fetch/fetch_protocol.h"
#include "updater/fetch/http.h"

#define IDLE_MS 60000

static const char help[] =
	"Usage: haishin-fetch [--user NAME]\n"
	"Fetches for haishind, which starts it with a socket as descriptor 3. Not for use by hand.\n";

static const struct fetch_link agent = {.fd = FETCH_SOCKET_FD, .stop_fd = -1, .timeout_ms = -1};

static int send_to_agent(void *context, const void *data, size_t len, struct error *err)
{
	const struct fetch_link *link = context;

	while (len > 0) {
		size_t part = len < FETCH_DATA_MOST ? len : FETCH_DATA_MOST;

		if (fetch_send(link, FETCH_DATA, data, part, err) < 0)
			return -1;
		data = (const char *)data + part;
		len -= part;
	}
	return 0;
}

static int send_end(const struct transport_reply *reply, const struct error *outcome, struct error *err)
{
	AUTO(buf) struct buf payload = BUF_INIT(2048);
	struct fetch_end end = {.code = outcome->code,
		.sys = outcome->sys < 0 ? 0 : outcome->sys,
		.retry_after_s = outcome->retry_after_s,
		.reply = *reply};

	(void)snprintf(end.text, sizeof(end.text), "%s", outcome->text);
	if (fetch_write_end(&end, &payload, err) < 0)
		return -1;
	return fetch_send(&agent, FETCH_END, payload.data, payload.len, err);
}

static int answer(struct transport *transport, const struct buf *payload, struct error *err)
{
	struct transport_reply reply = {0};
	struct error outcome = {0};
	struct transport_request request;
	int64_t rate;

	if (fetch_read_get(payload, &request, &rate, err) < 0)
		return -1;
	http_set_rate(transport, rate);
	if (transport->ask(transport, &request, send_to_agent, (void *)(uintptr_t)&agent, &reply, &outcome) == 0)
		outcome.code = ERROR_NONE;
	return send_end(&reply, &outcome, err);
}

static int take_rate(struct transport *transport, const struct buf *payload, struct error *err)
{
	int64_t rate;

	if (fetch_read_rate(payload, &rate, err) < 0)
		return -1;
	http_set_rate(transport, rate);
	return 0;
}

/* During a transfer the agent changes the speed limit or has nothing to say: whatever else comes, its end above all,
 * stops the transfer. CONTEXT points to the transport, which is there once transfers are. */
static bool hears_a_rate(void *context)
{
	AUTO(buf) struct buf payload = BUF_INIT(FETCH_REQUEST_MOST);
	struct transport *const *transport = context;
	enum fetch_frame frame;

	return fetch_receive(&agent, &frame, &payload, NULL) == 0 && frame == FETCH_RATE &&
	       take_rate(*transport, &payload, NULL) == 0;
}

/* True once the agent has something to say; false when it had nothing for long. */
static bool agent_speaks(void)
{
	struct pollfd poll_fd = {.fd = agent.fd, .events = POLLIN};

	return poll(&poll_fd, 1, IDLE_MS) > 0;
}

static int answer_all(struct transport *transport, struct error *err)
{
	AUTO(buf) struct buf payload = BUF_INIT(FETCH_REQUEST_MOST);
	enum fetch_frame frame;

	while (agent_speaks()) {
		if (fetch_receive(&agent, &frame, &payload, err) < 0)
			return -1;
		if (frame != FETCH_GET && frame != FETCH_RATE)
			return error_set(err, ERROR_USAGE, "a request was expected");
		if ((frame == FETCH_GET ? answer : take_rate)(transport, &payload, err) < 0)
			return -1;
	}
	return 0;
}

static int serve(const char *user, struct error *err)
{
	AUTO(secret) struct buf setup = BUF_INIT(FETCH_REQUEST_MOST);
	AUTO(http) struct transport *transport = NULL;
	struct http_options options;
	enum fetch_frame frame;

	if (sandbox_enter(user, err) < 0 || fetch_receive(&agent, &frame, &setup, err) < 0)
		return -1;
	if (frame != FETCH_SETUP)
		return error_set(err, ERROR_USAGE, "the setup was expected");
	if (fetch_read_setup(&setup, &options, err) < 0)
		return -1;
	options.stop_fd = agent.fd;
	options.goes_on = hears_a_rate;
	options.context = &transport;
	if (http_open(&options, &transport, err) < 0 || fetch_send(&agent, FETCH_READY, NULL, 0, err) < 0)
		return -1;
	return answer_all(transport, err);
}

static bool has_socket(void)
{
	int type;
	socklen_t len = sizeof(type);

	return getsockopt(agent.fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

int main(int argc, char **argv)
{
	struct transport_reply none = {0};
	const char *user = NULL;
	struct error err = {0};

	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return fputs(help, stdout) < 0;
	if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0))
		return printf("haishin-fetch %s\n", HAISHIN_VERSION) < 0;
	if (argc == 3 && strcmp(argv[1], "--user") == 0)
		user = argv[2];
	if ((argc != 1 && !user) || !has_socket()) {
		(void)fputs(help, stderr);
		return error_exit_status(ERROR_USAGE);
	}
	/* TLS keys of sessions are nobody's business. */
	(void)unsetenv("SSLKEYLOGFILE");
	if (serve(user, &err) == 0)
		return 0;
	(void)send_end(&none, &err, NULL);
	return 1;
}
