/* From staged to published, in an order in which clients never see half. */
#ifndef TOOLS_REPO_METADATA_PUBLICATION_H
#define TOOLS_REPO_METADATA_PUBLICATION_H

#include "common/error.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/keys/keyring.h"
#include "tools/repo/metadata/signing.h"

/* Signs what is staged with the keys at hand, makes snapshot and timestamp, writes all of it, and prints what changed
 * in words. ERROR_INPUT where signatures are missing or a target file is not there; then nothing has changed for
 * clients. May be run again after a crash at any point. */
WARN_UNUSED int publication_publish(
	const struct tool *tool, const struct workspace *workspace, struct keyring *keyring, struct error *err);

/* Signs timestamp anew, and snapshot too where half of its life is over or ALL is true. */
WARN_UNUSED int publication_refresh(const struct tool *tool, const struct workspace *workspace,
	struct keyring *keyring, bool all, struct error *err);

#endif
