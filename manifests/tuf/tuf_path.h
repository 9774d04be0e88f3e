/* Names in a TUF repository: path patterns of delegations, file names of roles and targets, and URLs. None of it
 * depends on the locale. */
#ifndef MANIFESTS_TUF_TUF_PATH_H
#define MANIFESTS_TUF_TUF_PATH_H

#include <stdbool.h>

#include "common/buf.h"
#include "common/error.h"

/* The most bytes of any URL or name made here. */
#define TUF_PATH_MAX_BYTES 32768

/* True if the shell pattern matches (4.5): as many components on both sides, '*', '?' and "[...]" never match '/',
 * and neither a leading dot nor a backslash means anything. '?' is one character of UTF-8. */
bool tuf_path_matches(const char *pattern, const char *path);

/* Appends a role's name as URLs and files spell it: all but letters, digits and "-._~" becomes %XX. */
WARN_UNUSED int tuf_role_encode(const char *role, struct buf *ret_name, struct error *err);
/* Appends the name of the one file that a role's metadata is kept as: as URLs spell it, or "sha256=DIGEST.json" where
 * no file system could hold that. */
WARN_UNUSED int tuf_role_file_name(const char *role, struct buf *ret_name, struct error *err);

/* Appends the name of the one file that a target is stored as: no two paths share one, and none leaves its folder. */
WARN_UNUSED int tuf_target_file_name(const char *path, struct buf *ret_name, struct error *err);

/* Appends a target's URL below the base: DIR/HASH.NAME, or DIR/NAME where HASH is NULL. '/' stays as it is; what no
 * URL may hold becomes %XX. */
WARN_UNUSED int tuf_target_url(const char *path, const char *hash, struct buf *ret_url, struct error *err);

/* Appends base, one '/' and name. The base passes byte for byte. */
WARN_UNUSED int tuf_url_join(const char *base, const char *name, struct buf *ret_url, struct error *err);

#endif
