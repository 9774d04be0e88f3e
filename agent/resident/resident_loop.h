/* The resident part at work: waits for the terminal's next moment and for callers. It wakes up for a caller, a
 * signal, the end of a job, or the moment it waits for; for nothing else. */
#ifndef AGENT_RESIDENT_RESIDENT_LOOP_H
#define AGENT_RESIDENT_RESIDENT_LOOP_H

#include "agent/resident/resident.h"

/* Runs until a signal asks it to stop, or to reload; see the members of that name. */
WARN_UNUSED int resident_loop_run(struct resident *resident, struct error *err);

#endif
