/* One caller of the control socket: its requests as they come in and its answers as they go out. Only varlink.c uses
 * this. */
#ifndef AGENT_VARLINK_VARLINK_CALL_H
#define AGENT_VARLINK_VARLINK_CALL_H

#include <stdint.h>

#include "agent/varlink/varlink_answer.h"
#include "common/buf.h"

struct varlink_call {
	int fd; /* -1: nobody */
	struct platform_peer peer;
	uint64_t touched; /* when it last came or asked, in requests: the lowest has been quiet longest */
	uint64_t served;  /* its last turn: the lowest has waited longest */
	struct buf input;
	struct buf output;
	size_t sent; /* of output */
	bool at_end; /* it sends no more */
	bool broken; /* beyond repair: ends as soon as its output has gone out */

	json_t *request; /* the call at work; NULL: none */
	const char *method;
	json_t *parameters; /* borrowed from request, or owned where it gave none */
	bool more;
	bool oneway;
	bool follows;
	bool waits;
	bool is_resumed;
	varlink_page *page;
	void *page_state;
	void (*page_release)(void *);
	void *attached;
	void (*attached_release)(void *);
};

void varlink_call_init(struct varlink_call *call);
void varlink_call_begin(struct varlink_call *call, int take_fd, const struct platform_peer *peer);
/* Closes; the place is free again. */
void varlink_call_end(struct varlink_call *call);

/* Reads what is there, as far as there is room. */
void varlink_call_receive(struct varlink_call *call);
/* Takes the next whole request out of the input, if there is one and none is at work. A request that is none breaks
 * the connection. */
bool varlink_call_next(struct varlink_call *call);
bool varlink_call_has_next(const struct varlink_call *call);
/* Sends what can be sent without waiting. */
void varlink_call_flush(struct varlink_call *call);
bool varlink_call_has_output(const struct varlink_call *call);
/* True if nothing more will come of this connection. */
bool varlink_call_is_over(const struct varlink_call *call);

/* An error by its full name, with its parameters. */
void varlink_call_error(struct varlink_call *call, const char *name, json_t *take_parameters);

#endif
