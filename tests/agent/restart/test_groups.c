/* Packages that require each other run together, whatever comes between: a disk that fails in the middle of a restart,
 * a newer release, a trial that is not over, a member that is lost, staff who want one of them back. */
#include "tests/agent/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/resident/agenda.h"
#include "agent/restart/condemn.h"
#include "agent/store/delivery_rows.h"
#include "common/auto.h"
#include "rollback/plan.h"
#include "rollback/versions.h"
#include "tests/support/test.h"

#define CHECKS "--health=bin/health"

static void read_plan(struct world *world, struct plan *ret_plan)
{
	struct error err = {0};

	assert_ok(plan_read(&world->fs, world->terminal.boot_dir_fd, ret_plan, &err), &err);
}

static void write_plan(struct world *world, const struct plan *plan)
{
	struct error err = {0};

	assert_ok(plan_write(&world->fs, world->terminal.boot_dir_fd, plan, &err), &err);
}

/* The package's entry; its package is "" where there is none. */
static struct plan_entry planned(struct world *world, const char *package)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct plan_entry *entry;

	read_plan(world, plan);
	entry = plan_find(plan, package);
	return entry ? *entry : (struct plan_entry){0};
}

static void assert_planned(struct world *world, const char *package, const char *version)
{
	struct plan_entry entry = planned(world, package);

	if (strncmp(entry.folder, version, strlen(version)) != 0 || (*version == '\0') != (*entry.folder == '\0'))
		fail_msg("%s: planned is '%s', not '%s'", package, entry.folder, version);
}

static void assert_both_planned(struct world *world, const char *face, const char *linkage)
{
	assert_planned(world, "face-library", face);
	assert_planned(world, "linkage-app", linkage);
}

static void assert_condemned(struct world *world, const char *package)
{
	assert_int_equal(planned(world, package).state, PLAN_CONDEMNED);
}

static void assert_in_one_group(struct world *world)
{
	assert_int_not_equal(planned(world, "face-library").group, 0);
	assert_int_equal(planned(world, "face-library").group, planned(world, "linkage-app").group);
}

static void assert_current(struct world *world, const char *face, const char *linkage)
{
	assert_string_equal(world_current(world, "face-library"), face);
	assert_string_equal(world_current(world, "linkage-app"), linkage);
}

/* The machine restarts, and these run. */
static void assert_restart_brings(struct world *world, const char *face, const char *linkage)
{
	world_restart(world);
	assert_current(world, face, linkage);
}

static void restart_agent(struct world *world)
{
	world_close(world);
	world_open(world);
}

static void run(struct world *world, enum job_kind kind)
{
	struct error err = {0};

	assert_ok(world_run(world, kind, NULL, &err), &err);
}

/* The catalog names RELEASES, and the terminal takes what it may. */
static void deliver(struct world *world, const char *releases)
{
	world_publish(world, releases);
	run(world, JOB_BUTTON);
}

static enum job_kind next_job(struct world *world)
{
	struct agenda agenda;
	struct error err = {0};

	assert_ok(agenda_next(&world->terminal, &agenda, &err), &err);
	return agenda.kind;
}

static void make_current(struct world *world, const char *package, const char *folder)
{
	AUTO(versions) struct versions *versions = NULL;
	struct error err = {0};

	assert_ok(versions_open(&world->fs, world->terminal.packages_dir_fd, package, &versions, &err), &err);
	assert_ok(versions_activate(versions, folder, &err), &err);
}

/* Both run 1.0.0, confirmed. */
static void begin(struct world *world)
{
	world_add(world, "face-library", "1.0.0", CHECKS);
	world_add(world, "linkage-app", "1.0.0", CHECKS);
	deliver(world, "face-library=1.0.0 linkage-app=1.0.0");
	world_restart(world);
	run(world, JOB_CONFIRM);
	assert_current(world, "1.0.0", "1.0.0");
}

/* And 2.0.0 of both, which require each other, waits for a restart. */
static void stage_pair(struct world *world)
{
	begin(world);
	world_add(world, "face-library", "2.0.0", CHECKS " --requires=linkage-app=2.0.0");
	world_add(world, "linkage-app", "2.0.0", CHECKS " --requires=face-library=2.0.0");
	deliver(world, "face-library=2.0.0 linkage-app=2.0.0");
	assert_both_planned(world, "2.0.0", "2.0.0");
}

