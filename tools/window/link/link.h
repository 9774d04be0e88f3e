/* The window's way to the agent: one connection that is told of what changes, and calls. */
#ifndef TOOLS_WINDOW_LINK_LINK_H
#define TOOLS_WINDOW_LINK_LINK_H

#include <limits.h>
#include <stdbool.h>

#include "common/auto.h"
#include "tools/haishin/ask/client.h"

#define LINK_RETRY_MS 500 /* how soon an agent that has gone is looked for again */

struct link_news {
	void *context;
	void (*status)(void *context, const json_t *status); /* NULL: no agent answers */
	void (*progress)(
		void *context, const char *job, const json_t *progress); /* NULL: not wanted, as is the next */
	void (*result)(void *context, const char *job, const json_t *result);
};

struct link {
	char socket_path[PATH_MAX];
	struct link_news news;
	int fd; /* -1: no agent answers */
	struct buf input;
};

#define LINK_INIT ((struct link){.fd = -1})

/* Tells NEWS at once what is the case, or that there is no agent. Without NEWS->progress it hears of no job. */
void link_open(struct link *link, const char *socket_path, const struct link_news *news);
void link_close(struct link *link);
DEFINE_AUTO(link, struct link, link_close);

/* Takes what has come; to be called when the descriptor is readable. */
void link_take(struct link *link);
/* Looks for an agent where there was none; tells only where one is there now. */
void link_retry(struct link *link);

/* Calls a method and waits for its answer, or, where it begins a job, for the first word of it. 0, or -1 with the code set. */
int link_call(const struct link *link, const char *method, json_t *take_parameters, struct client_answer *ret_answer);
int link_begin_job(
	const struct link *link, const char *method, json_t *take_parameters, struct client_answer *ret_answer);

#endif
