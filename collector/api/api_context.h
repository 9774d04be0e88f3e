/* What the handlers of the interface work with. */
#ifndef COLLECTOR_API_API_CONTEXT_H
#define COLLECTOR_API_API_CONTEXT_H

#include "collector/api/desk.h"
#include "collector/api/latency.h"
#include "collector/http/exchange.h"
#include "collector/ledger/scribe.h"
#include "collector/oversight/overseer.h"
#include "collector/reports/intake.h"
#include "collector/reports/quota.h"
#include "collector/roster/roster.h"
#include "collector/store/secret.h"
#include "common/clock.h"

/* All borrowed. */
struct api {
	const struct config *config;
	const struct clock *clock;
	const struct log *log;
	struct intake *intake;
	struct quota *quota;
	struct overseer *overseer;
	struct desk *desk;
	struct quota *tries; /* to enrol, by address */
	const struct roster *roster; /* NULL: no certificates are issued here */
	struct scribe *scribe; /* NULL: no ledger is written */
	struct latency *latency;
	char secret[SECRET_SIZE]; /* that pseudonyms are made of */
};

#endif
