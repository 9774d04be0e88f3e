/* The agent's control socket: what people and scripts ask haishind. varlink.c moves the bytes, methods.c answers.
 * docs/control-protocol.md describes the methods. */
#ifndef AGENT_CONTROL_CONTROL_H
#define AGENT_CONTROL_CONTROL_H

#include "agent/resident/resident.h"
#include "common/auto.h"
#include "common/error.h"

#define CONTROL_SOCKET_NAME "control.sock" /* in the run folder */

struct control;

/* Opens it in the run folder: every local user may connect and read; who may change something is the configuration's
 * word. ERROR_BUSY where another agent answers there. The caller holds the agent's lock. RESIDENT is borrowed; who
 * calls is in its CALLERS from then on. */
WARN_UNUSED int control_open(struct resident *resident, struct control **ret_control, struct error *err);
/* Ends all calls and removes the socket; RESIDENT, which must live as long, has no callers any more. */
void control_close(struct control *control);
DEFINE_AUTO_PTR(control, struct control, control_close);

#endif
