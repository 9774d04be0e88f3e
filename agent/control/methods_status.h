/* What GetStatus answers, for others who tell it too. */
#ifndef AGENT_CONTROL_METHODS_STATUS_H
#define AGENT_CONTROL_METHODS_STATUS_H

#include "agent/resident/resident.h"
#include "agent/varlink/varlink_answer.h"
#include "common/json.h"

/* The answer but for what differs from caller to caller (may_change). The caller releases *RET_STATUS. */
WARN_UNUSED int methods_status_make(struct resident *resident, json_t **ret_status, struct error *err);

/* Adds what differs: may the caller change things, and if not, may it ask (by polkit)? */
void methods_status_add_rights(json_t *status, const struct resident *resident, const struct varlink_call *call);

#endif
