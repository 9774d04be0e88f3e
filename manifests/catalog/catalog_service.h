/* Services that ask for lowest versions of several packages at once (F22), as the catalog lists them. Part of
 * manifests/catalog. */
#ifndef MANIFESTS_CATALOG_CATALOG_SERVICE_H
#define MANIFESTS_CATALOG_CATALOG_SERVICE_H

#include <jansson.h>

#include "common/error.h"
#include "manifests/base/arena.h"
#include "manifests/catalog/campaign.h"

/* Reads "services" of a catalog, where it is there; the texts go to MEMORY. ERROR_INPUT names what is wrong. What was
 * read so far is in RET_SERVICES on failure too. */
WARN_UNUSED int catalog_service_read_all(struct arena *memory, const json_t *catalog,
	struct catalog_service **ret_services, size_t *ret_count, struct error *err);
WARN_UNUSED int catalog_service_check_all(const struct catalog_service *services, size_t count, struct error *err);
/* NULL where there is no memory, or a text is not UTF-8. */
json_t *catalog_service_pack_all(const struct catalog_service *services, size_t count);
void catalog_service_free_all(struct catalog_service *services, size_t count);

#endif
