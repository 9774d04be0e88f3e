/* The beginning of a rollout. */
#ifndef TOOLS_REPO_COMMANDS_ROLLOUT_ROLLOUT_BEGIN_H
#define TOOLS_REPO_COMMANDS_ROLLOUT_ROLLOUT_BEGIN_H

#include "common/json.h"
#include "tools/repo/base/workspace.h"

/* Makes PACKAGE=VERSION of the command line, and those behind it, the candidates of their packages in CATALOG, with one place for all
 * of them. ERROR_USAGE where there is no stable release, one that is newer, or a candidate whose rollout is not over. */
WARN_UNUSED int rollout_begin(
	const struct tool *tool, const struct workspace *workspace, json_t *catalog, struct error *err);
/* Says what the operator may not have thought of, once it has begun: terminals that no stage is for, a night that is over, nobody who may
 * brake. */
WARN_UNUSED int rollout_begin_warn(const struct tool *tool, const struct workspace *workspace, struct error *err);

#endif
