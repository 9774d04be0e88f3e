/* Where every role stands: versions, expiry, and signatures that staged metadata still lacks. */
#ifndef TOOLS_REPO_COMMANDS_PUBLICATION_COMMAND_STATUS_H
#define TOOLS_REPO_COMMANDS_PUBLICATION_COMMAND_STATUS_H

#include "tools/repo/base/workspace.h"

/* Warns through the tool's log of every published role that will expire soon. */
WARN_UNUSED int status_warn(const struct tool *tool, const struct workspace *workspace, struct error *err);

#endif
