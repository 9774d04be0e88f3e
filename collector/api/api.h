/* What is asked, and who may ask it: one table of addresses. */
#ifndef COLLECTOR_API_API_H
#define COLLECTOR_API_API_H

#include "collector/api/api_context.h"

/* Answers the exchange, or takes it along. A handler for web.h. */
void api_handle(void *api, struct exchange *exchange);

#endif
