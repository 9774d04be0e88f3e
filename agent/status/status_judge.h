/* Judges what is the case: a pure function. */
#ifndef AGENT_STATUS_STATUS_JUDGE_H
#define AGENT_STATUS_STATUS_JUDGE_H

#include "agent/status/status.h"

/* The judgement alone: verdict, reason and problems from the rest. */
WARN_UNUSED int status_judge(struct status *status, struct error *err);

#endif
