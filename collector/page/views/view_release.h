/* /release?package=&version=: how fast it was confirmed, why it was taken back, on which terminals. A vendor sees its own
 * packages, and terminals by pseudonym. */
#ifndef COLLECTOR_PAGE_VIEWS_VIEW_RELEASE_H
#define COLLECTOR_PAGE_VIEWS_VIEW_RELEASE_H

#include "collector/api/api_context.h"

void view_release(struct api *api, struct database *database, struct exchange *exchange);

#endif
