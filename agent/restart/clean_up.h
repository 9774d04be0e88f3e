/* Makes room: releases that are neither current, nor staged, nor on trial, nor the way back. */
#ifndef AGENT_RESTART_CLEAN_UP_H
#define AGENT_RESTART_CLEAN_UP_H

#include "agent/base/terminal.h"

/* Never fails a job: what could not be removed is in the log, and is tried again the next time. */
void clean_up_run(struct terminal *terminal);

#endif
