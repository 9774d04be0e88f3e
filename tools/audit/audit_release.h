/* That a release is the one that its vendor's role signed, from the metadata in a delivery certificate: The Update
 * Framework's own client, which is answered from there and asks no network. */
#ifndef TOOLS_AUDIT_AUDIT_RELEASE_H
#define TOOLS_AUDIT_AUDIT_RELEASE_H

#include <stdint.h>

#include "common/buf.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/json.h"

#define AUDIT_ROLE_SIZE 128

/* METADATA: file name -> text. ROOT is the trusted root, from which the chain in METADATA leads on. The metadata must be
 * valid at AT_S. Sets the digest of the release target, and the role that vouches for it. ERROR_REFUSED and others say what
 * is wrong, as on a terminal. */
WARN_UNUSED int audit_release_find(const json_t *metadata, const struct buf *root, int64_t at_s, const char *package,
	const char *version, struct sha256 *ret_digest, char ret_role[static AUDIT_ROLE_SIZE], struct error *err);

#endif
