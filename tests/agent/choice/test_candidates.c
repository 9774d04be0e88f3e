/* A release that is being tried: who takes it and when. Whoever is outside is told so by status, explain, check, report and completion
 * report alike. */
#include <string.h>

#include "agent/status/completion.h"
#include "agent/status/report_json.h"
#include "tests/agent/choice/told.h"
#include "tests/agent/choice/tried.h"

TEST_CASE(test_who_is_outside_is_up_to_date_and_is_told_so)
{
	struct world *world = *state;
	struct job_result result = {0};
	struct error err = {0};

	try_it(world);
	world_does(world, JOB_NIGHT);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_NIGHT);
	assert_outside(world, "rollout");
	assert_ok(world_run(world, JOB_CHECK, &result, &err), &err);
	assert_int_equal(result.available, 0);
	assert_int_equal(result.not_its_turn, 1);
}

TEST_CASE(test_a_report_says_how_the_candidate_stands)
{
	struct world *world = *state;
	AUTO(json) json_t *report = NULL;
	struct report_span span = {0};
	struct error err = {0};
	const json_t *rollout;

	try_it(world);
	be_in_ring(world, "pilot");
	world_delivers(world);
	world_does(world, JOB_CHECK);
	assert_non_null(report = report_json(&world->terminal, &span, &err));
	assert_string_equal(json_string_value(json_object_get(report, "ring")), "pilot");
	rollout = json_array_get(json_object_get(report, "rollouts"), 0);
	assert_string_equal(json_string_value(json_object_get(rollout, "package")), LIBRARY);
	assert_string_equal(json_string_value(json_object_get(rollout, "version")), "2.0.0");
	assert_string_equal(json_string_value(json_object_get(rollout, "step")), "keep");
	assert_string_equal(json_string_value(json_object_get(rollout, "state")), "current");
	assert_int_equal(json_integer_value(json_object_get(rollout, "attempt")), 1);
	assert_true(json_is_string(json_object_get(rollout, "taken")));
}

TEST_CASE(test_the_completion_report_can_be_made_outside)
{
	struct world *world = *state;
	AUTO(completion) struct completion completion = {0};
	struct error err = {0};

	try_it(world);
	world_repo(world, "campaign add 150 --package " LIBRARY " --first 2020-01-01 --last 2099-12-31");
	world_repo(world, "publish");
	world_does(world, JOB_NIGHT);
	assert_ok(completion_find(&world->terminal, 150, &completion, &err), &err);
	assert_true(completion.is_complete);
	assert_string_equal(completion.packages[0].version, "1.0.0");
}

/* ---- Who takes it ---- */

TEST_CASE(test_its_ring_takes_it_on_its_night)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};

	try_it(world);
	be_in_ring(world, "pilot");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
	told_look(world, &status);
	assert_string_equal(status_package_state(told_of(&status)), "current");
	assert_int_equal(status.judgement.reason, STATUS_ALL_CURRENT);
	world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_KEEP, ROLLOUT_GATE_NONE);
}

TEST_CASE(test_a_share_takes_it_when_its_night_comes)
{
	struct world *world = *state;

	try_it(world);
	world_does(world, JOB_NIGHT);
	world->now_s += DAY_S;
	sign_brake(world, "");
	world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_NIGHT);
	world->now_s += DAY_S;
	sign_brake(world, "");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

/* A night lasts from noon to noon: its small hours are not the next one's. */
TEST_CASE(test_the_small_hours_belong_to_the_night_before)
{
	struct world *world = *state;

	try_it(world);
	world->now_s += 2 * DAY_S - 19 * 3600; /* 04:00 of the day on which the next stage opens at noon */
	sign_brake(world, "");
	world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_NIGHT);
}

TEST_CASE(test_a_new_terminal_gets_the_stable_release)
{
	struct world *world = *state;

	world_add(world, LIBRARY, "1.0.0", CHECKS);
	world_add(world, LIBRARY, "2.0.0", CHECKS);
	world_publish(world, LIBRARY "=1.0.0");
	let_brake(world, "brake");
	world_repo(world, "rollout begin " LIBRARY "=2.0.0 --stage %s=ring:pilot,100", day(world, 0));
	world_repo(world, "publish");
	sign_brake(world, "");
	be_in_ring(world, "pilot");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
}

TEST_CASE(test_one_that_was_taken_back_here_does_not_come_again)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};

	be_ready(world);
	world_add(world, LIBRARY, "2.0.666", CHECKS);
	world_repo(world, "rollout begin " LIBRARY "=2.0.666 --stage %s=ring:pilot", day(world, 0));
	world_repo(world, "publish");
	sign_brake(world, "");
	be_in_ring(world, "pilot");
	world_does(world, JOB_NIGHT);
	world_restart(world);
	(void)!world_run(world, JOB_CONFIRM, NULL, &(struct error){0});
	world_restart(world);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	for (int night = 0; night < 2; night++)
		world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_QUARANTINED);
	assert_int_equal(world_delivery(world, LIBRARY), DELIVERY_ROLLED_BACK);
	told_look(world, &status);
	assert_string_equal(status_package_state(told_of(&status)), "current");
}

TEST_CASE(test_what_is_finished_comes_to_all)
{
	struct world *world = *state;

	try_it(world);
	world_does(world, JOB_NIGHT);
	say(world, "finish " LIBRARY " --early");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

TESTS(world_setup, world_teardown)
