/* One look at all rollouts: what the catalog says now, what befell terminals, the judgement, and the brake's statement. */
#ifndef COLLECTOR_ROLLOUT_ROLLOUT_WATCH_H
#define COLLECTOR_ROLLOUT_ROLLOUT_WATCH_H

#include "collector/config/config.h"
#include "collector/store/database.h"
#include "common/clock.h"
#include "common/log.h"
#include "manifests/keys/key.h"

/* What befell terminals is asked of the store again after so many times as long as it took to ask. */
#define ROLLOUT_WATCH_PAUSES 20

/* What a collector keeps from one look to the next; zeroed at first. */
struct rollout_watch {
	const struct config *config; /* borrowed, as CLOCK and LOG */
	const struct clock *clock;
	const struct log *log;
	int64_t judges_at_ms; /* on the clock that no time change moves: not before then */
	char key_id[KEY_ID_SIZE]; /* of the key that it signs with; "" before the first look */
	bool is_in_trouble;
};

/* IS_HOLDER: of several collectors on one store this one looks; all publish. Each look heeds what the catalog says and what a person
 * stopped; terminals are counted, and candidates judged, in at most one part in ROLLOUT_WATCH_PAUSES of the time. Failures are logged,
 * once until they are over: what else the collector does goes on. */
void rollout_watch_look(
	struct rollout_watch *watch, struct database *database, bool is_holder, int64_t now_s);

/* A person stops the rollout of a package's VERSION, for good: BY is who. *RET_STOPPED is false where it was stopped already. In a
 * transaction of its own; ERROR_NOT_FOUND where there is none, ERROR_INPUT where WHY or BY is no plain line. */
WARN_UNUSED int rollout_watch_stop(struct database *database, const char *package, const char *version, const char *by,
	const char *why, int64_t now_s, bool *ret_stopped, struct error *err);

#endif
