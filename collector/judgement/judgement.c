#include "collector/judgement/judgement.h"

#include <math.h>

#include "common/auto.h"

/* What is hardly any harm: this part of the bound. */
#define HARDLY_ANY 0.25
/* Standard errors by which the others' silence is taken to be higher than it was, before a stop. */
#define SHARE_ERRORS 2.0
#define USUALLY_ROLLED_BACK 0.001 /* by machines that break at that moment */
#define CERTAIN 0.999 /* the most harm that is thought of: a share of 1 would have no word for a single terminal that is well */
#define MATTERS_MOST 0.5
#define STEPS_TO_NONE 8 /* in which shares of harm between none and what matters are looked at */

const char *judgement_verdict_name(enum judgement_verdict verdict)
{
	static const char *const names[] = {
		[JUDGEMENT_TOO_FEW] = "too-few",
		[JUDGEMENT_UNDECIDED] = "undecided",
		[JUDGEMENT_WELL] = "well",
		[JUDGEMENT_ROLLED_BACK] = "rolled-back",
		[JUDGEMENT_SILENT] = "silent",
	};

	return names[verdict];
}

bool judgement_is_early(const struct judgement_cohort *cohort)
{
	return 2 * cohort->waiting > cohort->taken - cohort->silent;
}

/* The logarithm of how likely what was seen is, where the candidate harms the share HARM of those that take it. ERRORS shifts what
 * is held for usual. */
typedef double likelihood(const struct judgement_facts *facts, double harm, double errors);

/* ---- Rolled back ---- */

static double likelihood_rolled_back(const struct judgement_facts *facts, double harm, double errors)
{
	double well = (1 - USUALLY_ROLLED_BACK) * (1 - harm);

	(void)errors;
	return (double)facts->rolled_back * log(1 - well) +
	       (double)(facts->settled - facts->rolled_back) * log(well);
}

/* ---- Silent ---- */

/* How many of those that are not harmed would be silent by now, as the others tell; without others silence means nothing. */
static double usual_silence(const struct judgement_cohort *cohort, double errors)
{
	double others = (double)cohort->others, share = ((double)cohort->others_silent + 0.5) / (others + 1),
	       shifted = share + errors * sqrt(share * (1 - share) / (others + 1));

	return cohort->others > 0 ? fmin(shifted, 1) : 1;
}

/* A terminal in which it waits for a restart is as well as others: it hides harm, and makes up none. */
static double likelihood_silent(const struct judgement_facts *facts, double harm, double errors)
{
	double sum = 0;

	for (size_t i = 0; i < facts->cohorts_count; i++) {
		const struct judgement_cohort *cohort = &facts->cohorts[i];
		double usual = usual_silence(cohort, errors);

		sum += (double)(cohort->taken - cohort->silent) * log(1 - harm) +
		       (double)cohort->silent * log((1 - harm) * usual + harm);
	}
	return sum;
}

/* The same of those in which it became current alone, before a stage opens: where it waits, terminals fall silent as others do, and
 * as many are taken out of the silent. */
static double likelihood_silent_at_risk(const struct judgement_facts *facts, double harm, double errors)
{
	double sum = 0;

	for (size_t i = 0; i < facts->cohorts_count; i++) {
		const struct judgement_cohort *cohort = &facts->cohorts[i];
		double usual = usual_silence(cohort, errors);
		double waiting = usual < 1 ? (double)cohort->waiting * usual / (1 - usual) : 0;

		sum += (double)(cohort->taken - cohort->silent - cohort->waiting) * log(1 - harm) +
		       fmax(0, (double)cohort->silent - waiting) * log((1 - harm) * usual + harm);
	}
	return sum;
}

/* ---- Odds ---- */

/* For harm at the bound or beyond, each of some sizes being as likely as the others, against hardly any. The mean of odds that each
 * hold at every look holds at every look. */
static double odds_of_harm(const struct judgement_facts *facts, likelihood *of, double bound)
{
	double none = of(facts, bound * HARDLY_ANY, SHARE_ERRORS), highest = -INFINITY, sum = 0, found[16];
	size_t sizes = 0;

	for (double harm = bound;; harm = fmin(2 * harm, CERTAIN)) {
		found[sizes] = of(facts, harm, SHARE_ERRORS) - none;
		highest = fmax(highest, found[sizes++]);
		if (harm >= CERTAIN || sizes == ARRAY_SIZE(found))
			break;
	}
	for (size_t i = 0; i < sizes; i++)
		sum += exp(found[i] - highest);
	return (highest + log(sum / (double)sizes)) / M_LN10;
}

/* For harm of the size that matters, against the lesser one that fits best. */
static double odds_of_doubt(const struct judgement_facts *facts, likelihood *of, double matters)
{
	double best = -INFINITY;

	for (int step = 0; step < STEPS_TO_NONE; step++)
		best = fmax(best, of(facts, matters * step / STEPS_TO_NONE, 0));
	return (of(facts, matters, 0) - best) / M_LN10;
}

