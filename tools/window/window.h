/* One window: what it knows of the agent, and what it answers its page. */
#ifndef TOOLS_WINDOW_WINDOW_H
#define TOOLS_WINDOW_WINDOW_H

#include "common/command_line/args.h"
#include "tools/window/deeds.h"
#include "tools/window/link/link.h"
#include "tools/window/serve/serve.h"

struct window {
	const struct args *args; /* which terminal it is about */
	struct link link;
	struct serve *serve;
	struct deeds deeds;
	json_t *status; /* what the agent said last; NULL: none answers */
	json_t *shown;	/* what the page was told of it last */
	json_t *result; /* how the last job ended, as the page shows it; NULL: none since the window was opened, or one is at work */
	json_t *worst; /* of the doctor's walk: the first hop that failed, or else the first with a warning; NULL: none */
	bool was_asked; /* the doctor */
	char finding[64];
};

/* Starts to serve, and to watch the agent at SOCKET_PATH, which may not be there yet. ARGS are borrowed. */
WARN_UNUSED int window_open(struct window *window, const struct args *args, const char *socket_path, struct error *err);
/* Once no agent answers, as long as none does: what keeps it from running may have become another. */
void window_look_again(struct window *window);
void window_close(struct window *window);
DEFINE_AUTO(window, struct window, window_close);

#endif
