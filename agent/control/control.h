/* The agent's control socket: what people and scripts ask haishind. varlink.c moves the bytes, methods.c answers.
 * docs/control-protocol.md describes the methods. */
#ifndef AGENT_CONTROL_CONTROL_H
#define AGENT_CONTROL_CONTROL_H

#include "agent/resident.h"
#include "common/auto.h"
#include "common/error.h"

#define CONTROL_SOCKET_NAME "control.sock" /* in the run folder */

struct control;

/* Opens it in the run folder: every local user may connect and read; who may change something is the configuration's
 * word. ERROR_BUSY where another agent answers there. The caller holds the agent's lock. RESIDENT is borrowed. */
WARN_UNUSED int control_open(struct resident *resident, struct control **ret_control, struct error *err);
/* Ends all calls and removes the socket. */
void control_close(struct control *control);
DEFINE_AUTO_PTR(control, struct control, control_close);

/* Readable when control_dispatch() has something to do; borrowed. */
int control_fd(const struct control *control);
/* Does what can be done without waiting. */
void control_dispatch(struct control *control);

#endif
