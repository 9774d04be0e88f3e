/* How long things are kept. */
#ifndef COLLECTOR_OVERSIGHT_KEEPING_H
#define COLLECTOR_OVERSIGHT_KEEPING_H

#include "collector/store/database.h"

/* Drops reports of the months that ended before BEFORE_S, and looks and cosigned checkpoints before it, in small steps: others go on
 * meanwhile. */
WARN_UNUSED int keeping_forget(struct database *database, int64_t before_s, struct error *err);

#endif
