/* /campaigns and /campaigns/NUMBER: how many are complete, and who is left, as a list to telephone from. */
#ifndef COLLECTOR_PAGE_VIEWS_VIEW_CAMPAIGNS_H
#define COLLECTOR_PAGE_VIEWS_VIEW_CAMPAIGNS_H

#include "collector/api/api_context.h"

void view_campaigns(struct api *api, struct database *database, struct exchange *exchange);
void view_campaign(struct api *api, struct database *database, struct exchange *exchange);

#endif
