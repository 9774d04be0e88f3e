/* The window's own small web server: it listens at a port of 127.0.0.1 that nobody chose, answers one browser of this account, and is
 * gone with its page. One thread; whoever owns it watches its descriptors and lets it run. */
#ifndef TOOLS_WINDOW_SERVE_SERVE_H
#define TOOLS_WINDOW_SERVE_SERVE_H

#include <poll.h>
#include <stdbool.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/json.h"
#include "tools/window/serve/gate.h"

#define SERVE_BODY_MAX_BYTES 8192
#define SERVE_ANSWER_MAX_BYTES (2u * 1024 * 1024)
#define SERVE_STREAMS 4
#define SERVE_WAITING 4 /* requests whose answer takes its time */
#define SERVE_POLLS (1 + SERVE_STREAMS + SERVE_WAITING)

/* What an answer says of itself, in HTTP's numbers. */
enum { SERVE_OK = 200, SERVE_NOT_FOUND = 404, SERVE_FAILED = 500, SERVE_BUSY = 503 };

struct serve_answer {
	unsigned int status;   /* SERVE_OK unless said otherwise */
	const char *type;      /* static */
	const char *file_name; /* to be saved under; NULL: shown. Static */
	struct buf body;
	bool is_later; /* nothing of this holds: the answer comes by serve_finish(). Only for a POST */
};

/* VALUE, as JSON; takes it. NULL, or one that is too long, is SERVE_FAILED: there was no room for it. */
void serve_put_json(struct serve_answer *answer, json_t *take_value);

/* One request that the gate has let pass. */
struct serve_request {
	const char *path; /* "" for the page itself */
	json_t *body;	  /* of a POST; NULL for GET */
	void *connection; /* for serve_query() */
	uint64_t number;  /* for serve_finish(): no two have the same */
};

/* A value behind the question mark, decoded; NULL where there is none. */
const char *serve_query(const struct serve_request *request, const char *name);

struct serve_handler {
	void *context;
	void (*answer)(void *context, const struct serve_request *request, struct serve_answer *answer);
	/* A page has begun to listen: what it is told at first, as serve_push() would. */
	void (*greet)(void *context, struct buf *ret_events);
	/* Whoever waited for the answer of request NUMBER has gone. */
	void (*gone)(void *context, uint64_t number);
};

/* Appends an event for a page that listens. */
void serve_event(struct buf *events, const char *name, const json_t *data);

struct serve;
WARN_UNUSED int serve_start(const struct serve_handler *handler, struct serve **ret_serve, struct error *err);
void serve_stop(struct serve *serve);
DEFINE_AUTO_PTR(serve, struct serve, serve_stop);

/* "http://127.0.0.1:PORT/TOKEN": good for one browser, once. */
const char *serve_address(const struct serve *serve);
/* Requests that the gate has let pass so far. */
uint64_t serve_requests(const struct serve *serve);
/* Pages that listen now. */
int serve_listeners(const struct serve *serve);

/* The answer of a request that was put off. Takes its body. Nothing happens where nobody waits for it any more. */
void serve_finish(struct serve *serve, uint64_t number, struct serve_answer *take_answer);

/* Tells all pages that listen. */
void serve_push(struct serve *serve, const char *name, const json_t *data);

/* What to wait for: fills RET_POLLS, SERVE_POLLS of them; and for how long at most (-1: any time). */
void serve_polls(const struct serve *serve, struct pollfd ret_polls[static SERVE_POLLS]);
int serve_timeout_ms(const struct serve *serve);
/* Does what there is to do; POLLS as poll() left them. */
void serve_run(struct serve *serve, const struct pollfd polls[static SERVE_POLLS]);

#endif
