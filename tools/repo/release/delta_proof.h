/* Applies a delta as a terminal does, before anybody gets it. */
#ifndef TOOLS_REPO_RELEASE_DELTA_PROOF_H
#define TOOLS_REPO_RELEASE_DELTA_PROOF_H

#include "common/buf.h"
#include "common/error.h"
#include "tools/repo/release/release_files.h"

/* Makes the files that DELTA describes from the unpacked old release, in a folder beside the new one that goes away
 * again. ERROR_FAILED where one does not come out as the new release has it. */
WARN_UNUSED int delta_prove(const struct release_files *from, const struct release_files *to, const struct buf *delta,
	struct error *err);

#endif
