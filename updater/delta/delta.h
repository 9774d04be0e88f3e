/* Makes the changed files of a release from the files of an old one and a delta: old bytes are read in place, new
 * ones written as they come, so memory stays bounded whatever the size of the files. */
#ifndef UPDATER_DELTA_DELTA_H
#define UPDATER_DELTA_DELTA_H

#include "common/error.h"
#include "updater/delta/delta_request.h"

/* Makes every missing file that the delta describes. One whose digest is wrong in the end, as its old file was damaged
 * or this terminal's zlib makes other bytes, is left missing and counted; so is one for which there is no room to
 * prepare its old file. ERROR_REFUSED where the delta is none, or one between other releases; what was made before
 * stays. */
WARN_UNUSED int delta_apply(struct delta *delta, struct error *err);

#endif
