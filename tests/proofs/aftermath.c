#include "tests/proofs/aftermath.h"

#include <stdio.h>

#include "agent/store/history.h"
#include "tests/proofs/fault.h"
#include "tests/proofs/questions.h"

static int start(struct subject *subject, const struct aftermath *aftermath, struct error *err)
{
	if ((aftermath->restarts ? subject_restart : subject_resume)(subject, err) < 0)
		return error_context(err, "at the next start");
	if (subject_open(subject, err) < 0)
		return error_context(err, "at the agent's next start");
	if (questions_releases(subject, aftermath->runs, err) < 0 || questions_agreement(subject, err) < 0)
		return error_context(err, "after the next start");
	subject_close(subject);
	return 0;
}

static int go_on(struct subject *subject, const struct aftermath *aftermath, struct error *err)
{
	if (subject_next_evening(subject, err) < 0)
		return -1;
	if (subject_open(subject, err) < 0)
		return error_context(err, "after the next evening");
	if (questions_releases(subject, true, err) < 0 || questions_agreement(subject, err) < 0 ||
		questions_completion(subject, aftermath->once, err) < 0)
		return error_context(err, "after the next evening");
	subject_close(subject);
	return 0;
}

static int tell_row(void *context, const struct history_row *row, struct error *err)
{
	(void)context;
	(void)err;
	(void)fprintf(stderr, "%4lld %s %-12s %-16s %-4s %-8s %s\n", (long long)row->number, row->boot_id,
		row->operation, row->package, row->version, row->outcome, row->detail);
	return 0;
}

/* Seen where all is shown. */
static void tell_history(struct subject *subject)
{
	struct history_filter all = {0};
	struct error ignored = {0};

	if (subject->world->is_open || subject_open(subject, &ignored) == 0)
		(void)!history_each(subject->world->terminal.store, &all, tell_row, NULL, &ignored);
}

int aftermath_check(struct subject *subject, void *context, struct error *err)
{
	const struct aftermath *aftermath = context;

	fault_disarm(&subject->world->fs);
	if (questions_releases(subject, aftermath->runs, err) < 0)
		return error_context(err, "as the fault left it");
	if (start(subject, aftermath, err) == 0 && (!aftermath->goes_on || go_on(subject, aftermath, err) == 0))
		return 0;
	tell_history(subject);
	return -1;
}
