/* How often a delta did not make all that it describes: the old file was damaged, this terminal's zlib makes other bytes,
 * or there was no room. The payload made up for it; who publishes deltas wants to know. */
#ifndef AGENT_SERVER_DELTA_COUNT_H
#define AGENT_SERVER_DELTA_COUNT_H

#include <stdint.h>

#include "agent/store/store.h"
#include "common/error.h"

/* Deltas, since the store was made. */
WARN_UNUSED int delta_count_missed(struct store *store, int64_t *ret_count, struct error *err);
/* One more. */
WARN_UNUSED int delta_count_add_missed(struct store *store, struct error *err);

#endif
