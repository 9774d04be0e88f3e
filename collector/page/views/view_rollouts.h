/* Rollouts: how far each has come and what the judgement is, and the red button. */
#ifndef COLLECTOR_PAGE_VIEWS_VIEW_ROLLOUTS_H
#define COLLECTOR_PAGE_VIEWS_VIEW_ROLLOUTS_H

#include "collector/api/api_context.h"

void view_rollouts(struct api *api, struct database *database, struct exchange *exchange);
/* What pressing the button posts. */
void view_rollouts_stop(struct api *api, struct database *database, struct exchange *exchange);

#endif
