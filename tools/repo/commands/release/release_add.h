/* A packed release into the repository: staged and signed by its vendor. */
#ifndef TOOLS_REPO_COMMANDS_RELEASE_RELEASE_ADD_H
#define TOOLS_REPO_COMMANDS_RELEASE_RELEASE_ADD_H

#include <stdint.h>

#include "manifests/base/package.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/keys/keyring.h"

struct release_added {
	char package[PACKAGE_NAME_SIZE];
	char version[VERSION_TEXT_SIZE];
	int64_t missing; /* signatures that its role lacks still */
};

/* PATH is the release's JSON; payload and deltas stand beside it, and are read as a terminal reads them. ERROR_NOT_FOUND where the
 * package is delegated to nobody; ERROR_REFUSED where the version is there with other content, or the payload is not that of the
 * release. */
WARN_UNUSED int release_add(const struct tool *tool, const struct workspace *workspace, struct keyring *keyring,
	const char *path, struct release_added *ret_added, struct error *err);

#endif
