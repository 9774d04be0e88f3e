/* What the server is asked in a night. */
#ifndef AGENT_NIGHT_NIGHT_CONTACT_H
#define AGENT_NIGHT_NIGHT_CONTACT_H

#include "agent/night/night_work.h"

/* root, timestamp, snapshot, targets, catalog; what came of it stands in the history. */
WARN_UNUSED int night_refresh_trust(struct night *night, struct error *err);

#endif
