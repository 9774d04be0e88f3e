/* The window's way to the agent: one connection that is told of what changes, and calls. */
#ifndef TOOLS_WINDOW_LINK_LINK_H
#define TOOLS_WINDOW_LINK_LINK_H

#include <limits.h>
#include <stdbool.h>

#include "common/auto.h"
#include "tools/haishin/ask/client.h"

#define LINK_FIRST_WORD_MS 10000 /* a job that has not said a word by then has begun all the same */
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

/* Calls a method and waits for its answer. 0, or -1 with the code set. */
int link_ask(const struct link *link, const char *method, json_t *take_parameters, struct client_answer *ret_answer);

/* ---- For who does not wait ---- */

/* A call whose answer is to come. */
struct link_call {
	int fd; /* -1: none */
	struct buf input;
	bool is_job;	    /* its first word is enough */
	bool asks_password; /* somebody is being asked for one */
};

#define LINK_CALL_INIT ((struct link_call){.fd = -1})

/* -1 with the code set where it cannot be asked for. */
int link_call_begin(struct link_call *call, const char *socket_path, const char *method, bool is_job,
	json_t *take_parameters, struct client_answer *ret_answer);
/* Takes what has come, without waiting. 1: no answer yet; 0: it is well; -1 with the code set. An agent that goes away
 * has begun a job all the same: the one that watches is told. */
int link_call_take(struct link_call *call, struct client_answer *ret_answer);
/* The same, waiting for it. */
int link_call_wait(struct link_call *call, struct client_answer *ret_answer);
void link_call_clear(struct link_call *call);
DEFINE_AUTO(link_call, struct link_call, link_call_clear);

#endif
