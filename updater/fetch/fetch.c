#include "updater/fetch/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "updater/fetch/fetch_protocol.h"

/* Above what the worker itself allows a silent server. */
#define ANSWER_MARGIN_MS 20000

struct fetch {
	struct transport transport;
	struct fetch_options options;
	struct fetch_link link; /* fd -1: no worker */
	pid_t pid;
	struct buf frame; /* the one being received */
	bool at_work;	  /* the worker is busy with a transfer */
};

/* ---- The worker's life ---- */

static void end_worker(struct fetch *fetch)
{
	if (fetch->link.fd < 0)
		return;
	fd_close(&fetch->link.fd);
	fetch->link.fd = -1;
	(void)kill(fetch->pid, SIGKILL);
	while (waitpid(fetch->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

/* Its end of the socket is all that the worker gets: no file, no terminal, no signal setting of ours. */
static int set_descriptors(posix_spawn_file_actions_t *actions, int socket_fd)
{
	int sys = posix_spawn_file_actions_adddup2(actions, socket_fd, FETCH_SOCKET_FD);

	if (!sys)
		sys = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!sys)
		sys = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (!sys)
		sys = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!sys)
		sys = posix_spawn_file_actions_addclosefrom_np(actions, FETCH_SOCKET_FD + 1);
	return sys;
}

static int set_signals(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_setsigmask(attributes, &none);
	(void)posix_spawnattr_setsigdefault(attributes, &all);
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int spawn_worker(const struct fetch_options *options, int socket_fd, pid_t *ret_pid)
{
	bool named = options->user && *options->user;
	const char *argv[] = {"haishin-fetch", named ? "--user" : NULL, options->user, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int sys = posix_spawn_file_actions_init(&actions);

	if (sys)
		return sys;
	if ((sys = posix_spawnattr_init(&attributes)) == 0) {
		if ((sys = set_descriptors(&actions, socket_fd)) == 0 && (sys = set_signals(&attributes)) == 0)
			sys = posix_spawn(ret_pid, options->program, &actions, &attributes,
				(char *const *)(uintptr_t)argv, environ);
		(void)posix_spawnattr_destroy(&attributes);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return sys;
}

/* A frame that makes no sense is a lost contact: nothing has been learnt of the server or its files. */
static int read_end(const struct buf *frame, struct fetch_end *ret_end, struct error *err)
{
	if (fetch_read_end(frame, ret_end, err) == 0)
		return 0;
	return error_set(err, ERROR_NETWORK, "haishin-fetch sent an end that is not well formed");
}

/* A worker that cannot begin says why in place of "ready". */
static int take_refusal(const struct buf *frame, struct error *err)
{
	struct fetch_end end;

	if (read_end(frame, &end, err) < 0)
		return -1;
	return error_set(err, end.code ? end.code : ERROR_NETWORK, "%s", end.text);
}

static int set_up_worker(struct fetch *fetch, struct error *err)
{
	AUTO(secret) struct buf setup = BUF_INIT(FETCH_REQUEST_MOST);
	enum fetch_frame frame;

	if (fetch_write_setup(&fetch->options.http, &setup, err) < 0 ||
		fetch_send(&fetch->link, FETCH_SETUP, setup.data, setup.len, err) < 0 ||
		fetch_receive(&fetch->link, &frame, &fetch->frame, err) < 0)
		return -1;
	if (frame == FETCH_END)
		return take_refusal(&fetch->frame, err);
	if (frame != FETCH_READY)
		return error_set(err, ERROR_NETWORK, "it does not begin as it should");
	return 0;
}

static int start_worker(struct fetch *fetch, struct error *err)
{
	AUTO(fd) int theirs = -1;
	int pair[2], sys;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_system(err, errno, "cannot make a socket for haishin-fetch");
	theirs = pair[1];
	if ((sys = spawn_worker(&fetch->options, theirs, &fetch->pid)) != 0) {
		(void)close(pair[0]);
		return error_system(err, sys, "cannot start '%s'", fetch->options.program);
	}
	fetch->link.fd = pair[0];
	fd_close(&theirs);
	theirs = -1;
	if (set_up_worker(fetch, err) < 0) {
		end_worker(fetch);
		return error_context(err, "haishin-fetch");
	}
	return 0;
}

/* True if there is a worker and it waits for a request. One that has something to say unasked does not. */
static bool worker_is_ready(const struct fetch *fetch)
{
	struct pollfd poll_fd = {.fd = fetch->link.fd, .events = POLLIN};

	return fetch->link.fd >= 0 && poll(&poll_fd, 1, 0) == 0;
}

/* ---- A transfer ---- */

/* One transfer as the agent's side sees it. */
struct passage {
	const struct transport_request *request;
	transport_sink *sink;
	void *sink_context;
	struct transport_reply *reply;
	bool answered; /* a frame has come */
	bool over;     /* the worker is done with it, and fit for the next one */

	/* How long the worker was waited for: the sink's time is not its. */
	int64_t all_ms;
	int64_t window_ms; /* since the first frame, or the last look at the speed */
	uint64_t window_bytes;
};

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* In the time that the request has, and what a limit on the speed adds. */
static int64_t time_limit_ms(const struct fetch *fetch, const struct transport_request *request)
{
	int64_t rate = fetch->options.http.most_bytes_per_s;
	int64_t limited_s = rate ? (int64_t)(request->limit / (uint64_t)rate) : 0;

	return request->time_limit_s ? (request->time_limit_s + limited_s) * 1000 + ANSWER_MARGIN_MS : INT64_MAX;
}

/* The worker sees to the speed of servers and to the time of a request. It may be in the hands of one. */
static int check_pace(const struct fetch *fetch, struct passage *passage, struct error *err)
{
	int64_t stall_s = fetch->options.http.stall_timeout_s ? fetch->options.http.stall_timeout_s : HTTP_STALL_TIMEOUT_S;

	if (passage->all_ms > time_limit_ms(fetch, passage->request))
		return error_set(err, ERROR_NETWORK, "haishin-fetch takes longer than the request may");
	if (passage->window_ms < 4 * stall_s * 1000)
		return 0;
	if (passage->reply->bytes - passage->window_bytes <
		(uint64_t)passage->window_ms * FETCH_FLOOR_BYTES_PER_S / 1000)
		return error_set(err, ERROR_NETWORK, "haishin-fetch hands over less than %d bytes a second",
			FETCH_FLOOR_BYTES_PER_S);
	passage->window_ms = 0;
	passage->window_bytes = passage->reply->bytes;
	return 0;
}

static int receive_frame(struct fetch *fetch, struct passage *passage, enum fetch_frame *ret_frame, struct error *err)
{
	int64_t before_ms = now_ms();

	if (fetch_receive(&fetch->link, ret_frame, &fetch->frame, err) < 0)
		return error_context(err, "haishin-fetch");
	passage->all_ms += now_ms() - before_ms;
	passage->window_ms += passage->answered ? now_ms() - before_ms : 0;
	passage->answered = true;
	return *ret_frame == FETCH_DATA ? check_pace(fetch, passage, err) : 0;
}

static int take_data(struct passage *passage, const struct buf *frame, struct error *err)
{
	const struct transport_request *request = passage->request;
	uint64_t bytes = passage->reply->bytes;

	if (frame->len == 0 || frame->len > request->limit - bytes ||
		(request->length && frame->len > request->length - bytes))
		return error_set(err, ERROR_NETWORK, "haishin-fetch hands over more than was asked for, or nothing");
	passage->reply->bytes += frame->len;
	return passage->sink(passage->sink_context, frame->data, frame->len, err);
}

static int take_end(struct passage *passage, const struct buf *frame, struct error *err)
{
	uint64_t bytes = passage->reply->bytes;
	struct fetch_end end;

	if (read_end(frame, &end, err) < 0)
		return -1;
	if (end.code == ERROR_NONE &&
		(end.reply.bytes != bytes || (passage->request->length && bytes != passage->request->length)))
		return error_set(err, ERROR_NETWORK,
			"haishin-fetch speaks of %" PRIu64 " bytes and handed over %" PRIu64, end.reply.bytes, bytes);
	*passage->reply = end.reply;
	passage->reply->bytes = bytes;
	passage->over = true;
	if (end.code == ERROR_NONE)
		return 0;
	(void)error_set(err, end.code, "%s", end.text);
	if (err) {
		err->sys = end.sys;
		err->retry_after_s = end.retry_after_s;
	}
	return -1;
}

static int pass_frames(struct fetch *fetch, struct passage *passage, struct error *err)
{
	for (;;) {
		enum fetch_frame frame;

		if (receive_frame(fetch, passage, &frame, err) < 0)
			return -1;
		if (frame == FETCH_END)
			return take_end(passage, &fetch->frame, err);
		if (frame != FETCH_DATA)
			return error_set(err, ERROR_NETWORK, "haishin-fetch answers out of order");
		if (take_data(passage, &fetch->frame, err) < 0)
			return -1;
	}
}

static int transfer(struct fetch *fetch, struct passage *passage, struct error *err)
{
	AUTO(buf) struct buf request = BUF_INIT(FETCH_REQUEST_MOST);
	int result;

	if (fetch_write_get(passage->request, fetch->options.http.most_bytes_per_s, &request, err) < 0)
		return -1;
	result = fetch_send(&fetch->link, FETCH_GET, request.data, request.len, err);
	fetch->at_work = result == 0;
	if (result == 0)
		result = pass_frames(fetch, passage, err);
	fetch->at_work = false;
	if (!passage->over)
		end_worker(fetch);
	return result;
}

static int fetch_get(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	struct fetch *fetch = transport->context;
	struct passage passage = {.request = request, .sink = sink, .sink_context = sink_context, .reply = ret_reply};
	struct error first = {0};
	bool fresh = !worker_is_ready(fetch);

	*ret_reply = (struct transport_reply){0};
	if (fresh) {
		end_worker(fetch);
		if (start_worker(fetch, err) < 0)
			return -1;
	}
	if (transfer(fetch, &passage, &first) == 0)
		return 0;
	/* It went while we were asking, because nothing had been asked of it for long: no attempt was made. */
	if (!fresh && !passage.answered && first.code == ERROR_NETWORK) {
		if (start_worker(fetch, err) < 0)
			return -1;
		return transfer(fetch, &passage, err);
	}
	if (err)
		*err = first;
	return -1;
}

static int64_t answer_timeout_ms(const struct fetch_options *options)
{
	int64_t connect_ms =
		options->http.connect_timeout_ms ? options->http.connect_timeout_ms : HTTP_CONNECT_TIMEOUT_MS;
	int64_t stall_s = options->http.stall_timeout_s ? options->http.stall_timeout_s : HTTP_STALL_TIMEOUT_S;

	int64_t hops = options->http.redirects == HTTP_REDIRECTS_NONE ? 1 : 1 + HTTP_REDIRECTS_MOST;

	if (options->answer_timeout_s)
		return options->answer_timeout_s * 1000;
	return hops * (HTTP_CONNECT_TIMES * connect_ms + stall_s * 1000) + ANSWER_MARGIN_MS;
}

int fetch_open(const struct fetch_options *options, struct fetch **ret_fetch, struct error *err)
{
	struct fetch *fetch = calloc(1, sizeof(*fetch));

	if (!fetch)
		return error_set(err, ERROR_FAILED, "no memory for fetching");
	fetch->transport = (struct transport){.ask = fetch_get, .context = fetch};
	fetch->options = *options;
	fetch->link = (struct fetch_link){
		.fd = -1,
		.stop_fd = options->http.stop_fd,
		.timeout_ms = answer_timeout_ms(options),
	};
	fetch->frame.limit = FETCH_DATA_MOST;
	*ret_fetch = fetch;
	return 0;
}

struct transport *fetch_transport(struct fetch *fetch)
{
	return &fetch->transport;
}

void fetch_set_rate(struct fetch *fetch, int64_t most_bytes_per_s)
{
	AUTO(buf) struct buf rate = BUF_INIT(sizeof(uint64_t));

	if (fetch->options.http.most_bytes_per_s == most_bytes_per_s)
		return;
	fetch->options.http.most_bytes_per_s = most_bytes_per_s;
	/* A worker that cannot be told is gone, as the transfer will find. */
	if (fetch->at_work && fetch_write_rate(most_bytes_per_s, &rate, NULL) == 0)
		(void)!fetch_send(&fetch->link, FETCH_RATE, rate.data, rate.len, NULL);
}

void fetch_free(struct fetch *fetch)
{
	if (!fetch)
		return;
	end_worker(fetch);
	buf_clear(&fetch->frame);
	free(fetch);
}
