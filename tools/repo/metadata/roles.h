/* What root and targets say about roles and keys, and what targets roles say about target files: changes to "signed".
 */
#ifndef TOOLS_REPO_METADATA_ROLES_H
#define TOOLS_REPO_METADATA_ROLES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"
#include "common/json.h"

/* The object that holds "keys" and the entry {"keyids", "threshold"} of ROLE in BODY (of root, or of targets for a
 * delegated role); NULL where there is none. Borrowed. */
json_t *roles_entry(json_t *body, const char *role, json_t **ret_keys);

/* Adds a key to a role; one that is there already is fine. */
WARN_UNUSED int roles_add_key(json_t *body, const char *role, const char *id, json_t *public_key, struct error *err);
/* Takes a key from a role, and out of the document where no role uses it any more. ERROR_NOT_FOUND. */
WARN_UNUSED int roles_remove_key(json_t *body, const char *role, const char *id, struct error *err);
/* ERROR_USAGE where the role has fewer keys. */
WARN_UNUSED int roles_set_threshold(json_t *body, const char *role, int64_t threshold, struct error *err);

/* Adds an empty role to root. */
WARN_UNUSED int roles_add_top_level(json_t *root, const char *role, struct error *err);
/* Adds an empty delegated role for one path pattern to targets, behind those that are there. ERROR_USAGE where it is
 * there. */
WARN_UNUSED int roles_add_delegation(json_t *targets, const char *role, const char *pattern, struct error *err);
/* Adds a path pattern to a delegated role: 1, or 0 where it has that already. ERROR_NOT_FOUND. */
WARN_UNUSED int roles_add_path(json_t *targets, const char *role, const char *pattern, struct error *err);
/* Removes it with the keys that no other uses. ERROR_NOT_FOUND. */
WARN_UNUSED int roles_remove_delegation(json_t *targets, const char *role, struct error *err);

struct roles_target {
	const char *path;
	uint64_t length;
	struct sha256 sha256;
	const char *kind;    /* "release", "payload", "delta", "catalog", "policy" */
	const char *package; /* NULL for the catalog */
	const char *version;
};

/* Lists a target file in a targets role, in place of a former one of that path. */
WARN_UNUSED int roles_put_target(json_t *body, const struct roles_target *target, struct error *err);
/* The SHA-256 that BODY lists for a path; false where it lists none. */
bool roles_target_digest(const json_t *body, const char *path, struct sha256 *ret_digest);

#define ROLES_TARGET_FILE_SIZE 384
/* "DIR/SHA256.NAME": where a target file stands in a repository with consistent snapshots. */
void roles_target_file(const char *path, const struct sha256 *digest, char ret_path[static ROLES_TARGET_FILE_SIZE]);

#endif