/* And both run, confirmed. */
static void confirm_pair(struct world *world)
{
	stage_pair(world);
	world_restart(world);
	run(world, JOB_CONFIRM);
	assert_both_planned(world, "", "");
}

/* linkage-app alone runs 2.0.0, on trial. */
static void try_linkage(struct world *world)
{
	begin(world);
	world_add(world, "linkage-app", "2.0.0", CHECKS);
	deliver(world, "face-library=1.0.0 linkage-app=2.0.0");
	assert_restart_brings(world, "1.0.0", "2.0.0");
}

/* Then a face-library comes that requires it. */
static void deliver_what_requires_it(struct world *world)
{
	world_add(world, "face-library", "2.0.0", CHECKS " --requires=linkage-app=2.0.0");
	deliver(world, "face-library=2.0.0 linkage-app=2.0.0");
}

/* What a disk leaves that fails for good in the middle of a restart: the guard had kept a line of the journal for
 * both, switched face-library, and could write nothing more. The agent of the same boot starts. */
static void fail_between_the_switches(struct world *world)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	uint64_t line = 1000;

	read_plan(world, plan);
	plan_each (plan, entry)
		entry->line = ++line;
	(void)snprintf(world->boot_id, sizeof(world->boot_id), "%s", "the-disk-failed");
	(void)snprintf(plan->boot_id, sizeof(plan->boot_id), "%s", world->boot_id);
	write_plan(world, plan);
	make_current(world, "face-library", planned(world, "face-library").folder);
	restart_agent(world);
	assert_current(world, "2.0.0", "1.0.0");
}

/* The plan is damaged, and the agent starts. */
static void lose_plan(struct world *world)
{
	folder_put(&world->folder, "terminal/var/lib/haishin/boot/plan", "lost", 4);
	restart_agent(world);
}

/* The linkage-app that is to become current is gone from the disk, and the agent starts. */
static void lose_linkage(struct world *world)
{
	char path[FOLDER_PATH_SIZE];
	struct error err = {0};

	assert_planned(world, "linkage-app", "2.0.0");
	(void)snprintf(path, sizeof(path), "terminal/opt/haishin/linkage-app/versions/%s",
		planned(world, "linkage-app").folder);
	assert_ok(fs_remove_tree(&world->fs, world->folder.fd, path, &err), &err);
	restart_agent(world);
}

/* ---- Half activated ---- */

TEST_CASE(test_a_group_that_was_begun_is_not_replaced_before_the_guard_has_ended_it)
{
	struct world *world = *state;

	stage_pair(world);
	fail_between_the_switches(world);
	world_add(world, "face-library", "3.0.0", CHECKS " --requires=linkage-app=2.0.0");
	world_add(world, "linkage-app", "2.1.0", CHECKS);
	deliver(world, "face-library=3.0.0 linkage-app=2.1.0");
	assert_both_planned(world, "2.0.0", "2.0.0");
	restart_agent(world);
	assert_restart_brings(world, "2.0.0", "2.0.0");
	run(world, JOB_CONFIRM);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_CONFIRMED);
	assert_int_equal(world_delivery(world, "linkage-app"), DELIVERY_CONFIRMED);
}

TEST_CASE(test_no_part_of_a_group_is_confirmed_before_all_of_it_runs)
{
	struct world *world = *state;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	stage_pair(world);
	fail_between_the_switches(world);
	read_plan(world, plan); /* as after a next start that failed once it had seen that face-library is current */
	plan_find(plan, "face-library")->state = PLAN_TRIAL;
	plan_find(plan, "face-library")->starts = 1;
	write_plan(world, plan);
	assert_int_equal(next_job(world), JOB_NIGHT);
	run(world, JOB_CONFIRM);
	assert_planned(world, "face-library", "2.0.0");
	assert_restart_brings(world, "2.0.0", "2.0.0");
	assert_int_equal(next_job(world), JOB_CONFIRM);
	run(world, JOB_CONFIRM);
	assert_both_planned(world, "", "");
}

TEST_CASE(test_a_release_without_what_it_requires_goes_back_and_may_come_again)
{
	struct world *world = *state;

	stage_pair(world);
	fail_between_the_switches(world);
	lose_plan(world); /* what is left says of face-library alone that it is on trial */
	run(world, JOB_CONFIRM);
	assert_condemned(world, "face-library");
	assert_restart_brings(world, "1.0.0", "1.0.0");
	run(world, JOB_BUTTON);
	assert_restart_brings(world, "2.0.0", "2.0.0");
}

