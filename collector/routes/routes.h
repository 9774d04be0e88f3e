/* What is asked, and who may ask it: one table of addresses (docs/collector.md, docs/operating-a-fleet.md,
 * collector/api/openapi.json). */
#ifndef COLLECTOR_ROUTES_ROUTES_H
#define COLLECTOR_ROUTES_ROUTES_H

#include "collector/api/api_context.h"

/* Answers the exchange, or takes it along. For web.h. */
void routes_handle(void *api, struct exchange *exchange);
/* The part of it that looks into the store. For desk.h. */
void routes_answer(void *api, struct database *database, const struct error *away, struct exchange *exchange);
/* An answer went out. For web.h. */
void routes_answered(void *api, const struct exchange *exchange, int64_t duration_ms);

#endif
