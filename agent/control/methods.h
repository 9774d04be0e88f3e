/* The methods of the control socket: who may call them, with what, and what they answer. docs/control-protocol.md and
 * methods_describe() describe them. */
#ifndef AGENT_CONTROL_METHODS_H
#define AGENT_CONTROL_METHODS_H

#include "agent/varlink/varlink.h"
#include "agent/resident/resident.h"

/* Appends the interface in varlink's own language. */
WARN_UNUSED int methods_describe(struct buf *ret_text, struct error *err);

/* A varlink_handler; CONTEXT is the struct resident. */
void methods_handle(void *context, struct varlink_call *call);

#endif
