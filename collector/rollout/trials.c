#include "collector/rollout/trials.h"

#include <string.h>

#include "collector/judgement/others.h"
#include "collector/store/report_row.h"

#define STILL_STAGED 2 /* of a trial's came */

/* ---- Followed ---- */

static int run(struct database *database, enum statement statement, const int64_t *numbers, size_t count,
	struct error *err)
{
	AUTO(query) struct query *query = query_new(database, statement, err);

	for (size_t i = 0; i < count; i++)
		query_number(query, numbers[i]);
	return query_run(query, err);
}

static int look_anew(
	struct database *database, int64_t rollout, int64_t night, int64_t base, struct error *err)
{
	const int64_t numbers[] = {rollout, night, base};

	return run(database, STATEMENT_TRIAL_BASE, numbers, 3, err) < 0
		       ? -1
		       : run(database, STATEMENT_TRIAL_ANEW, numbers, 2, err);
}

/* Cohorts of which most still waited when the last night ended. */
static int look_anew_where_early(struct database *database, int64_t rollout, int64_t tonight, struct error *err)
{
	struct trials trials;

	if (trials_count(database, rollout, &trials, err) < 0)
		return -1;
	for (size_t i = 0; i < trials.count; i++)
		if (trials.bases[i] < tonight - 1 && judgement_is_early(&trials.cohorts[i]) &&
			look_anew(database, rollout, trials.nights[i], tonight - 1, err) < 0)
			return -1;
	return 0;
}

/* Those who took it in a night without anybody beside them so far would be judged by nothing. */
static int pick_others(struct database *database, int64_t rollout, int64_t release, int64_t night, struct error *err)
{
	struct trials trials;
	int64_t taken = 0;

	if (trials_count(database, rollout, &trials, err) < 0)
		return -1;
	for (size_t i = 0; i < trials.count; i++)
		if (trials.nights[i] == night)
			taken = trials.cohorts[i].taken;
	return taken == 0 ? 0
			  : run(database, STATEMENT_TRIAL_OTHERS,
				    (const int64_t[]){rollout, release, night, others_all(taken), taken}, 5, err);
}

int trials_follow(struct database *database, const struct rollout_row *rollout, int64_t tonight, struct error *err)
{
	int64_t release = release_id_of(rollout->package, rollout->version, rollout->digest);
	const int64_t numbers[] = {rollout->id, release, rollout->began_s};

	if (run(database, STATEMENT_TRIAL_STATE, numbers, 2, err) < 0 ||
		run(database, STATEMENT_TRIAL_CAME, numbers, 1, err) < 0 ||
		look_anew_where_early(database, rollout->id, tonight, err) < 0 ||
		run(database, STATEMENT_TRIAL_BEGIN, numbers, 2, err) < 0 ||
		run(database, STATEMENT_TRIAL_LATE, numbers, 3, err) < 0 ||
		run(database, STATEMENT_TRIAL_COHORTS, numbers, 1, err) < 0)
		return -1;
	return pick_others(database, rollout->id, release, tonight, err);
}

int trials_forget(struct database *database, int64_t before_s, struct error *err)
{
	return run(database, STATEMENT_TRIAL_FORGET, &before_s, 1, err);
}

/* ---- Counted ---- */

static size_t place_of(struct trials *trials, int64_t night, int64_t base)
{
	size_t last = trials->count - 1;

	if (trials->count > 0 && trials->nights[last] == night)
		return last;
	if (trials->count < TRIALS_NIGHTS_MOST)
		last = trials->count++;
	trials->nights[last] = night;
	trials->bases[last] = base;
	trials->cohorts[last] = trials->alike[last][0] = trials->alike[last][1] = (struct judgement_cohort){0};
	trials->taken[last] = trials->ended[last] = trials->rolled_back[last] = 0;
	return last;
}

static bool is_one_of(const char *state, const char *a, const char *b)
{
	return strcmp(state, a) == 0 || strcmp(state, b) == 0;
}

/* So many terminals alike. */
struct group {
	const char *kind, *state;
	int64_t came, count;
};

static void add_to_cohort(struct judgement_cohort *cohort, const struct group *group)
{
	if (strcmp(group->kind, "other") == 0) {
		cohort->others += group->count;
		cohort->others_silent += group->came ? 0 : group->count;
		return;
	}
	cohort->taken += group->count;
	cohort->silent += group->came ? 0 : group->count;
	cohort->waiting += group->came == STILL_STAGED ? group->count : 0;
}

/* What was taken out, refused or given up says nothing; whoever told only how it ended says nothing of silence. */
static void add(struct trials *trials, size_t place, const struct group *group, bool is_steady)
{
	bool is_other = strcmp(group->kind, "other") == 0, has_ended = is_one_of(group->state, "confirmed", "rolled-back");

	if (!is_other && !has_ended && !is_one_of(group->state, "staged", "activated"))
		return;
	if (!is_other) {
		trials->taken[place] += group->count;
		trials->ended[place] += has_ended ? group->count : 0;
		trials->rolled_back[place] += strcmp(group->state, "rolled-back") == 0 ? group->count : 0;
	}
	if (strcmp(group->kind, "late") == 0)
		return;
	add_to_cohort(&trials->cohorts[place], group);
	add_to_cohort(&trials->alike[place][is_steady], group);
}

int trials_count(struct database *database, int64_t rollout, struct trials *ret_trials, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_TRIAL_COUNT, err);
	int found;

	ret_trials->count = 0;
	query_number(query, rollout);
	while ((found = query_next(query, err)) > 0) {
		const struct group group = {
			.kind = row_text(query, 1),
			.came = row_number(query, 2),
			.state = row_text(query, 3),
			.count = row_number(query, 4),
		};

		add(ret_trials, place_of(ret_trials, row_number(query, 0), row_number(query, 5)), &group,
			row_number(query, 6) != 0);
	}
	return found;
}
