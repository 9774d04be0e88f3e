/* The candidate of a package, as the catalog lists it. Part of manifests/catalog. */
#ifndef MANIFESTS_CATALOG_CATALOG_CANDIDATE_H
#define MANIFESTS_CATALOG_CATALOG_CANDIDATE_H

#include "common/error.h"
#include "common/json.h"
#include "manifests/base/arena.h"
#include "manifests/catalog/candidate.h"

/* Reads member "candidate" of a package; *RET_CANDIDATE stays NULL where there is none. The texts go to MEMORY. ERROR_INPUT names
 * what is wrong; what was read so far is in RET_CANDIDATE on failure too. */
WARN_UNUSED int catalog_candidate_read(
	struct arena *memory, const json_t *package, struct candidate **ret_candidate, struct error *err);
/* Whether it may be the candidate of PACKAGE beside STABLE. */
WARN_UNUSED int catalog_candidate_check(
	const struct candidate *candidate, const char *package, const char *stable, struct error *err);
/* NULL where there is no memory, or a text is not UTF-8. */
json_t *catalog_candidate_pack(const struct candidate *candidate);
void catalog_candidate_free(struct candidate *candidate);

/* A ring's name: 1 to 32 of a-z, 0-9 and '-'. ERROR_INPUT says what is wrong. */
WARN_UNUSED int candidate_check_ring(const char *ring, struct error *err);
const char *candidate_state_name(enum candidate_state state); /* "running", "stopped", "withdrawn" */

#endif
