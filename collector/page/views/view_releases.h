/* /releases: where each release runs, and what became of it. A vendor sees its own. */
#ifndef COLLECTOR_PAGE_VIEWS_VIEW_RELEASES_H
#define COLLECTOR_PAGE_VIEWS_VIEW_RELEASES_H

#include "collector/api/api_context.h"

void view_releases(struct api *api, struct database *database, struct exchange *exchange);

#endif
