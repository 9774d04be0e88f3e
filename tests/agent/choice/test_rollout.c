/* A share of a rollout holds back updates, and nothing else: a terminal that has nothing of a package, or nothing that works, is
 * served at once. Whoever waits is told so by status, explain, check, button, report and completion report alike. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/choice/kept_choice.h"
#include "agent/server/distribution.h"
#include "agent/status/completion.h"
#include "agent/status/explain.h"
#include "agent/status/report_json.h"
#include "agent/status/status_collect.h"
#include "agent/status/status_judge.h"
#include "tests/agent/world.h"
#include "tests/support/test.h"

#define CHECKS "--self-test=bin/self-test --health=bin/health"
#define LIBRARY "face-library"
#define LINKAGE "linkage-app"
#define READER "reader-app/acme"

/* Nobody's place is below 0: every terminal is outside the share. */
static void publish_to_nobody(struct world *world, const char *releases)
{
	world_repo(world, "catalog set %s --rollout 0", releases);
	world_repo(world, "publish");
}

static void look(struct world *world, struct status *status)
{
	struct error err = {0};

	if (!world->is_open)
		world_open(world);
	assert_ok(status_collect(&world->terminal, status, &err), &err);
}

static const struct status_package *package_of(const struct status *status, const char *name)
{
	for (size_t i = 0; i < status->count; i++)
		if (strcmp(status->packages[i].name, name) == 0)
			return &status->packages[i];
	fail_msg("%s is not there", name);
	return NULL;
}

/* Runs 1.0.0, and 2.0.0 is given to others. */
static void be_outside(struct world *world)
{
	world_add(world, LIBRARY, "1.0.0", CHECKS);
	world_add(world, LIBRARY, "2.0.0", CHECKS);
	world_publish(world, LIBRARY "=1.0.0");
	world_delivers(world);
	publish_to_nobody(world, LIBRARY "=2.0.0");
}

/* ---- Who is served ---- */

TEST_CASE(test_a_first_installation_waits_for_nobody)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	world_add(world, LIBRARY, "1.0.0", CHECKS);
	publish_to_nobody(world, LIBRARY "=1.0.0");
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 1);
	assert_int_equal(result.not_its_turn, 0);
}

TEST_CASE(test_a_terminal_that_lost_its_release_is_served)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};

	be_outside(world);
	world_does(world, JOB_NIGHT);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	assert_int_equal(unlinkat(world->terminal.packages_dir_fd, LIBRARY "/current", 0), 0);
	look(world, &status);
	assert_string_equal(status_package_state(package_of(&status, LIBRARY)), "not-installed");
	world_does(world, JOB_BUTTON);
	world_restart(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

/* The link is there, and leads nowhere. */
TEST_CASE(test_a_terminal_whose_releases_were_removed_is_served)
{
	struct world *world = *state;
	struct error err = {0};

	be_outside(world);
	assert_ok(fs_remove_tree(&world->fs, world->terminal.packages_dir_fd, LIBRARY "/versions", &err), &err);
	world_does(world, JOB_BUTTON);
	world_restart(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

TEST_CASE(test_after_a_first_release_that_was_taken_back_the_next_one_waits_for_nobody)
{
	struct world *world = *state;

	world_put(world, LIBRARY, "1.0.0", "bin/sick", "#!/bin/sh\nexit 1\n", strlen("#!/bin/sh\nexit 1\n"));
	world_add(world, LIBRARY, "1.0.0", "--self-test=bin/sick");
	world_add(world, LIBRARY, "1.1.0", CHECKS);
	publish_to_nobody(world, LIBRARY "=1.0.0");
	world_does(world, JOB_BUTTON);
	world_restart(world);
	assert_string_equal(world_current(world, LIBRARY), "");
	publish_to_nobody(world, LIBRARY "=1.1.0");
	world_does(world, JOB_BUTTON);
	world_restart(world);
	assert_string_equal(world_current(world, LIBRARY), "1.1.0");
}

TEST_CASE(test_the_button_brings_no_update_before_its_turn)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	be_outside(world);
	assert_ok(world_run(world, JOB_BUTTON, &result, &err), &err);
	assert_int_equal(result.staged, 0);
	assert_int_equal(result.not_its_turn, 1);
}

TEST_CASE(test_an_update_waits_for_its_turn)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	be_outside(world);
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 0);
	assert_int_equal(result.available, 0);
	assert_int_equal(result.not_its_turn, 1);
}

