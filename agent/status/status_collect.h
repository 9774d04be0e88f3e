/* Gathers what is the case on this terminal. That changes nothing. */
#ifndef AGENT_STATUS_STATUS_COLLECT_H
#define AGENT_STATUS_STATUS_COLLECT_H

#include "agent/status/status.h"

/* Gathers and judges. */
WARN_UNUSED int status_collect(struct terminal *terminal, struct status *ret_status, struct error *err);

#endif
