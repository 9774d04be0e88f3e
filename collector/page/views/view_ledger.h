/* /ledger: how large it is, and who has signed it. */
#ifndef COLLECTOR_PAGE_VIEWS_VIEW_LEDGER_H
#define COLLECTOR_PAGE_VIEWS_VIEW_LEDGER_H

#include "collector/api/api_context.h"

void view_ledger(struct api *api, struct database *database, struct exchange *exchange);

#endif
