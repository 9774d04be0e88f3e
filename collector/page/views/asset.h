/* /page/NAME: style, script and icon. */
#ifndef COLLECTOR_PAGE_VIEWS_ASSET_H
#define COLLECTOR_PAGE_VIEWS_ASSET_H

#include "collector/api/api_context.h"

void asset_show(struct api *api, struct exchange *exchange);

#endif
