/* /metrics: OpenMetrics for Prometheus. */
#ifndef COLLECTOR_API_API_METRICS_H
#define COLLECTOR_API_API_METRICS_H

#include "collector/api/api_context.h"

/* DATABASE NULL: the store is away, and what it would tell is left out. */
void api_metrics_show(struct api *api, struct database *database, struct exchange *exchange);

#endif
