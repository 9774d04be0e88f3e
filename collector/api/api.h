/* What is asked, and who may ask it: one table of addresses. */
#ifndef COLLECTOR_API_API_H
#define COLLECTOR_API_API_H

#include "collector/http/exchange.h"
#include "collector/reports/intake.h"
#include "collector/reports/quota.h"
#include "common/clock.h"

/* What the handlers work with; all borrowed. */
struct api {
	const struct config *config;
	const struct clock *clock;
	const struct log *log;
	struct intake *intake;
	struct quota *quota;
};

/* Answers the exchange, or takes it along. A handler for web.h. */
void api_handle(void *api, struct exchange *exchange);

#endif
