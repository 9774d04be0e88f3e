/* The search for a target through delegations (TUF 5.6.7): pre-order, depth first, in order of appearance, each role
 * at most once. */
#ifndef MANIFESTS_TUF_TUF_SEARCH_H
#define MANIFESTS_TUF_TUF_SEARCH_H

#include "manifests/tuf/tuf_target.h"
#include "manifests/tuf/tuf_trust.h"

/* Delegated roles visited in one search, at most. */
#define TUF_SEARCH_MAX_ROLES 32

/* Gives a delegated role, verified as it is reached now: a role verified through another delegator is not good
 * enough. */
typedef int tuf_search_obtain(
	void *context, const struct tuf_reached *reached, struct metadata **ret_targets, struct error *err);

/* Searches from the top-level TARGETS on. A delegated role that cannot be obtained ends the search with that error;
 * ERROR_NOT_FOUND where no role lists the target. */
WARN_UNUSED int tuf_search(struct metadata *targets, bool consistent, const char *path, tuf_search_obtain *obtain,
	void *context, struct tuf_target *ret_target, struct error *err);

#endif
