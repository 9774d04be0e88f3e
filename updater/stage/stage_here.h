/* What of a release need not come frame by frame, as most of it is on this disk already. Part of updater/stage. */
#ifndef UPDATER_STAGE_STAGE_HERE_H
#define UPDATER_STAGE_STAGE_HERE_H

#include "updater/stage/stage_work.h"

/* Takes into the work's folder what is sound of a damaged one, the files that did not change from the current release,
 * and those that the delta makes of it where that is smaller than the frames. What it took is marked in the work's
 * needs; what is missing, damaged or wrong is left for the frames and is no error. Errors are those of this disk, of a
 * contact that was lost, and of who wants it to end. */
WARN_UNUSED int stage_here_take(struct stage_work *work, struct error *err);

#endif
