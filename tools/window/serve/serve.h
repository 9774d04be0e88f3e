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
#define SERVE_POLLS (SERVE_STREAMS + 1)

struct serve_answer {
	unsigned int status;   /* 200 unless said otherwise */
	const char *type;      /* static */
	const char *file_name; /* to be saved under; NULL: shown. Static */
	struct buf body;
};

/* One request that the gate has let pass. */
struct serve_request {
	const char *path; /* "" for the page itself */
	json_t *body;	  /* of a POST; NULL for GET */
	void *connection; /* for serve_query() */
};

/* A value behind the question mark, decoded; NULL where there is none. */
const char *serve_query(const struct serve_request *request, const char *name);

struct serve_handler {
	void *context;
	void (*answer)(void *context, const struct serve_request *request, struct serve_answer *answer);
	/* A page has begun to listen: what it is told at first, as serve_push() would. */
	void (*greet)(void *context, struct buf *ret_events);
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

/* Tells all pages that listen. */
void serve_push(struct serve *serve, const char *name, const json_t *data);

/* What to wait for: fills RET_POLLS, returns how many; and for how long at most (-1: any time). */
size_t serve_polls(const struct serve *serve, struct pollfd ret_polls[static SERVE_POLLS]);
int serve_timeout_ms(const struct serve *serve);
/* Does what there is to do; POLLS as poll() left them. */
void serve_run(struct serve *serve, const struct pollfd *polls, size_t count);

#endif
