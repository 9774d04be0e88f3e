/* Stages one release: frame by frame, fetched, verified, unpacked beside the current release, every file checked, one
 * sync for the tree, and put in place by one rename. Nothing is stored twice, memory does not grow with the package,
 * and a cut goes on at the next frame. */
#ifndef UPDATER_STAGE_STAGE_H
#define UPDATER_STAGE_STAGE_H

#include "common/env.h"
#include "common/error.h"
#include "updater/stage/stage_request.h"

/* On 0 VERSIONS_DIR_FD holds FOLDER, complete and durable, and FOLDER.json, the release's own bytes. A folder that is
 * there already is checked and kept. ERROR_REFUSED: the release contradicts itself (the partial work is thrown away).
 * ERROR_ALTERED: what came is not what was signed; another attempt, or another place, may bring it. ERROR_NO_SPACE
 * names what is missing, bytes or files, before the first of them where it can be known; where the files end on the way, or a
 * quota, what was made is taken back. Other errors leave the partial work, as
 * ".FOLDER.partial", for the next call. */
WARN_UNUSED int stage_release(const struct env *env, const struct stage_request *request,
	struct stage_progress *ret_progress, struct error *err);

#endif
