#include "tools/repo/workbench/bench_steps.h"

#include <stdarg.h>
#include <stdio.h>

const char *bench_step_name(enum bench_step step)
{
	static const char *const names[] = {
#define BENCH_STEP_NAME(enumerator, name) [BENCH_##enumerator] = (name),
		EACH_BENCH_STEP(BENCH_STEP_NAME)
#undef BENCH_STEP_NAME
	};

	return names[step];
}

const char *bench_outcome_name(enum bench_outcome outcome)
{
	return outcome == BENCH_PASSED ? "passed" : outcome == BENCH_FAILED ? "failed" : "not-tried";
}

const char *bench_verdict_name(enum bench_verdict verdict)
{
	static const char *const names[] = {[BENCH_CONFIRMED] = "confirmed",
		[BENCH_TAKEN_BACK] = "taken-back",
		[BENCH_REFUSED] = "refused",
		[BENCH_NO_SPACE] = "no-space"};

	return names[verdict];
}

void bench_step_note(struct bench_report *report, enum bench_step step, enum bench_outcome outcome, int64_t ms,
	const char *fmt, ...)
{
	va_list args;

	report->steps[step].outcome = outcome;
	report->steps[step].ms = ms;
	va_start(args, fmt);
	(void)vsnprintf(report->steps[step].said, sizeof(report->steps[step].said), fmt, args);
	va_end(args);
}

void bench_step_fail(
	struct bench_report *report, enum bench_step step, int64_t ms, enum bench_verdict verdict, const char *reason)
{
	bench_step_note(report, step, BENCH_FAILED, ms, "%s", reason);
	report->verdict = verdict;
	(void)snprintf(report->reason, sizeof(report->reason), "%s", reason);
}
