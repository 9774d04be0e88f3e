/* /metrics: OpenMetrics for Prometheus. */
#ifndef COLLECTOR_API_API_METRICS_H
#define COLLECTOR_API_API_METRICS_H

#include "collector/api/api_context.h"

void api_metrics_show(struct api *api, struct database *database, struct exchange *exchange);

#endif
