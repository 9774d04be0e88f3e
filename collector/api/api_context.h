/* What the handlers of the interface work with. */
#ifndef COLLECTOR_API_API_CONTEXT_H
#define COLLECTOR_API_API_CONTEXT_H

#include "collector/http/exchange.h"
#include "collector/reports/intake.h"
#include "collector/reports/quota.h"
#include "common/clock.h"

/* All borrowed. */
struct api {
	const struct config *config;
	const struct clock *clock;
	const struct log *log;
	struct intake *intake;
	struct quota *quota;
};

#endif
