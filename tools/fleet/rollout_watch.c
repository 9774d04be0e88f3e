#include "tools/fleet/rollout_watch.h"

#include "collector/judgement/others.h"

#define MOST_ROLLED_BACK 0.02
#define MOST_SILENT 0.03
#define LEAST 20

/* ---- What it is told ---- */

static void begin(struct rollout_watch *watch, struct rollout_known *known, int night)
{
	struct judgement_cohort *cohort;

	known->took = (int8_t)night;
	known->is_steady = others_is_steady(known->absence);
	watch->bases[night] = night;
	cohort = &watch->cohorts[night][known->is_steady];
	cohort->taken++;
	cohort->silent++;
}

/* It is there again: as one that took it and still waits for a restart, that is through, or that gave it up. */
static void come_back(struct rollout_watch *watch, struct rollout_known *known, enum rollout_state state)
{
	struct judgement_cohort *cohort = &watch->cohorts[known->took][known->is_steady];

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

void rollout_watch_see(struct rollout_watch *watch, uint32_t i, int night)
{
	struct rollout_known *known = &watch->known[i];

	if (known->heard == night)
		return;
	known->before = known->heard;
	known->heard = (int8_t)night;
	known->absence = (uint16_t)others_absence(known->absence, night - known->before);
}

void rollout_watch_hear(struct rollout_watch *watch, uint32_t i, enum rollout_state state, int night)
{
	struct rollout_known *known = &watch->known[i];

	rollout_watch_see(watch, i, night);
	if (known->other >= 0 && !known->is_back && night > watch->bases[known->other]) {
		known->is_back = true;
		watch->cohorts[known->other][known->is_steady].others_silent--;
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
	for (uint32_t i = 0; i < watch->terminals; i++)
		if (watch->known[i].took == of || watch->known[i].other == of)
			watch->known[i].is_back = false;
	watch->bases[of] = night;
	for (int steady = 0; steady < 2; steady++) {
		struct judgement_cohort *cohort = &watch->cohorts[of][steady];

		cohort->silent = cohort->taken;
		cohort->waiting = 0;
		cohort->others_silent = cohort->others;
	}
}

/* ---- The others ---- */

/* Those who come late to a stage are off more often than others: whoever was not there the night before is compared with such. */
#define KINDS (4 * ROLLOUT_REGIONS)

static int kind_of(const struct rollout_known *known, int night)
{
	return 4 * known->region + 2 * (known->before == night - 1) + others_is_steady(known->absence);
}

static void pick_others(struct rollout_watch *watch, int night)
{
	const struct judgement_cohort *cohorts = watch->cohorts[night];
	int64_t takers[KINDS] = {0}, wanted[KINDS];

	for (uint32_t i = 0; i < watch->terminals; i++)
		if (watch->known[i].took == night)
			takers[kind_of(&watch->known[i], night)]++;
	for (int kind = 0; kind < KINDS; kind++)
		wanted[kind] = others_wanted(takers[kind], cohorts[0].taken + cohorts[1].taken);
	for (uint32_t n = 0; n < watch->terminals; n++) {
		struct rollout_known *known = &watch->known[(watch->first_other + n) % watch->terminals];

		if (known->heard != night || known->took >= 0 || known->other >= 0 || known->is_settled ||
			wanted[kind_of(known, night)] == 0)
			continue;
		wanted[kind_of(known, night)]--;
		known->other = (int8_t)night;
		known->is_steady = others_is_steady(known->absence);
		watch->cohorts[night][known->is_steady].others++;
		watch->cohorts[night][known->is_steady].others_silent++;
	}
	watch->first_other = (watch->first_other + watch->terminals / 7) % watch->terminals;
}

static bool is_early(const struct judgement_cohort cohorts[static 2])
{
	const struct judgement_cohort both = {
		.taken = cohorts[0].taken + cohorts[1].taken,
		.silent = cohorts[0].silent + cohorts[1].silent,
		.waiting = cohorts[0].waiting + cohorts[1].waiting,
	};

	return judgement_is_early(&both);
}

void rollout_watch_end_night(struct rollout_watch *watch, int night)
{
	for (int of = 0; of < night; of++)
		if (is_early(watch->cohorts[of]))
			look_anew(watch, of, night);
	pick_others(watch, night);
}

static int64_t settled_since(const struct rollout_watch *watch, int night)
{
	int64_t settled = 0;

	for (; night < ROLLOUT_NIGHTS; night++)
		for (int steady = 0; steady < 2; steady++) {
			const struct judgement_cohort *cohort = &watch->cohorts[night][steady];

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
		.cohorts = watch->cohorts[0],
		.cohorts_count = sizeof(watch->cohorts) / sizeof(watch->cohorts[0][0]),
		.settled = watch->settled,
		.rolled_back = watch->rolled_back,
		.settled_of_stage = settled_since(watch, question->opened),
		.next = question->next,
		.until = question->until,
		.is_overdue = question->is_overdue,
	};

	judgement_make(&facts, ret_judgement);
}
