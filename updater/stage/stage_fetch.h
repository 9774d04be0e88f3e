/* Brings what is still missing of a release, frame by frame. Part of updater/stage. */
#ifndef UPDATER_STAGE_STAGE_FETCH_H
#define UPDATER_STAGE_STAGE_FETCH_H

#include "updater/stage/stage_work.h"

/* On 0 every file with content is in the work's folder, its digest checked. After a failure what was unpacked
 * stays, and the beginning of the frame that was coming waits in the cache. ERROR_ALTERED: what came is not what
 * was signed. ERROR_REFUSED: the release contradicts itself. */
WARN_UNUSED int stage_fetch_missing(struct stage_work *work, struct error *err);

#endif
