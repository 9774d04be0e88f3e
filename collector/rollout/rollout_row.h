/* The row of a rollout: one attempt at one candidate, how far the collector lets it go, and what was done to it by whom. */
#ifndef COLLECTOR_ROLLOUT_ROLLOUT_ROW_H
#define COLLECTOR_ROLLOUT_ROLLOUT_ROW_H

#include "collector/store/database.h"
#include "common/digest.h"
#include "manifests/base/package.h"
#include "manifests/catalog/candidate.h"

#define ROLLOUT_BY_SIZE 256
#define ROLLOUT_WHY_SIZE (CANDIDATE_MAX_WHY_BYTES + 1)
#define ROLLOUT_PLAN_SIZE 8192
#define ROLLOUT_VERSION_SIZE 64
#define ROLLOUTS_MOST 200 /* that are shown, the newest */

struct rollout_row {
	int64_t id;
	char package[PACKAGE_NAME_SIZE], version[ROLLOUT_VERSION_SIZE], digest[SHA256_HEX_SIZE];
	int64_t attempt;
	char plan[ROLLOUT_PLAN_SIZE]; /* JSON */
	int64_t began_s;
	int64_t stages_open;
	int64_t opened_night; /* in which the last of them opened */
	int64_t stopped_s;    /* 0: it was not */
	char stopped_by[ROLLOUT_BY_SIZE], why[ROLLOUT_WHY_SIZE];
	char verdict[16];
	int64_t judged_s;
	char judgement[1024]; /* JSON; "" before it was judged */
	bool is_over;
};

/* The id that stands for one attempt everywhere. */
int64_t rollout_id_of(const char *package, const char *digest, int64_t attempt);

/* Adds the row where there is none, with its event. */
WARN_UNUSED int rollout_row_add(struct database *database, const struct rollout_row *row, struct error *err);
/* ERROR_NOT_FOUND where there is none. */
WARN_UNUSED int rollout_row_find(
	struct database *database, int64_t id, struct rollout_row *ret_row, struct error *err);
/* The running one of a package's VERSION, or the newest; ERROR_NOT_FOUND where there is none. */
WARN_UNUSED int rollout_row_find_version(struct database *database, const char *package, const char *version,
	struct rollout_row *ret_row, struct error *err);
/* Those that the catalog names first, then the newest first. */
WARN_UNUSED int rollout_row_each(struct database *database,
	int (*each)(void *context, const struct rollout_row *row, struct error *err), void *context,
	struct error *err);

WARN_UNUSED int rollout_row_plan(struct database *database, int64_t id, const char *plan, struct error *err);
/* All but those whose ids stand in the JSON array IDS are over. */
WARN_UNUSED int rollout_row_end_others(struct database *database, const char *ids, struct error *err);
WARN_UNUSED int rollout_row_judged(struct database *database, int64_t id, const char *verdict, const char *judgement,
	int64_t now_s, struct error *err);
/* Within a transaction, each with its event. */
WARN_UNUSED int rollout_row_open(struct database *database, int64_t id, int64_t stages, int64_t night, int64_t now_s,
	const char *why, struct error *err);
/* *RET_STOPPED is false where it was stopped already: who was first stays. */
WARN_UNUSED int rollout_row_stop(struct database *database, int64_t id, int64_t now_s, const char *by,
	const char *why, bool *ret_stopped, struct error *err);

struct rollout_event {
	int64_t at_s;
	const char *what, *by, *why;
	int64_t stage;
};
WARN_UNUSED int rollout_event_each(struct database *database, int64_t rollout,
	int (*each)(void *context, const struct rollout_event *event, struct error *err), void *context,
	struct error *err);

#endif
