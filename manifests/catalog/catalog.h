/* The catalog: which release each terminal should run, and the campaigns. Signed by the operator's role as the target
 * "catalog.json". docs/repository-format.md describes the JSON. */
#ifndef MANIFESTS_CATALOG_CATALOG_H
#define MANIFESTS_CATALOG_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "manifests/base/package.h"
#include "manifests/base/version.h"
#include "manifests/catalog/campaign.h"
#include "manifests/catalog/candidate.h"

#define CATALOG_TARGET "catalog.json"
#define CATALOG_MAX_BYTES (1u << 20)
#define CATALOG_MAX_PACKAGES 256

struct catalog_package {
	const char *name;
	int64_t priority; /* 1 first (F4); unique within a catalog's first components, ties go by name */
	const char *version;
	const char *release_target; /* target path of the release JSON */
	int64_t rollout_percent;    /* share of terminals that take it, 0 to 100 */
	struct candidate *candidate; /* another release that is being tried; NULL for none */
};

struct catalog {
	int64_t issued_s;		  /* when it was made, UTC */
	struct catalog_package *packages; /* by priority, then name */
	size_t packages_count;
	struct campaign *campaigns; /* by number */
	size_t campaigns_count;
	struct catalog_service *services;
	size_t services_count;
	int64_t longest_disable_days; /* signed policy: a longer disable ends by itself (F8); 0: no limit */
	void *memory;		      /* owns every string above */
};

/* ERROR_INPUT names the member. Unknown members are tolerated. */
WARN_UNUSED int catalog_parse(const void *data, size_t len, struct catalog **ret_catalog, struct error *err);
WARN_UNUSED int catalog_write(const struct catalog *catalog, struct buf *ret_json, struct error *err);
void catalog_free(struct catalog *catalog);
DEFINE_AUTO_PTR(catalog, struct catalog, catalog_free);

/* NULL where the catalog does not name the package. */
const struct catalog_package *catalog_find(const struct catalog *catalog, const char *name);

#endif
