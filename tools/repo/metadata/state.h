/* Everything that a repository says to clients at one moment, for comparing and reporting. */
#ifndef TOOLS_REPO_METADATA_STATE_H
#define TOOLS_REPO_METADATA_STATE_H

#include "common/error.h"
#include "common/json.h"
#include "tools/repo/base/workspace.h"

/* {"root": signed, "timestamp": signed, "snapshot": signed, "roles": {NAME: signed}, "catalog": {...}}; members that
 * are not published are missing. A new reference. */
WARN_UNUSED int state_load(const struct workspace *workspace, json_t **ret_state, struct error *err);

/* What changed between two states: an array of sentences, empty where nothing did. A new reference, NULL on failure.
 */
json_t *state_compare(const json_t *before, const json_t *after, struct error *err);

#endif
