#include "tests/proofs/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auto.h"
#include "manifests/rollout/brake.h"

#define CHUNK 4096u
#define SLOW_CHUNK_S 900 /* how long a chunk takes where the line is slow */

enum trouble {
	NO_CONTACT,
	CUT,
	NOT_FOUND,
	BAD_REQUEST,
	UNAVAILABLE,
	WRONG_BYTES,
	TOO_SHORT,
	TOO_LONG,
	GARBAGE,
	OTHER_STATE,
	SLOW,
	TROUBLES,
	WELL = TROUBLES,
};

static const char *const trouble_names[] = {
	[NO_CONTACT] = "no contact",
	[CUT] = "cut",
	[NOT_FOUND] = "not found",
	[BAD_REQUEST] = "bad request",
	[UNAVAILABLE] = "unavailable",
	[WRONG_BYTES] = "wrong bytes",
	[TOO_SHORT] = "too short",
	[TOO_LONG] = "too long",
	[GARBAGE] = "garbage",
	[OTHER_STATE] = "other state",
	[SLOW] = "slow",
	[WELL] = "well",
};

/* The brake's statement; NULL where there is none. */
static char *find_brake(const struct server *server, size_t *ret_len)
{
	*ret_len = server->brake->len;
	return *ret_len ? strdup(buf_text(server->brake)) : NULL;
}

/* The bytes of what a URL names in a state; NULL where that state has no such file. */
static char *find(const struct server *server, const char *url, int state, size_t *ret_len)
{
	char path[FOLDER_PATH_SIZE * 2];
	AUTO(file) FILE *file = NULL;
	char *data;
	long len;

	if (strncmp(url, server->base, strlen(server->base)) != 0)
		return NULL;
	if (strcmp(url + strlen(server->base), "/metadata/" BRAKE_FILE) == 0)
		return find_brake(server, ret_len);
	(void)snprintf(path, sizeof(path), "%s/%d%s", server->states, state, url + strlen(server->base));
	if (!(file = fopen(path, "rbe")) || fseek(file, 0, SEEK_END) != 0 || (len = ftell(file)) < 0 ||
		fseek(file, 0, SEEK_SET) != 0 || !(data = malloc((size_t)len + 1)))
		return NULL;
	*ret_len = fread(data, 1, (size_t)len, file);
	return data;
}

/* One answer under way. */
struct answer {
	struct server *server;
	const struct transport_request *request;
	transport_sink *sink;
	void *context;
	struct transport_reply *reply;
	bool slow;
};

static bool is_over(const struct server *server)
{
	return server->stops_at_s && server->account->now_s >= server->stops_at_s;
}

static int send_bytes(struct answer *answer, const char *data, size_t len, struct error *err)
{
	struct server_account *account = answer->server->account;

	for (size_t at = 0; at < len;) {
		size_t part = len - at < CHUNK ? len - at : CHUNK;

		account->now_s += answer->slow ? SLOW_CHUNK_S : 0;
		if (is_over(answer->server))
			return error_set(err, ERROR_STOPPED, "the window has ended");
		account->bytes += part;
		if (answer->reply->bytes + part > answer->request->limit)
			return error_set(err, ERROR_REFUSED, "'%s' is longer than it may be", answer->request->url);
		if (answer->sink(answer->context, data + at, part, err) < 0)
			return -1;
		answer->reply->bytes += part;
		at += part;
	}
	return 0;
}

static int send_with_wrong_byte(struct answer *answer, char *data, size_t len, struct error *err)
{
	if (len) {
		uint64_t at = chance_below(&answer->server->chance, len);

		data[at] ^= (char)(1u << chance_below(&answer->server->chance, 8));
	}
	return send_bytes(answer, data, len, err);
}

static int send_too_much(struct answer *answer, const char *data, size_t len, struct error *err)
{
	static const char more[CHUNK];

	if (send_bytes(answer, data, len, err) < 0)
		return -1;
	while (answer->reply->bytes <= answer->request->limit)
		if (send_bytes(answer, more, sizeof(more), err) < 0)
			return -1;
	return 0;
}