/* In a share TAKES of the fleet. */
static double matters_in(double takes, double bound)
{
	double share = takes > 0 ? JUDGEMENT_HARM_MOST / takes : MATTERS_MOST;

	return fmin(fmax(share, bound), fmax(MATTERS_MOST, bound));
}

/* ---- Findings ---- */

static void find_rolled_back(const struct judgement_facts *facts, struct judgement_finding *ret_finding)
{
	const double usual = USUALLY_ROLLED_BACK;
	double share = facts->settled > 0 ? (double)facts->rolled_back / (double)facts->settled : 0;

	ret_finding->judged = facts->settled;
	ret_finding->harmed = facts->rolled_back;
	ret_finding->usual = usual;
	ret_finding->caused = fmax(0, (share - usual) / (1 - usual));
}

static void find_silent(const struct judgement_facts *facts, struct judgement_finding *ret_finding)
{
	double expected = 0, usual = 0;

	for (size_t i = 0; i < facts->cohorts_count; i++) {
		const struct judgement_cohort *cohort = &facts->cohorts[i];
		double silence = usual_silence(cohort, 0);

		ret_finding->judged += cohort->taken;
		ret_finding->harmed += cohort->silent;
		usual += (double)cohort->taken * silence;
		expected += (double)cohort->taken * (1 - silence);
	}
	if (ret_finding->judged > 0)
		ret_finding->usual = usual / (double)ret_finding->judged;
	if (expected > 0)
		ret_finding->caused = fmin(1, fmax(0, ((double)ret_finding->harmed - usual) / expected));
}

static void weigh(const struct judgement_facts *facts, likelihood *of, likelihood *of_risk, double bound,
	struct judgement_finding *finding)
{
	if (bound <= 0)
		return;
	finding->harm = odds_of_harm(facts, of, bound);
	finding->doubt = odds_of_doubt(facts, of_risk, matters_in(facts->next, bound));
	finding->doubt_of_all = odds_of_doubt(facts, of_risk, matters_in(facts->until, bound));
}

static bool stops(const struct judgement_facts *facts, const struct judgement_finding *finding, double bound)
{
	return bound > 0 && finding->judged >= facts->least && finding->caused >= bound &&
	       finding->harm >= log10(JUDGEMENT_FALSE_STOPS);
}

static bool is_well(const struct judgement_facts *facts, const struct judgement_finding *finding, double bound)
{
	return bound <= 0 || (finding->judged - finding->harmed >= facts->least &&
				     finding->doubt <= -log10(JUDGEMENT_ODDS_TO_OPEN));
}

static bool is_well_without_news(
	const struct judgement_facts *facts, const struct judgement_finding *finding, double bound)
{
	return bound <= 0 || (finding->judged - finding->harmed >= facts->least &&
				     finding->doubt_of_all <= -log10(JUDGEMENT_ODDS_WITHOUT_NEWS));
}

static bool is_sure(const struct judgement_facts *facts, const struct judgement *judgement)
{
	return facts->is_overdue && facts->settled >= facts->least &&
	       (facts->most_rolled_back > 0 || facts->most_silent > 0) &&
	       is_well_without_news(facts, &judgement->rolled_back, facts->most_rolled_back) &&
	       is_well_without_news(facts, &judgement->silent, facts->most_silent);
}

static enum judgement_verdict judge(const struct judgement_facts *facts, const struct judgement *judgement)
{
	if (stops(facts, &judgement->rolled_back, facts->most_rolled_back))
		return JUDGEMENT_ROLLED_BACK;
	if (stops(facts, &judgement->silent, facts->most_silent))
		return JUDGEMENT_SILENT;
	if (judgement->is_sure)
		return JUDGEMENT_WELL;
	if (facts->settled_of_stage < facts->least)
		return JUDGEMENT_TOO_FEW;
	return is_well(facts, &judgement->rolled_back, facts->most_rolled_back) &&
			       is_well(facts, &judgement->silent, facts->most_silent)
		       ? JUDGEMENT_WELL
		       : JUDGEMENT_UNDECIDED;
}

void judgement_make(const struct judgement_facts *facts, struct judgement *ret_judgement)
{
	*ret_judgement = (struct judgement){0};
	find_rolled_back(facts, &ret_judgement->rolled_back);
	find_silent(facts, &ret_judgement->silent);
	weigh(facts, likelihood_rolled_back, likelihood_rolled_back, facts->most_rolled_back, &ret_judgement->rolled_back);
	weigh(facts, likelihood_silent, likelihood_silent_at_risk, facts->most_silent, &ret_judgement->silent);
	ret_judgement->matters = matters_in(facts->next, fmax(facts->most_rolled_back, facts->most_silent));
	ret_judgement->is_sure = is_sure(facts, ret_judgement);
	ret_judgement->verdict = judge(facts, ret_judgement);
}
