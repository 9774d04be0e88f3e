#include "tools/fleet/rollout_watch.h"

#include "collector/judgement/others.h"

#define MOST_ROLLED_BACK 0.02
#define MOST_SILENT 0.03
#define LEAST 20

/* ---- What it is told ---- */

static void begin(struct rollout_watch *watch, struct rollout_known *known, int night)
{
	known->took = (int8_t)night;
	watch->bases[night] = night;
	watch->cohorts[night].taken++;
	watch->cohorts[night].silent++;
}

/* It is there again: as one that took it and still waits for a restart, that is through, or that gave it up. */
static void come_back(struct rollout_watch *watch, struct rollout_known *known, enum rollout_state state)
{
	struct judgement_cohort *cohort = &watch->cohorts[known->took];

	known->is_back = true;
	cohort->silent--;
	cohort->waiting += state == ROLLOUT_STAGED;
	cohort->taken -= state == ROLLOUT_FORMER;
	if (state == ROLLOUT_FORMER) {
		known->took = -1;
		known->is_back = false;
	}
}

/* Of what it never said that it had taken only the outcome counts: had it fallen silent, nobody would know. */
static void settle(struct rollout_watch *watch, struct rollout_known *known, bool returned)
{
	known->is_settled = true;
	watch->settled++;
	watch->rolled_back += returned;
}

void rollout_watch_hear(struct rollout_watch *watch, uint32_t i, enum rollout_state state, int night)
{
	struct rollout_known *known = &watch->known[i];

	if (known->heard != night)
		known->before = known->heard;
	known->heard = (int8_t)night;
	if (watch->is_frozen && (known->took >= 0 || known->other >= 0 || state != ROLLOUT_STAGED))
		return;
	if (known->other >= 0 && !known->is_back && night > watch->bases[known->other]) {
		known->is_back = true;
		watch->cohorts[known->other].others_silent--;
	}
	if (known->took >= 0 && !known->is_back && night > watch->bases[known->took])
		come_back(watch, known, state);
	if (known->took < 0 && state == ROLLOUT_STAGED && known->other < 0)
		begin(watch, known, night);
	if (!known->is_settled && (state == ROLLOUT_CURRENT || state == ROLLOUT_RETURNED))
		settle(watch, known, state == ROLLOUT_RETURNED);
}

/* Most of those that are back still wait: what they and the others do from now on tells more. */
static void look_anew(struct rollout_watch *watch, int of, int night)
{
	struct judgement_cohort *cohort = &watch->cohorts[of];

	for (uint32_t i = 0; i < watch->terminals; i++)
		if (watch->known[i].took == of || watch->known[i].other == of)
			watch->known[i].is_back = false;
	watch->bases[of] = night;
	cohort->silent = cohort->taken;
	cohort->waiting = 0;
	cohort->others_silent = cohort->others;
}

/* ---- The others ---- */

/* Those who come late to a stage are off more often than others: whoever was not there the night before is compared with such. */
#define KINDS (2 * ROLLOUT_REGIONS)

static int kind_of(const struct rollout_known *known, int night)
{
	return 2 * known->region + (known->before == night - 1);
}

static void pick_others(struct rollout_watch *watch, int night)
{
	struct judgement_cohort *cohort = &watch->cohorts[night];
	int64_t takers[KINDS] = {0}, wanted[KINDS];

	for (uint32_t i = 0; i < watch->terminals; i++)
		if (watch->known[i].took == night)
			takers[kind_of(&watch->known[i], night)]++;
	for (int kind = 0; kind < KINDS; kind++)
		wanted[kind] = others_wanted(takers[kind], cohort->taken);
	for (uint32_t n = 0; n < watch->terminals; n++) {
		struct rollout_known *known = &watch->known[(watch->first_other + n) % watch->terminals];

		if (known->heard != night || known->took >= 0 || known->other >= 0 || known->is_settled ||
			wanted[kind_of(known, night)] == 0)
			continue;
		wanted[kind_of(known, night)]--;
		known->other = (int8_t)night;
		cohort->others++;
		cohort->others_silent++;
	}
	watch->first_other = (watch->first_other + watch->terminals / 7) % watch->terminals;
}

void rollout_watch_end_night(struct rollout_watch *watch, int night)
{
	for (int of = 0; of < night; of++)
		if (judgement_is_early(&watch->cohorts[of]))
			look_anew(watch, of, night);
	pick_others(watch, night);
}

static int64_t settled_since(const struct rollout_watch *watch, int night)
{
	int64_t settled = 0;

	for (; night < ROLLOUT_NIGHTS; night++) {
		const struct judgement_cohort *cohort = &watch->cohorts[night];

		settled += cohort->taken - cohort->silent - cohort->waiting;
	}
	return settled;
}

void rollout_watch_judge(
	const struct rollout_watch *watch, const struct rollout_question *question, struct judgement *ret_judgement)
{
	const struct judgement_facts facts = {
		.most_rolled_back = MOST_ROLLED_BACK,
		.most_silent = MOST_SILENT,
		.least = LEAST,
		.cohorts = watch->cohorts,
		.cohorts_count = ROLLOUT_NIGHTS,
		.settled = watch->settled,
		.rolled_back = watch->rolled_back,
		.settled_of_stage = settled_since(watch, question->opened),
		.next = question->next,
		.until = question->until,
		.is_overdue = question->is_overdue,
	};

	judgement_make(&facts, ret_judgement);
}
