/* What becomes of a release that is tried, step by step. */
#ifndef TOOLS_REPO_WORKBENCH_BENCH_STEPS_H
#define TOOLS_REPO_WORKBENCH_BENCH_STEPS_H

#include <stdint.h>

#include "common/error.h"
#include "updater/stage/stage_request.h"

/* In the order in which a terminal comes to them. STEP(enumerator, name in answers) */
#define EACH_BENCH_STEP(STEP)                                                                                        \
	STEP(STAGING, "staging")                                                                                     \
	STEP(RESTART, "restart")                                                                                     \
	STEP(MIGRATION, "migration")                                                                                 \
	STEP(SELF_TEST, "self-test")                                                                                 \
	STEP(HEALTH_CHECK, "health-check")                                                                           \
	STEP(SECOND_RESTART, "second-restart")                                                                       \
	STEP(WAY_BACK, "way-back")

enum bench_step {
#define BENCH_STEP_ENUMERATOR(enumerator, name) BENCH_##enumerator,
	EACH_BENCH_STEP(BENCH_STEP_ENUMERATOR)
#undef BENCH_STEP_ENUMERATOR
		BENCH_STEPS
};

enum bench_outcome { BENCH_NOT_TRIED, BENCH_PASSED, BENCH_FAILED };

/* What a terminal makes of the release in the end. */
enum bench_verdict {
	BENCH_CONFIRMED,
	BENCH_TAKEN_BACK, /* it became current, and failed */
	BENCH_REFUSED,	  /* it never becomes current */
	BENCH_NO_SPACE,	  /* not before there is room for it */
};

struct bench_report {
	struct {
		enum bench_outcome outcome;
		int64_t ms;
		char said[sizeof(((struct error *)0)->text)]; /* "" where there is nothing to say */
	} steps[BENCH_STEPS];
	enum bench_verdict verdict;
	char reason[sizeof(((struct error *)0)->text)]; /* "" where it is confirmed */
	struct stage_progress bytes;
};

const char *bench_step_name(enum bench_step step);
const char *bench_outcome_name(enum bench_outcome outcome);
const char *bench_verdict_name(enum bench_verdict verdict);

/* Notes what became of a step; the last word on it holds. */
void bench_step_note(struct bench_report *report, enum bench_step step, enum bench_outcome outcome, int64_t ms,
	const char *fmt, ...) PRINTF_LIKE(5, 6);
/* Notes that it failed, and that the release ends so. */
void bench_step_fail(struct bench_report *report, enum bench_step step, int64_t ms, enum bench_verdict verdict,
	const char *reason);

#endif
