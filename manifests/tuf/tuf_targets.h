/* The targets role and those it delegates to (TUF 4.5): what a target is, and who may vouch for which paths. */
#ifndef MANIFESTS_TUF_TUF_TARGETS_H
#define MANIFESTS_TUF_TUF_TARGETS_H

#include <stdbool.h>

#include "manifests/tuf/metadata_signers.h"
#include "manifests/tuf/tuf_content.h"
#include "manifests/tuf/tuf_target.h"

#define TUF_TARGETS_MAX_BYTES 5000000

/* Reads targets or a delegated role and checks every member; no signature is checked yet. */
WARN_UNUSED int tuf_targets_parse(
	const void *data, size_t len, const char *role, struct metadata **ret_targets, struct error *err);

/* True if the role itself vouches for the target. CONSISTENT is the root's word on file names. */
WARN_UNUSED int tuf_targets_find(const struct metadata *targets, const char *path, bool consistent, bool *ret_found,
	struct tuf_target *ret_target, struct error *err);

/* One delegation whose paths match. */
struct tuf_delegation {
	char *role;
	bool terminating;
	struct metadata_signers signers; /* borrowed from the delegator */
};

struct tuf_delegations {
	struct tuf_delegation *list;
	size_t count;
};

/* The delegations that match the path, in order of appearance, up to the first terminating one. */
WARN_UNUSED int tuf_targets_delegations(
	const struct metadata *targets, const char *path, struct tuf_delegations *ret_delegations, struct error *err);
void tuf_delegations_clear(struct tuf_delegations *delegations);
DEFINE_AUTO(tuf_delegations, struct tuf_delegations, tuf_delegations_clear);

#endif