TEST_CASE(test_a_first_installation_brings_the_updates_that_it_needs)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	be_outside(world);
	world_add(world, LINKAGE, "1.0.0", CHECKS);
	world_publish(world, LINKAGE "=1.0.0");
	world_delivers(world);
	world_add(world, LINKAGE, "2.0.0", CHECKS " --requires=" LIBRARY "=2.0.0");
	world_add(world, READER, "1.0.0", CHECKS " --requires=" LINKAGE "=2.0.0");
	publish_to_nobody(world, LIBRARY "=2.0.0 " LINKAGE "=2.0.0 " READER "=1.0.0");
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 3);
	assert_int_equal(result.not_its_turn, 0);
	world_restart(world);
	assert_string_equal(world_current(world, READER), "1.0.0");
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

/* The one that it requires is given to everybody, and requires in turn what is given to others. */
TEST_CASE(test_a_first_installation_brings_what_its_requirements_need)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	be_outside(world);
	world_add(world, LINKAGE, "1.0.0", CHECKS);
	world_publish(world, LINKAGE "=1.0.0");
	world_delivers(world);
	world_add(world, LINKAGE, "2.0.0", CHECKS " --requires=" LIBRARY "=2.0.0");
	world_add(world, READER, "1.0.0", CHECKS " --requires=" LINKAGE "=2.0.0");
	world_publish(world, LINKAGE "=2.0.0 " READER "=1.0.0");
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 3);
	assert_int_equal(result.not_its_turn, 0);
	world_restart(world);
	assert_string_equal(world_current(world, READER), "1.0.0");
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

TEST_CASE(test_a_first_installation_leaves_alone_what_it_does_not_need)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	be_outside(world);
	world_add(world, READER, "1.0.0", CHECKS " --requires=" LIBRARY "=1.0.0");
	publish_to_nobody(world, READER "=1.0.0");
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 1);
	assert_int_equal(result.not_its_turn, 1);
}

/* LINKAGE 2.0.0 is given to everybody, and requires LIBRARY 2.0.0, which is given to others. */
static void be_outside_with_another(struct world *world)
{
	be_outside(world);
	world_add(world, LINKAGE, "1.0.0", CHECKS);
	world_add(world, LINKAGE, "2.0.0", CHECKS " --requires=" LIBRARY "=2.0.0");
	world_publish(world, LINKAGE "=1.0.0");
	world_delivers(world);
	world_publish(world, LINKAGE "=2.0.0");
}

TEST_CASE(test_an_update_brings_none_that_waits)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	be_outside_with_another(world);
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 0);
	assert_int_equal(result.available, 0);
	assert_int_equal(result.not_its_turn, 2);
}

TEST_CASE(test_a_share_that_reaches_the_terminal_brings_it)
{
	struct world *world = *state;

	be_outside(world);
	world_does(world, JOB_NIGHT);
	world_publish(world, LIBRARY "=2.0.0");
	world->now_s += 86400;
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

/* ---- What is told ---- */

TEST_CASE(test_status_says_that_it_is_up_to_date_and_its_turn_has_not_come)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};
	struct error err = {0};

	be_outside(world);
	world_does(world, JOB_NIGHT);
	look(world, &status);
	assert_string_equal(status_package_state(package_of(&status, LIBRARY)), "current");
	assert_true(package_of(&status, LIBRARY)->is_not_its_turn);
	for (size_t i = 0; i < status.count; i++)
		if (strcmp(status.packages[i].name, LIBRARY) != 0) /* which this terminal lacks */
			(void)strcpy(status.packages[i].version, "1.0.0");
	assert_ok(status_judge(&status, &err), &err);
	assert_int_equal(status.judgement.verdict, STATUS_UP_TO_DATE);
	assert_int_equal(status.judgement.reason, STATUS_NOT_ITS_TURN);
}

/* Nobody at the terminal, nor the operator, has anything to do about it. */
TEST_CASE(test_what_waits_for_nothing_but_the_turn_of_another_one_is_told_so)
{
	struct world *world = *state;
	AUTO(completion) struct completion completion = {0};
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(status) struct status status = {0};
	struct explanation explanation = {0};
	struct explain_facts facts;
	struct error err = {0};

	be_outside_with_another(world);
	world_repo(world, "campaign add 150 --package " LINKAGE " --first 2020-01-01 --last 2099-12-31");
	world_repo(world, "publish");
	world_does(world, JOB_NIGHT);
	look(world, &status);
	assert_string_equal(status_package_state(package_of(&status, LINKAGE)), "current");
	assert_string_equal(package_of(&status, LINKAGE)->waits_with, LIBRARY);
	assert_ok(distribution_kept_catalog(&world->terminal, &catalog, &err), &err);
	assert_ok(explain_collect(&world->terminal, &status, catalog, 0, &facts, &err), &err);
	assert_ok(explain_package(&facts, package_of(&status, LINKAGE), &explanation, &err), &err);
	assert_string_equal(explain_gate_name(explanation.decides), "rollout");
	assert_string_equal(explanation.gates[explanation.decides].value, LIBRARY);
	assert_ok(completion_find(&world->terminal, 150, &completion, &err), &err);
	assert_true(completion.is_complete);
}

