/* A release: everything about one version of a package, as its vendor signed it. It is a TUF target of its own; the
 * SHA-256 of its bytes is the release's identity. docs/repository-format.md describes the JSON. */
#ifndef MANIFESTS_RELEASE_RELEASE_H
#define MANIFESTS_RELEASE_RELEASE_H

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "manifests/base/package.h"
#include "manifests/base/version.h"
#include "manifests/release/release_parts.h"

/* Reads and checks everything that release_parts.h says: ERROR_INPUT names member and file. A path that would
 * leave the release's folder, a link that points out of it, two paths that differ only by case, a name that
 * Windows cannot hold, files outside the payload, frames with gaps: all are refused here, before anything is
 * unpacked. */
WARN_UNUSED int release_parse(const void *data, size_t len, struct release **ret_release, struct error *err);

/* The JSON that release_parse reads, the same bytes for the same release. */
WARN_UNUSED int release_write(const struct release *release, struct buf *ret_json, struct error *err);

void release_free(struct release *release);
DEFINE_AUTO_PTR(release, struct release, release_free);

#endif
