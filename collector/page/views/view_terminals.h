/* /terminals: found by institution, name or key, and narrowed. */
#ifndef COLLECTOR_PAGE_VIEWS_VIEW_TERMINALS_H
#define COLLECTOR_PAGE_VIEWS_VIEW_TERMINALS_H

#include "collector/api/api_context.h"

void view_terminals(struct api *api, struct database *database, struct exchange *exchange);

#endif
