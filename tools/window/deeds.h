/* What a page may have done, and what was asked for and is not answered yet: where somebody is asked for a password, that takes as long as
 * it takes, and the page goes on meanwhile. */
#ifndef TOOLS_WINDOW_DEEDS_H
#define TOOLS_WINDOW_DEEDS_H

#include "common/clock.h"
#include "tools/window/link/link.h"
#include "tools/window/serve/serve.h"

#define DEEDS SERVE_WAITING

/* One that the agent has been asked for. */
struct deed {
	bool is_asked; /* else this place is free */
	struct link_call call;
	uint64_t number;  /* of the page's request */
	int64_t until_ms; /* a job that has not said a word by then has begun all the same; 0: it is waited for */
};

struct deeds {
	struct clock clock;
	struct deed asked[DEEDS];
};

void deeds_init(struct deeds *deeds);
/* The agent sees that nobody waits any more. */
void deeds_clear(struct deeds *deeds);

/* Asks the agent at SOCKET_PATH for what BODY, {"method", "parameters"}, names, for the request NUMBER. The answer comes later, unless it is
 * a refusal. */
void deeds_begin(struct deeds *deeds, const char *socket_path, const json_t *body, uint64_t number, struct serve_answer *answer);
/* The request NUMBER is waited for by nobody. */
void deeds_forget(struct deeds *deeds, uint64_t number);

/* What to wait for, and for how long at most (-1: any time). */
void deeds_polls(const struct deeds *deeds, struct pollfd ret_polls[static DEEDS]);
int deeds_timeout_ms(const struct deeds *deeds);
/* Takes what has come; what has its answer now is finished with SERVE. */
void deeds_run(struct deeds *deeds, struct serve *serve, const struct pollfd polls[static DEEDS]);

#endif
