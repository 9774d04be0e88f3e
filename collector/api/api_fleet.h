/* The fleet as a whole: now, and night by night. */
#ifndef COLLECTOR_API_API_FLEET_H
#define COLLECTOR_API_API_FLEET_H

#include "collector/api/api_context.h"

void api_fleet_openapi(struct api *api, struct exchange *exchange);
void api_fleet_now(struct api *api, struct database *database, struct exchange *exchange);
void api_fleet_nights(struct api *api, struct database *database, struct exchange *exchange);
void api_fleet_night(struct api *api, struct database *database, struct exchange *exchange);

/* What they answer, for the page too. NULL on failure; ERROR_NOT_FOUND where nothing was counted in that night. */
json_t *api_fleet_tell(struct api *api, struct database *database, struct error *err);
json_t *api_fleet_tell_night(struct database *database, int64_t night, struct error *err);
/* The sums of COUNT nights up to LAST, newest first; those in which nothing was counted are left out. */
json_t *api_fleet_tell_nights(struct database *database, int64_t last, int64_t count, struct error *err);

#endif
