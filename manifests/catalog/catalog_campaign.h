/* Campaigns, the signed delivery periods, as the catalog lists them (F3). Part of manifests/catalog. */
#ifndef MANIFESTS_CATALOG_CATALOG_CAMPAIGN_H
#define MANIFESTS_CATALOG_CATALOG_CAMPAIGN_H

#include <jansson.h>

#include "common/error.h"
#include "manifests/base/arena.h"
#include "manifests/catalog/campaign.h"

/* Reads "campaigns" of a catalog, where it is there; the texts go to MEMORY. ERROR_INPUT names what is wrong. What was
 * read so far is in RET_CAMPAIGNS on failure too. */
WARN_UNUSED int catalog_campaign_read_all(struct arena *memory, const json_t *catalog,
	struct campaign **ret_campaigns, size_t *ret_count, struct error *err);
/* What every campaign must keep to, read or about to be written. ERROR_INPUT names the campaign that does not. */
WARN_UNUSED int catalog_campaign_check_all(const struct campaign *campaigns, size_t count, struct error *err);
/* NULL where there is no memory, or a text is not UTF-8. */
json_t *catalog_campaign_pack_all(const struct campaign *campaigns, size_t count);
void catalog_campaign_free_all(struct campaign *campaigns, size_t count);

#endif
