/* /terminals/KEY: one terminal as its own status says it. The look is noted. */
#ifndef COLLECTOR_PAGE_VIEWS_VIEW_TERMINAL_H
#define COLLECTOR_PAGE_VIEWS_VIEW_TERMINAL_H

#include "collector/api/api_context.h"

void view_terminal(struct api *api, struct database *database, struct exchange *exchange);

#endif