TEST_CASE(test_trials_that_the_plan_has_lost_end_together)
{
	struct world *world = *state;

	stage_pair(world);
	assert_restart_brings(world, "2.0.0", "2.0.0");
	lose_plan(world);
	assert_int_equal(planned(world, "face-library").state, PLAN_TRIAL);
	assert_in_one_group(world);
}

/* ---- Staged ---- */

TEST_CASE(test_a_newer_release_of_a_package_that_waits_joins_those_it_waited_with)
{
	struct world *world = *state;

	stage_pair(world);
	world_add(world, "linkage-app", "666.0.0", CHECKS);
	deliver(world, "face-library=2.0.0 linkage-app=666.0.0");
	assert_planned(world, "linkage-app", "666.0.0");
	assert_in_one_group(world);
}

TEST_CASE(test_a_group_that_lost_a_member_is_dropped_as_a_whole_and_comes_again)
{
	struct world *world = *state;

	stage_pair(world);
	lose_linkage(world);
	assert_both_planned(world, "", "");
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_FAILED);
	run(world, JOB_BUTTON);
	assert_restart_brings(world, "2.0.0", "2.0.0");
}

TEST_CASE(test_a_half_activated_group_that_lost_a_member_goes_back)
{
	struct world *world = *state;

	stage_pair(world);
	fail_between_the_switches(world);
	lose_linkage(world);
	assert_condemned(world, "face-library");
	assert_restart_brings(world, "1.0.0", "1.0.0");
}

/* ---- On trial ---- */

TEST_CASE(test_what_requires_a_release_on_trial_comes_once_that_is_confirmed)
{
	struct world *world = *state;

	try_linkage(world);
	deliver_what_requires_it(world);
	assert_planned(world, "face-library", "");
	run(world, JOB_CONFIRM);
	run(world, JOB_BUTTON);
	assert_planned(world, "face-library", "2.0.0");
}

/* ---- Staff want one back ---- */

/* `haishin rollback linkage-app`, as far as the plan. */
static void go_back(struct world *world)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct error err = {0};

	read_plan(world, plan);
	assert_ok(condemn(&world->terminal, plan, "linkage-app", "staff asked for it", &err), &err);
	write_plan(world, plan);
}

TEST_CASE(test_what_needs_a_release_goes_back_with_it)
{
	struct world *world = *state;

	confirm_pair(world);
	go_back(world);
	assert_condemned(world, "face-library");
	assert_string_equal(planned(world, "face-library").reason, "together with linkage-app: staff asked for it");
	assert_planned(world, "distro-app", "");
	assert_restart_brings(world, "1.0.0", "1.0.0");
}

TEST_CASE(test_what_is_on_trial_with_it_goes_back_with_it)
{
	struct world *world = *state;

	stage_pair(world);
	world_restart(world);
	go_back(world);
	run(world, JOB_CONFIRM); /* confirms nothing of a group that goes back */
	assert_condemned(world, "face-library");
	assert_restart_brings(world, "1.0.0", "1.0.0");
}

TEST_CASE(test_what_needs_it_and_waits_for_a_restart_does_not_come)
{
	struct world *world = *state;

	try_linkage(world);
	run(world, JOB_CONFIRM);
	deliver_what_requires_it(world);
	assert_planned(world, "face-library", "2.0.0");
	go_back(world);
	assert_planned(world, "face-library", "");
	assert_restart_brings(world, "1.0.0", "1.0.0");
	run(world, JOB_BUTTON);
	assert_planned(world, "face-library", "");
}

TEST_CASE(test_says_what_cannot_go_back_with_it)
{
	struct world *world = *state;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct error err = {0};

	confirm_pair(world);
	assert_ok(fs_remove(&world->fs, world->folder.fd, "terminal/opt/haishin/face-library/previous", &err), &err);
	read_plan(world, plan);
	assert_int_equal(condemn(&world->terminal, plan, "linkage-app", "staff asked for it", &err), -1);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_string_equal(err.text,
		"face-library requires linkage-app 2.0.0 or later, and has no former release on "
		"this terminal to go back to with it");
}

TESTS(world_setup, world_teardown)