static int send_garbage(struct answer *answer, struct error *err)
{
	static const char page[] = "<html><body><h1>Welcome to our network</h1>Please log in.</body></html>";

	return send_bytes(answer, page, sizeof(page) - 1, err);
}

static int cut_after(struct answer *answer, const char *data, size_t len, struct error *err)
{
	if (send_bytes(answer, data, chance_below(&answer->server->chance, len + 1), err) < 0)
		return -1;
	return error_set(err, ERROR_NETWORK, "'%s': the connection was cut", answer->request->url);
}

/* DATA is the part that was asked for. */
static int send_part(struct answer *answer, enum trouble trouble, char *data, size_t len, struct error *err)
{
	switch (trouble) {
	case CUT:
		return cut_after(answer, data, len, err);
	case WRONG_BYTES:
		return send_with_wrong_byte(answer, data, len, err);
	case TOO_SHORT: /* a worker that lies: it says that all came */
		return send_bytes(answer, data, chance_below(&answer->server->chance, len + 1), err);
	case TOO_LONG:
		return send_too_much(answer, data, len, err);
	case GARBAGE:
		return send_garbage(answer, err);
	default:
		return send_bytes(answer, data, len, err);
	}
}

static int send_file(struct answer *answer, enum trouble trouble, struct error *err)
{
	struct server *server = answer->server;
	int state = trouble == OTHER_STATE ? (int)chance_below(&server->chance, (uint64_t)server->state + 1)
					   : server->shown;
	const struct transport_request *request = answer->request;
	AUTO(free) char *data = NULL;
	size_t len, from, part;

	if (!(data = find(server, request->url, state, &len)))
		return error_set(err, ERROR_NOT_FOUND, "'%s' is not there (404)", request->url);
	from = request->offset < len ? (size_t)request->offset : len;
	part = len - from;
	if (request->length && request->length < part)
		part = (size_t)request->length;
	return send_part(answer, trouble, data + from, part, err);
}

static enum trouble draw(struct server *server)
{
	if (server->is_gone)
		return NO_CONTACT;
	if (!server->trouble || !chance_is(&server->chance, server->trouble))
		return WELL;
	server->account->faults++;
	return (enum trouble)chance_below(&server->chance, TROUBLES);
}

static int get(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	struct server *server = transport->context;
	struct transport_reply ignored;
	struct answer answer = {.server = server,
		.request = request,
		.sink = sink,
		.context = sink_context,
		.reply = ret_reply ? ret_reply : &ignored};
	enum trouble trouble = draw(server);

	*answer.reply = (struct transport_reply){0};
	server->account->requests++;
	server->account->last_request_s = server->account->now_s;
	trace_note(server->trace, "asked for %s: %s", request->url, trouble_names[trouble]);
	switch (trouble) {
	case NO_CONTACT:
		server->account->now_s += 40;
		return error_set(err, ERROR_NETWORK, "no contact with '%s'", request->url);
	case NOT_FOUND:
		answer.reply->http_status = 404;
		return error_set(err, ERROR_NOT_FOUND, "'%s' is not there (404)", request->url);
	case BAD_REQUEST:
		answer.reply->http_status = 400;
		return error_set(err, ERROR_SERVER, "'%s': the server said 400", request->url);
	case UNAVAILABLE:
		answer.reply->http_status = 503;
		(void)error_set(err, ERROR_NETWORK, "'%s': the server said 503", request->url);
		err->retry_after_s = (int64_t)chance_below(&server->chance, 7200);
		return -1;
	default:
		answer.slow = trouble == SLOW;
		return send_file(&answer, trouble, err);
	}
}

void server_init(struct server *server, const char *states, const char *base, const struct buf *brake,
	struct server_account *account, struct trace *trace)
{
	*server = (struct server){.transport = {.ask = get},
		.states = states,
		.base = base,
		.brake = brake,
		.account = account,
		.trace = trace};
	server->transport.context = server;
}
