/* What is being tried, how far it is, and who watches. */
#ifndef TOOLS_REPO_COMMANDS_ROLLOUT_ROLLOUT_SHOW_H
#define TOOLS_REPO_COMMANDS_ROLLOUT_ROLLOUT_SHOW_H

#include "common/json.h"
#include "tools/repo/base/workspace.h"

/* Prints the candidates of CATALOG, for people or as JSON. */
WARN_UNUSED int rollout_show(
	const struct tool *tool, const struct workspace *workspace, const json_t *catalog, struct error *err);

#endif
