/* One call of the control socket as its handler sees it: what was asked, by whom, and the ways to answer.
 * varlink.h has the server. */
#ifndef AGENT_VARLINK_VARLINK_ANSWER_H
#define AGENT_VARLINK_VARLINK_ANSWER_H

#include <stdbool.h>

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

/* One caller, and what it asks for at the moment. */
struct varlink_call;

/* Answers one call, now or by one of the promises below. */
typedef void varlink_handler(void *context, struct varlink_call *call);

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
/* Promises the answer for later, as what was asked for cannot begin yet: varlink_handle_waiting() has the call handled anew. */
void varlink_wait(struct varlink_call *call);
/* True if it is handled anew, after varlink_wait(). */
bool varlink_is_resumed(const struct varlink_call *call);
/* What the handler keeps with the call until that has been answered or has ended, however it does: RELEASE is told then, unless it was
 * detached before. One thing at a time. */
void varlink_attach(struct varlink_call *call, void *take_state, void (*release)(void *state));
void varlink_detach(struct varlink_call *call);
/* What is attached; NULL: nothing. */
void *varlink_attached(const struct varlink_call *call);
/* The process that connected, as a descriptor that is readable once it has ended. */
WARN_UNUSED int varlink_open_process(const struct varlink_call *call, struct error *err);
/* Gives the answer page by page, each when the one before has gone out: PAGE sends one part, or the last answer (or
 * an error) with varlink_reply. STATE is released by RELEASE when the call ends, however it does. */
typedef void varlink_page(struct varlink_call *call, void *state);
void varlink_reply_in_pages(struct varlink_call *call, varlink_page *page, void *take_state, void (*release)(void *));

#endif
