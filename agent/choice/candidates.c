#include "agent/choice/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "agent/choice/wanted.h"
#include "agent/store/quarantine.h"
#include "rollback/plan.h"
#include "scheduler/zone.h"

#define NOON_S 43200

void candidates_clear(struct candidates *candidates)
{
	free(candidates->items);
	*candidates = (struct candidates){0};
}

const struct candidate_here *candidates_of(const struct candidates *candidates, const char *package)
{
	for (size_t i = 0; i < candidates->count; i++)
		if (strcmp(candidates->items[i].package, package) == 0)
			return &candidates->items[i];
	return NULL;
}

/* What all candidates are judged by. */
struct judging {
	struct terminal *terminal;
	const struct plan *plan;
	struct brake *brake;
	int64_t now_s;
	struct night_date night; /* that this moment belongs to, from noon to noon */
	uint8_t secret[SLOT_SECRET_SIZE];
};

/* ---- The facts ---- */

static void copy_candidate(const struct catalog_package *named, struct candidate_here *here)
{
	const struct candidate *candidate = named->candidate;

	(void)snprintf(here->package, sizeof(here->package), "%s", named->name);
	(void)snprintf(here->version, sizeof(here->version), "%s", candidate->version);
	(void)snprintf(here->digest, sizeof(here->digest), "%s", candidate->digest);
	(void)snprintf(here->stable, sizeof(here->stable), "%s", named->version);
	record_text(candidate->why, here->why, sizeof(here->why));
	here->attempt = candidate->attempt;
	here->stages = candidate->stages_count;
	here->does_without_brake = candidate->does_without_brake;
}

static void look_at_disk(const struct judging *judging, struct candidate_here *here)
{
	const struct plan_entry *planned = plan_find((struct plan *)judging->plan, here->package);
	char current[VERSIONS_FOLDER_SIZE], folder[PACKAGE_FOLDER_SIZE];

	package_release_folder(here->version, here->digest, folder);
	terminal_read_link(judging->terminal, here->package, "current", current);
	package_folder_version(current, here->current);
	if (!*here->current)
		(void)strcpy(here->current, VERSION_BROKEN);
	here->facts.is_new = version_is_broken(here->current);
	here->facts.is_current = package_folder_is_same_release(current, folder);
	if (here->facts.is_current)
		(void)snprintf(here->folder, sizeof(here->folder), "%s", current);
	if (!planned || planned->state != PLAN_STAGED || !package_folder_is_same_release(planned->folder, folder) ||
		here->facts.is_current)
		return;
	/* What the guard has begun with is as good as current: it goes back, it is not taken out. */
	here->facts.is_current = plan_has_begun(judging->plan, planned);
	here->facts.is_staged = !here->facts.is_current;
	(void)snprintf(here->folder, sizeof(here->folder), "%s", planned->folder);
}

static int ask_store(const struct judging *judging, const struct candidate *candidate, struct candidate_here *here,
	struct error *err)
{
	struct quarantine_row row;

	if (quarantine_find(judging->terminal->store, here->package, here->digest, &row,
		    &here->facts.is_quarantined, err) < 0 ||
		kept_brake_ask(judging->terminal, judging->brake, here->package, candidate, judging->now_s,
			&here->brake, err) < 0)
		return -1;
	here->facts.brake = here->brake.state;
	here->facts.stages_let = here->brake.stages_let;
	return 0;
}

/* ---- The answer ---- */

static void note_stages(const struct candidate *candidate, struct candidate_here *here)
{
	const struct rollout_decision *decision = &here->decision;

	if (decision->own_stage)
		here->own_night = candidate->stages[decision->own_stage - 1].night;
	for (size_t i = 0; i < decision->stage; i++)
		if (candidate->stages[i].percent > here->share)
			here->share = candidate->stages[i].percent;
}

static int judge(const struct judging *judging, const struct catalog_package *named, struct candidate_here *here,
	struct error *err)
{
	const struct candidate *candidate = named->candidate;

	*here = (struct candidate_here){
		.facts =
			{
				.ring = judging->terminal->config->ring,
				.place = wanted_rollout_place(judging->secret, candidate->place_of),
				.night = judging->night,
			},
	};
	copy_candidate(named, here);
	look_at_disk(judging, here);
	if (ask_store(judging, candidate, here, err) < 0)
		return error_context(err, "%s", named->name);
	here->decision = rollout_decide(candidate, &here->facts);
	note_stages(candidate, here);
	if (here->decision.gate == ROLLOUT_GATE_BRAKED)
		memcpy(here->why, here->brake.why, sizeof(here->why));
	return 0;
}

/* A damaged plan is the guard's and the agent's to set aside; here it is an empty one. */
static int read_plan(const struct terminal *terminal, struct plan *plan, struct error *err)
{
	struct error why = {0};

	if (plan_read(terminal->env->fs, terminal->boot_dir_fd, plan, &why) == 0 || why.code == ERROR_DAMAGED)
		return 0;
	*err = why;
	return -1;
}

static int judge_all(struct judging *judging, const struct catalog *catalog, struct candidates *candidates,
	struct error *err)
{
	const struct terminal *terminal = judging->terminal;
	int64_t second;

	judging->now_s = kept_brake_now_s(terminal);
	zone_to_local(terminal->config->zone, judging->now_s - NOON_S, &judging->night, &second);
	if (store_terminal_secret(terminal->store, judging->secret, err) < 0)
		return -1;
	for (size_t i = 0; i < catalog->packages_count; i++)
		if (catalog->packages[i].candidate && config_runs(terminal->config, catalog->packages[i].name) &&
			judge(judging, &catalog->packages[i], &candidates->items[candidates->count++], err) < 0)
			return -1;
	return 0;
}

int candidates_find(struct terminal *terminal, const struct catalog *catalog, struct candidates *ret_candidates,
	struct error *err)
{
	AUTO(candidates) struct candidates candidates = {0};
	AUTO(brake) struct brake *brake = NULL;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct judging judging = {.terminal = terminal, .plan = plan};

	if (!plan || !(candidates.items = calloc(catalog->packages_count + 1, sizeof(*candidates.items))))
		return error_set(err, ERROR_FAILED, "no memory for %zu packages", catalog->packages_count);
	kept_brake_read(terminal, &brake);
	judging.brake = brake;
	if (read_plan(terminal, plan, err) < 0 || judge_all(&judging, catalog, &candidates, err) < 0)
		return error_context(err, "rollouts");
	*ret_candidates = candidates;
	candidates = (struct candidates){0};
	return 0;
}

/* ---- What follows ---- */

void candidates_name(const struct candidates *candidates, struct catalog *catalog)
{
	for (size_t i = 0; i < catalog->packages_count; i++) {
		struct catalog_package *package = &catalog->packages[i];
		const struct candidate_here *here = candidates_of(candidates, package->name);

		if (!here || (here->decision.step != ROLLOUT_CANDIDATE && here->decision.step != ROLLOUT_KEEP))
			continue;
		package->version = package->candidate->version;
		package->release_target = package->candidate->release_target;
		package->rollout_percent = 100;
	}
}

bool candidate_is_awaited(const struct candidate_here *here)
{
	switch (here->decision.gate) {
	case ROLLOUT_GATE_SHARE:
	case ROLLOUT_GATE_NIGHT:
	case ROLLOUT_GATE_BRAKE_ABSENT:
	case ROLLOUT_GATE_BRAKE_STALE:
	case ROLLOUT_GATE_HELD:
		return version_compare(here->current, here->stable) >= 0 &&
		       version_compare(here->current, here->version) < 0;
	default:
		return false;
	}
}
