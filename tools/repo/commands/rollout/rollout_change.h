/* A rollout that was begun: stopped, resumed, finished, withdrawn. */
#ifndef TOOLS_REPO_COMMANDS_ROLLOUT_ROLLOUT_CHANGE_H
#define TOOLS_REPO_COMMANDS_ROLLOUT_ROLLOUT_CHANGE_H

#include "common/json.h"
#include "tools/repo/base/command.h"

/* Changes the candidates of the packages on the command line in CATALOG. ERROR_NOT_FOUND where a package has none; ERROR_USAGE where
 * what it is does not allow it, or no reason is given. */
WARN_UNUSED int rollout_stop(const struct tool *tool, json_t *catalog, struct error *err);
WARN_UNUSED int rollout_withdraw(const struct tool *tool, json_t *catalog, struct error *err);
WARN_UNUSED int rollout_resume(const struct tool *tool, json_t *catalog, struct error *err);
/* The candidate becomes the stable release. */
WARN_UNUSED int rollout_finish(const struct tool *tool, json_t *catalog, struct error *err);

#endif
