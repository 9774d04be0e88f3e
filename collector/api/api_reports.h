/* POST /reports: takes a report, and answers once it is durable. */
#ifndef COLLECTOR_API_API_REPORTS_H
#define COLLECTOR_API_API_REPORTS_H

#include "collector/api/api_context.h"

void api_reports_take(struct api *api, struct exchange *exchange);

#endif
