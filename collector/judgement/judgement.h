/* Whether a candidate does harm, by what is known of the terminals that took it. Two things are judged: it was rolled back, and the
 * terminal was not heard of since, beside what befell others in the same nights. Arithmetic alone: the collector and the simulation
 * of a fleet ask the same function. docs/rollouts.md has the rule with its error rates. */
#ifndef COLLECTOR_JUDGEMENT_JUDGEMENT_H
#define COLLECTOR_JUDGEMENT_JUDGEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A judgement is asked for as often as one likes; of candidates that do no harm at all at most one in so many is ever stopped for
 * one of the two, as long as terminals fail independently of each other. */
#define JUDGEMENT_FALSE_STOPS 2000
/* The next stage opens when harm that matters there is so many times less likely than the harm that fits best. */
#define JUDGEMENT_ODDS_TO_OPEN 100
/* Where too few of the last stage have told how it ended, though they had their time, those before them open it with such odds. */
#define JUDGEMENT_ODDS_WITHOUT_NEWS 1000
/* Harm that matters: what would hit more than this share of the fleet in the next stage; without news of the last one, in all that
 * may have it then. */
#define JUDGEMENT_HARM_MOST 0.004

/* Terminals that said in one night that the candidate is staged there, beside others that were heard of in the same night and did not
 * take it. All counts are of now: of reports in later nights, or, where most waited then, in the nights after those. */
struct judgement_cohort {
	int64_t taken;
	int64_t silent;	 /* of them: nothing was heard since */
	int64_t waiting; /* they came back, and the candidate was still staged there */
	int64_t others;
	int64_t others_silent;
};

/* At the end of a night: most of those that came back still wait for a restart, such as on a holiday. Then the cohort, those that
 * took it and the others, is to be asked for anew in the nights to come: picking those that wait alone would compare the closed
 * with the open. */
bool judgement_is_early(const struct judgement_cohort *cohort);

struct judgement_facts {
	double most_rolled_back, most_silent; /* the bounds: shares of those that took it, below 1; 0: not judged */
	int64_t least;			      /* terminals, before anything is judged; 1 or more */
	const struct judgement_cohort *cohorts;
	size_t cohorts_count;
	int64_t settled, rolled_back; /* confirmed or rolled back; of these the latter */
	int64_t settled_of_stage; /* of those settled, such as took it since the last stage opened */
	double next;		  /* share of the fleet that the next stage adds, 0 to 1 */
	double until;		  /* share of the fleet that may take it once the next stage is open, 0 to 1 */
	/* The next stage's night has come, and those of the last one had their time to tell how it ended: what is not known now is not
	 * known because of a closed day or an outage. */
	bool is_overdue;
};

enum judgement_verdict {
	JUDGEMENT_TOO_FEW,     /* not enough is known of it */
	JUDGEMENT_UNDECIDED,   /* neither harm nor its absence is shown: the rollout waits where it is */
	JUDGEMENT_WELL,	       /* the next stage may open */
	JUDGEMENT_ROLLED_BACK, /* stop: it is rolled back by too many */
	JUDGEMENT_SILENT,      /* stop: too many fall silent */
};
const char *judgement_verdict_name(enum judgement_verdict verdict); /* "too-few" ... "silent" */

/* One of the two things. */
struct judgement_finding {
	int64_t judged, harmed;
	double usual;  /* the share that is to be expected without the candidate */
	double caused; /* the share that it did to, as it seems */
	double harm;   /* log10 of the odds that it does harm beyond the bound against that it does hardly any */
	double doubt;  /* log10 of the odds that the next stage would see harm that matters; low is well */
	double doubt_of_all; /* the same of all that may have it then */
};

struct judgement {
	enum judgement_verdict verdict;
	struct judgement_finding rolled_back, silent;
	double matters; /* the share of harmed terminals that would matter in the next stage */
	/* It is overdue, and well without news of the last stage: the next one may open also in the night of the last. */
	bool is_sure;
};

void judgement_make(const struct judgement_facts *facts, struct judgement *ret_judgement);

#endif
