#include "tests/agent/choice/told.h"

#include <string.h>

#include "agent/server/distribution.h"
#include "agent/status/status_collect.h"
#include "agent/status/status_judge.h"
#include "tests/agent/choice/tried.h"

void told_look(struct world *world, struct status *status)
{
	struct error err = {0};

	if (!world->is_open)
		world_open(world);
	status_clear(status);
	assert_ok(status_collect(&world->terminal, status, &err), &err);
	for (size_t i = 0; i < status->count; i++)
		if (version_is_broken(status->packages[i].version)) /* which this terminal lacks */
			(void)strcpy(status->packages[i].version, "1.0.0");
	assert_ok(status_judge(status, &err), &err);
}

const struct status_package *told_of(const struct status *status)
{
	for (size_t i = 0; i < status->count; i++)
		if (strcmp(status->packages[i].name, LIBRARY) == 0)
			return &status->packages[i];
	fail_msg("it is not there");
	return NULL;
}

void assert_decided(struct world *world, enum rollout_step step, enum rollout_gate gate)
{
	AUTO(status) struct status status = {0};
	const struct candidate_here *here;

	told_look(world, &status);
	assert_true(told_of(&status)->has_candidate);
	here = &told_of(&status)->candidate;
	if (here->decision.step != step || here->decision.gate != gate)
		fail_msg("%s (%s)", rollout_step_name(here->decision.step), rollout_gate_name(here->decision.gate));
}

void told_explain(struct world *world, const struct status *status, struct explanation *explanation)
{
	AUTO(catalog) struct catalog *catalog = NULL;
	struct explain_facts facts;
	struct error err = {0};

	assert_ok(distribution_kept_catalog(&world->terminal, &catalog, &err), &err);
	assert_ok(explain_collect(&world->terminal, status, catalog, 0, &facts, &err), &err);
	assert_ok(explain_package(&facts, told_of(status), explanation, &err), &err);
}

void assert_outside(struct world *world, const char *gate)
{
	AUTO(status) struct status status = {0};
	struct explanation explanation = {0};

	told_look(world, &status);
	assert_string_equal(status_package_state(told_of(&status)), "current");
	assert_string_equal(told_of(&status)->newest, "2.0.0");
	assert_int_equal(status.judgement.reason, STATUS_NOT_ITS_TURN);
	told_explain(world, &status, &explanation);
	assert_string_equal(explain_gate_name(explanation.decides), gate);
}
