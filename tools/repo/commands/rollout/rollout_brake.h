/* Who may brake, and a statement of the brake by hand. */
#ifndef TOOLS_REPO_COMMANDS_ROLLOUT_ROLLOUT_BRAKE_H
#define TOOLS_REPO_COMMANDS_ROLLOUT_ROLLOUT_BRAKE_H

#include "common/json.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/keys/keyring.h"

/* The key in the file on the command line signs for the brake from now on, and no other; or, with --drop, none does. Stages targets,
 * which says so. */
WARN_UNUSED int rollout_brake_key(
	const struct tool *tool, const struct workspace *workspace, struct keyring *keyring, struct error *err);

/* Signs a fresh statement with the brake's key, which is at hand, and puts it among the published metadata: the stops of the one
 * before, as far as CATALOG's candidates are still meant, and one more where --stop names a package. */
WARN_UNUSED int rollout_brake_sign(const struct tool *tool, const struct workspace *workspace, struct keyring *keyring,
	const json_t *catalog, struct error *err);

struct brake;
/* The published statement, whoever signed it; *RET_BRAKE is NULL where there is none. */
WARN_UNUSED int rollout_brake_read(const struct workspace *workspace, struct brake **ret_brake, struct error *err);

#endif
