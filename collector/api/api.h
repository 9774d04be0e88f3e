/* What is asked, and who may ask it: one table of addresses (docs/collector.md, collector/api/openapi.json). */
#ifndef COLLECTOR_API_API_H
#define COLLECTOR_API_API_H

#include "collector/api/api_context.h"

/* Answers the exchange, or takes it along. For web.h. */
void api_handle(void *api, struct exchange *exchange);
/* The part of it that looks into the store. For desk.h. */
void api_answer(void *api, struct database *database, struct exchange *exchange);
/* An answer went out. For web.h. */
void api_answered(void *api, const struct exchange *exchange, int64_t duration_ms);

#endif
