/* The fleet as a whole: now, and night by night. */
#ifndef COLLECTOR_API_API_FLEET_H
#define COLLECTOR_API_API_FLEET_H

#include "collector/api/api_context.h"

void api_fleet_openapi(struct api *api, struct exchange *exchange);
void api_fleet_now(struct api *api, struct database *database, struct exchange *exchange);
void api_fleet_nights(struct api *api, struct database *database, struct exchange *exchange);
void api_fleet_night(struct api *api, struct database *database, struct exchange *exchange);

#endif
