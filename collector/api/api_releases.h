/* Releases: where they run, how fast they were confirmed, why they were taken back; deliveries one by one;
 * campaigns. A vendor sees its own packages, and terminals by pseudonym. */
#ifndef COLLECTOR_API_API_RELEASES_H
#define COLLECTOR_API_API_RELEASES_H

#include "collector/api/api_context.h"

void api_releases_list(struct api *api, struct database *database, struct exchange *exchange);
void api_releases_one(struct api *api, struct database *database, struct exchange *exchange);
void api_releases_deliveries(struct api *api, struct database *database, struct exchange *exchange);
void api_releases_campaigns(struct api *api, struct database *database, struct exchange *exchange);

#endif
