/* Releases: where they run, how fast they were confirmed, why they were taken back; deliveries one by one;
 * campaigns. A vendor sees its own packages, and terminals by pseudonym. */
#ifndef COLLECTOR_API_API_RELEASES_H
#define COLLECTOR_API_API_RELEASES_H

#include "collector/api/api_context.h"
#include "collector/api/page.h"
#include "collector/store/fleet_rows.h"

void api_releases_list(struct api *api, struct database *database, struct exchange *exchange);
void api_releases_one(struct api *api, struct database *database, struct exchange *exchange);
void api_releases_deliveries(struct api *api, struct database *database, struct exchange *exchange);
void api_releases_campaigns(struct api *api, struct database *database, struct exchange *exchange);

/* What they answer, for the page too; NULL on failure. CLIENT sees no more than its role allows. */
json_t *api_releases_tell(struct api *api, struct database *database, const struct client *client, struct error *err);
json_t *api_releases_tell_campaigns(struct api *api, struct database *database, struct error *err);
json_t *api_releases_tell_one(struct api *api, struct database *database, const struct client *client,
	const char *package, const char *version, struct error *err);

/* Adds what is known of a delivery, but for whose it is. */
void api_releases_put_delivery(const struct fleet_delivery *delivery, json_t *item);

/* Which deliveries: those of a release, or of a campaign. */
struct api_deliveries {
	const char *package, *version;
	const char *state; /* NULL: any */
	int64_t campaign;  /* 0: of the release */
	bool is_left;	   /* of the campaign: those that are not confirmed */
};
/* The page of the list is begun; its cursor is read here. */
WARN_UNUSED int api_releases_fill(struct api *api, struct database *database, const struct client *client,
	const struct api_deliveries *deliveries, struct page *page, struct error *err);

#endif
