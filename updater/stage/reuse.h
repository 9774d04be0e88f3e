/* Files that did not change are taken from a release that is on this disk: shared or copied, and checked. */
#ifndef UPDATER_STAGE_REUSE_H
#define UPDATER_STAGE_REUSE_H

#include "common/error.h"
#include "updater/tree/needs.h"
#include "updater/tree/tree.h"

struct reuse {
	struct tree *to;
	struct needs *needs;
	struct tree *from;
	const struct release *from_release;
	/* Called now and then; -1 ends it. May be NULL. */
	int (*went_on)(void *context, struct error *err);
	void *context;
};

/* Takes every missing file that FROM_RELEASE has with the same digest, whatever its path there. A file that is
 * damaged in FROM is left missing. */
WARN_UNUSED int reuse_unchanged(const struct reuse *reuse, struct error *err);

#endif
