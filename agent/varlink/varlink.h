/* The control socket: a server for callers on this machine, in varlink's wire form (JSON objects, each ended by a
 * NUL). It never waits: the owner watches one descriptor and dispatches when that is readable. Connections, requests
 * and answers are bounded, so that a caller that stalls, floods or sends garbage harms nobody but itself.
 * docs/control-protocol.md describes what goes over it; agent/control/control.h is the agent's. */
#ifndef AGENT_VARLINK_VARLINK_H
#define AGENT_VARLINK_VARLINK_H

#include <stdbool.h>
#include <sys/types.h>

#include "agent/varlink/varlink_answer.h"
#include "common/auto.h"

struct varlink;

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
/* Does what can be done without waiting: at most one request of each caller, and of each user but root and the agent's own. */
void varlink_dispatch(struct varlink *server);

/* True while a caller is there that does not only follow: more may come at any moment. */
bool varlink_is_busy(const struct varlink *server);

/* Hands every follower to TELL, which sends a part or the answer. One that has more than VARLINK_BACKLOG_BYTES to
 * read still is passed over where MAY_PASS_OVER is true. SERVER may be NULL: nobody follows. */
void varlink_each_follower(struct varlink *server, varlink_handler *tell, void *context, bool may_pass_over);

/* Handles those anew that varlink_wait() was promised. SERVER may be NULL. */
void varlink_handle_waiting(struct varlink *server);

#endif