/* Others do not wait for a turn: what nobody has published is told as before. */
TEST_CASE(test_what_lacks_something_else_besides_waits_for_that)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};

	be_outside_with_another(world);
	world_add(world, LINKAGE, "3.0.0", CHECKS " --requires=" LIBRARY "=2.0.0 --requires=" READER "=9.0.0");
	world_publish(world, LINKAGE "=3.0.0");
	world_does(world, JOB_NIGHT);
	look(world, &status);
	assert_string_equal(status_package_state(package_of(&status, LINKAGE)), "waiting");
	assert_string_equal(package_of(&status, LINKAGE)->waits_with, "");
}

/* Both come together once the share has reached it. */
TEST_CASE(test_what_waited_with_another_one_comes_with_it)
{
	struct world *world = *state;

	be_outside_with_another(world);
	world_does(world, JOB_NIGHT);
	world_publish(world, LIBRARY "=2.0.0");
	world->now_s += 86400;
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
	assert_string_equal(world_current(world, LINKAGE), "2.0.0");
}

/* A delivery that was under way when the operator made the share smaller. */
TEST_CASE(test_a_delivery_that_may_not_go_on_is_not_waited_for)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};
	char digest[SHA256_HEX_SIZE] = "", *json;
	struct delivery delivery;
	struct error err = {0};
	size_t len;
	struct sha256 sum;

	be_outside(world);
	assert_non_null(json = folder_get(&world->folder, "packed/" LIBRARY "-2.0.0.json", &len));
	sha256_of(json, len, &sum);
	free(json);
	(void)sha256_hex(&sum, digest);
	assert_ok(delivery_plan(world->terminal.store, LIBRARY, "2.0.0", digest, 0, &delivery, &err), &err);
	assert_ok(delivery_begin(world->terminal.store, &delivery, 10, &err), &err);
	world_does(world, JOB_NIGHT);
	look(world, &status);
	assert_string_equal(status_package_state(package_of(&status, LIBRARY)), "current");
}

TEST_CASE(test_explain_names_the_rollout)
{
	struct world *world = *state;
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(status) struct status status = {0};
	struct explanation explanation = {0};
	struct explain_facts facts;
	struct error err = {0};

	be_outside(world);
	world_does(world, JOB_NIGHT);
	look(world, &status);
	assert_ok(distribution_kept_catalog(&world->terminal, &catalog, &err), &err);
	assert_ok(explain_collect(&world->terminal, &status, catalog, 0, &facts, &err), &err);
	assert_ok(explain_package(&facts, package_of(&status, LIBRARY), &explanation, &err), &err);
	assert_string_equal(explain_gate_name(explanation.decides), "rollout");
}

TEST_CASE(test_the_report_says_that_its_turn_has_not_come)
{
	struct world *world = *state;
	AUTO(json) json_t *report = NULL;
	struct report_span span = {0};
	struct error err = {0};
	const json_t *package;

	be_outside(world);
	world_does(world, JOB_NIGHT);
	assert_non_null(report = report_json(&world->terminal, &span, &err));
	package = json_array_get(json_object_get(report, "packages"), 1);
	assert_string_equal(json_string_value(json_object_get(package, "state")), "current");
	assert_true(json_is_true(json_object_get(package, "not_its_turn")));
}

TEST_CASE(test_the_completion_report_can_be_made)
{
	struct world *world = *state;
	AUTO(completion) struct completion completion = {0};
	struct error err = {0};

	be_outside(world);
	world_repo(world, "campaign add 150 --package " LIBRARY " --first 2020-01-01 --last 2099-12-31");
	world_repo(world, "publish");
	world_does(world, JOB_NIGHT);
	assert_ok(completion_find(&world->terminal, 150, &completion, &err), &err);
	assert_true(completion.is_complete);
	assert_string_equal(completion.packages[0].version, "1.0.0");
}

TESTS(world_setup, world_teardown)
