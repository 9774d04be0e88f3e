/* Target files that nobody names any more. */
#ifndef TOOLS_REPO_METADATA_TARGET_WALK_H
#define TOOLS_REPO_METADATA_TARGET_WALK_H

#include <sys/stat.h>

#include "common/error.h"
#include "common/json.h"
#include "tools/repo/base/workspace.h"

#define TARGET_WALK_PATH_SIZE 1024

/* Adds the files ("DIR/SHA256.NAME") of all targets that BODY lists to the object NAMED. */
WARN_UNUSED int target_walk_name(json_t *named, const json_t *body, struct error *err);

/* The same for all roles that are staged. */
WARN_UNUSED int target_walk_name_staged(json_t *named, const struct workspace *workspace, struct error *err);

/* Is given a file, by its path below the folder; -1 ends the walk. It may remove the file. */
typedef int target_walk_visit(void *context, const char *file, const struct stat *st, struct error *err);

/* Visits every file below FOLDER (of the publisher's folder) that is called like a target and that NAMED does not
 * hold. */
WARN_UNUSED int target_walk_unnamed(const struct workspace *workspace, const char *folder, const json_t *named,
	target_walk_visit *visit, void *context, struct error *err);

#endif
