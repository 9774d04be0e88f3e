/* / and /nights/DATE: the fleet at 8 in the morning. */
#ifndef COLLECTOR_PAGE_VIEWS_VIEW_NIGHT_H
#define COLLECTOR_PAGE_VIEWS_VIEW_NIGHT_H

#include "collector/api/api_context.h"

/* A vendor, who may not see the fleet, gets its releases. */
void view_first(struct api *api, struct database *database, struct exchange *exchange);
void view_night(struct api *api, struct database *database, struct exchange *exchange);

#endif
