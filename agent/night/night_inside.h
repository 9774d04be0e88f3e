/* What the parts of agent/night*.c share: the work of one night, and its steps in their order. */
#ifndef AGENT_NIGHT_NIGHT_INSIDE_H
#define AGENT_NIGHT_NIGHT_INSIDE_H

#include "agent/choice/wanted.h"
#include "agent/night/night.h"
#include "agent/night/pace.h"
#include "agent/server/distribution.h"
#include "rollback/plan.h"
#include "updater/stage/stage.h"

struct night {
	struct terminal *terminal;
	const struct night_options *options;
	struct job_report *report;
	struct job_result *result;
	struct distribution distribution;
	struct wanted_list wanted;
	struct pace pace;
	struct stage_progress stage; /* of the package at work, as staging told it last */
	uint64_t stage_bytes;	     /* that had come in this job by then */
};

/* ERROR_STOPPED once its window has ended. */
WARN_UNUSED int night_window_is_over(const struct night *night, struct error *err);

/* ---- night_contact.c: what the server is asked ---- */

/* root, timestamp, snapshot, targets, catalog; what came of it stands in the history. */
WARN_UNUSED int night_refresh_trust(struct night *night, struct error *err);

/* ---- night_package.c: one package ---- */

/* Brings one package's release into place beside the current one. The delivery stays FETCHING until its whole group
 * is there: only then the plan may name it. What kept it from coming is in its delivery, too. */
WARN_UNUSED int night_deliver(struct night *night, struct wanted *wanted, struct error *err);
/* Bytes have come, as struct distribution_options wants to tell it: CONTEXT is the night. */
void night_note_arrival(void *context);

/* ---- night_plan.c: what is left to the guard ---- */

/* The programs that the guard is to run, as the plan holds them. ERROR_REFUSED: the guard cannot take them. */
WARN_UNUSED int night_write_programs(const struct release *release, struct plan_entry *ret_entry, struct error *err);
/* Once the last of a group is there, the guard is told, then the store: a cut in between leaves a plan that the next
 * start brings the store in line with. */
WARN_UNUSED int night_settle_group(struct night *night, const struct wanted *wanted, struct error *err);

#endif
