/* The control socket: a server for callers on this machine, in varlink's wire form (JSON objects, each ended by a
 * NUL). It never waits: the owner watches one descriptor and dispatches when that is readable. Connections, requests
 * and answers are bounded, so that a caller that stalls, floods or sends garbage harms nobody but itself.
 * docs/control-protocol.md describes what goes over it; agent/control/control.h is the agent's. */
#ifndef AGENT_CONTROL_VARLINK_H
#define AGENT_CONTROL_VARLINK_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/error.h"
#include "common/json.h"
#include "common/platform.h"

#define VARLINK_INTERFACE "jp.haishin.Agent"
#define VARLINK_MAX_CALLERS 32
#define VARLINK_MAX_CALLERS_PER_USER 8 /* root and the agent's own user excepted */
#define VARLINK_MAX_REQUEST_BYTES (64u * 1024)
#define VARLINK_MAX_ANSWER_BYTES (1024u * 1024)
#define VARLINK_DESCRIPTION_MAX_BYTES (64u * 1024)
#define VARLINK_BACKLOG_BYTES (32u * 1024)

struct varlink;

/* One caller, and what it asks for at the moment. */
struct varlink_call;

/* Answers one call, now or by one of the promises below. */
typedef void varlink_handler(void *context, struct varlink_call *call);

struct varlink_options {
	const char *path;
	mode_t mode;						  /* of the socket: who may connect */
	int (*describe)(struct buf *ret_text, struct error *err); /* the interface, in varlink's language */
	varlink_handler *handle;
	void *context;
	/* Who is calling; NULL: platform_peer. */
	int (*peer)(int socket_fd, struct platform_peer *ret_peer, struct error *err);
};

/* Binds the socket. One left over from an agent that is gone is replaced; where another agent answers it is
 * ERROR_BUSY. The caller holds the agent's lock, so that two agents cannot take each other's socket away. */
WARN_UNUSED int varlink_open(const struct varlink_options *options, struct varlink **ret_server, struct error *err);
/* Ends all calls and removes the socket. */
void varlink_close(struct varlink *server);
DEFINE_AUTO_PTR(varlink, struct varlink, varlink_close);

/* Readable when varlink_dispatch() has something to do; borrowed. */
int varlink_fd(const struct varlink *server);
/* Does what can be done without waiting: at most one request of each caller. */
void varlink_dispatch(struct varlink *server);

/* ---- For the handler. ---- */

/* The method's name without the interface, such as "GetStatus". */
const char *varlink_method(const struct varlink_call *call);
/* Its parameters: an object, maybe empty; borrowed. */
const json_t *varlink_parameters(const struct varlink_call *call);
const struct platform_peer *varlink_peer(const struct varlink_call *call);
/* True if the caller takes answers in parts. */
bool varlink_wants_more(const struct varlink_call *call);

/* The answer; takes the object (NULL: an empty one). */
void varlink_reply(struct varlink_call *call, json_t *take_parameters);
/* A part of it; only where the caller wants more. */
void varlink_reply_part(struct varlink_call *call, json_t *take_parameters);
/* The error "jp.haishin.Agent.Failed" with {"code", "exit", "message"} and the members of TAKE_EXTRA (may be NULL).
 */
void varlink_fail(struct varlink_call *call, const struct error *why, json_t *take_extra);
void varlink_invalid_parameter(struct varlink_call *call, const char *parameter);
void varlink_method_not_found(struct varlink_call *call);

/* Promises the answer for later: the caller is handed to varlink_each_follower() until it is answered. */
void varlink_follow(struct varlink_call *call);
/* Hands every follower to TELL, which sends a part or the answer. One that has more than VARLINK_BACKLOG_BYTES to
 * read still is passed over where MAY_PASS_OVER is true. SERVER may be NULL: nobody follows. */
void varlink_each_follower(struct varlink *server, varlink_handler *tell, void *context, bool may_pass_over);

/* Gives the answer page by page, each when the one before has gone out: PAGE sends one part, or the last answer (or
 * an error) with varlink_reply. STATE is released by RELEASE when the call ends, however it does. */
typedef void varlink_page(struct varlink_call *call, void *state);
void varlink_reply_in_pages(struct varlink_call *call, varlink_page *page, void *take_state, void (*release)(void *));

#endif
