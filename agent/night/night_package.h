/* One package of a night. */
#ifndef AGENT_NIGHT_NIGHT_PACKAGE_H
#define AGENT_NIGHT_NIGHT_PACKAGE_H

#include "agent/night/night_work.h"

/* Brings one package's release into place beside the current one. The delivery stays FETCHING until its whole group
 * is there: only then the plan may name it. What kept it from coming is in its delivery, too. */
WARN_UNUSED int night_deliver(struct night *night, struct wanted *wanted, struct error *err);
/* Bytes have come, as struct connection_options wants to tell it: CONTEXT is the night. */
void night_note_arrival(void *context);

#endif
