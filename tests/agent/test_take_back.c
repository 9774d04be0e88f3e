/* A release that failed is taken back without a restart, where the site wants that. */
#include "tests/agent/world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "agent/notice.h"
#include "common/platform.h"
#include "rollback/plan.h"
#include "tests/support/test.h"

#define HEALTH "--health=bin/health"

/* A program that writes down how it was called; "stop PACKAGE" fails where a file REFUSED is there. */
static const char applications[] =
	"#!/bin/sh\n"
	"cd \"${0%/*}\" || exit 1\n"
	"readlink \"terminal/opt/haishin/$2/current\" | sed \"s,^versions/,$1 $2 ,\" >>called\n"
	"[ \"$1\" != stop ] || [ ! -e refused ] || { echo the window does not close; exit 4; }\n";

static void use_applications_command(struct world *world)
{
	char path[FOLDER_PATH_SIZE + 32];

	folder_put(&world->folder, "applications", applications, strlen(applications));
	assert_int_equal(fchmodat(world->folder.fd, "applications", 0755, 0), 0);
	(void)snprintf(path, sizeof(path), "%s/applications", world->folder.path);
	free(world->config.applications_command_path);
	world->config.applications_command_path = strdup(path);
}

/* PACKAGE runs 1.0.0, confirmed; then VERSION, on trial. */
static void activate(struct world *world, const char *package, const char *version, const char *options)
{
	char release[128];
	struct error err = {0};

	world->config.rollback = CONFIG_ROLLBACK_NOW;
	for (int generation = 0; generation < 2; generation++) {
		world_add(world, package, generation ? version : "1.0.0", generation ? options : HEALTH);
		(void)snprintf(release, sizeof(release), "%s=%s", package, generation ? version : "1.0.0");
		world_publish(world, release);
		assert_ok(world_run(world, JOB_BUTTON, NULL, &err), &err);
		world_restart(world);
		if (!generation)
			assert_ok(world_run(world, JOB_CONFIRM, NULL, &err), &err);
	}
	assert_string_equal(world_current(world, package), version);
}

static void assert_called(struct world *world, const char *const *calls)
{
	size_t len = 0;
	char *called = folder_get(&world->folder, "called", &len);
	const char *at = called;

	for (; *calls; calls++) {
		at = at ? strstr(at, *calls) : NULL;
		if (!at)
			fail_msg("'%s' is not where it should be in: %s", *calls, called ? called : "nothing");
	}
	free(called);
}

static bool restart_is_due(struct world *world)
{
	return fs_exists(&world->fs, world->folder.fd, "terminal/run/haishin/" NOTICE_FILE);
}

static void test_an_unhealthy_release_goes_back_at_once_between_stop_and_start(void **state)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	use_applications_command(world);
	activate(world, "face-library", "666.0.0", HEALTH);
	assert_ok(world_run(world, JOB_CONFIRM, &result, &err), &err);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
	assert_called(world, (const char *const[]){"stop face-library 666.0.0-", "start face-library 1.0.0-", NULL});
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_ROLLED_BACK);
	assert_int_equal(world_history(world, "health-check", "face-library", "failed"), 1);
	assert_false(result.agent_replaced);
	assert_false(restart_is_due(world));
}

static void test_waits_for_the_restart_where_nothing_can_stop_the_application(void **state)
{
	struct world *world = *state;
	struct error err = {0};

	activate(world, "face-library", "666.0.0", HEALTH);
	assert_ok(world_run(world, JOB_CONFIRM, NULL, &err), &err);
	assert_string_equal(world_current(world, "face-library"), "666.0.0");
	assert_true(restart_is_due(world));
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
}

static void test_waits_for_the_restart_where_the_application_does_not_stop(void **state)
{
	struct world *world = *state;
	struct error err = {0};

	use_applications_command(world);
	activate(world, "face-library", "666.0.0", HEALTH);
	folder_put(&world->folder, "refused", "", 0);
	assert_ok(world_run(world, JOB_CONFIRM, NULL, &err), &err);
	assert_string_equal(world_current(world, "face-library"), "666.0.0");
	assert_called(
		world, (const char *const[]){"stop face-library 666.0.0-", "start face-library 666.0.0-", NULL});
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
}

static void test_waits_for_the_restart_unless_the_site_wants_otherwise(void **state)
{
	struct world *world = *state;
	struct error err = {0};

	use_applications_command(world);
	activate(world, "face-library", "666.0.0", HEALTH);
	world->config.rollback = CONFIG_ROLLBACK_RESTART;
	assert_ok(world_run(world, JOB_CONFIRM, NULL, &err), &err);
	assert_string_equal(world_current(world, "face-library"), "666.0.0");
	assert_false(fs_exists(&world->fs, world->folder.fd, "called"));
}

static void test_packages_that_need_each_other_go_back_together(void **state)
{
	struct world *world = *state;
	struct error err = {0};

	use_applications_command(world);
	world->config.rollback = CONFIG_ROLLBACK_NOW;
	world_add(world, "face-library", "1.0.0", HEALTH);
	world_add(world, "linkage-app", "1.0.0", HEALTH);
	world_publish(world, "face-library=1.0.0 linkage-app=1.0.0");
	assert_ok(world_run(world, JOB_BUTTON, NULL, &err), &err);
	world_restart(world);
	assert_ok(world_run(world, JOB_CONFIRM, NULL, &err), &err);
	world_add(world, "face-library", "2.0.0", HEALTH " --requires=linkage-app=666.0.0");
	world_add(world, "linkage-app", "666.0.0", HEALTH " --requires=face-library=2.0.0");
	world_publish(world, "face-library=2.0.0 linkage-app=666.0.0");
	assert_ok(world_run(world, JOB_BUTTON, NULL, &err), &err);
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "2.0.0");
	assert_ok(world_run(world, JOB_CONFIRM, NULL, &err), &err);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
	assert_string_equal(world_current(world, "linkage-app"), "1.0.0");
	assert_called(world, (const char *const[]){"stop linkage-app 666.0.0-", "stop face-library 2.0.0-",
				     "start face-library 1.0.0-", "start linkage-app 1.0.0-", NULL});
}

static void test_the_agent_that_was_taken_back_is_told(void **state)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	activate(world, "distro-app", "666.0.0", HEALTH);
	assert_ok(world_run(world, JOB_CONFIRM, &result, &err), &err);
	assert_true(result.agent_replaced);
	assert_string_equal(world_current(world, "distro-app"), "1.0.0");
}

/* Stands in for the service manager, as there is none here: the unit is never active. */
static int note_service_call(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	struct buf *calls = processes->context;
	const char *const *unit = request->argv;

	assert_string_equal(request->argv[0], PLATFORM_SERVICE_CONTROL);
	while (unit[1])
		unit++;
	assert_ok(buf_printf(calls, err, "%s %s;", request->argv[1], *unit), err);
	*ret_result = (struct process_result){0};
	return buf_append(request->output, "ActiveState=failed\n", 19, err);
}

static void test_a_release_that_names_its_unit_is_stopped_and_started_through_it(void **state)
{
	AUTO(buf) struct buf calls = BUF_INIT(1000);
	struct world *world = *state;
	struct error err = {0};

	activate(world, "face-library", "2.0.0", "--health-unit=face.service");
	world->processes = (struct processes){.run = note_service_call, .context = &calls};
	assert_ok(world_run(world, JOB_CONFIRM, NULL, &err), &err);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
	assert_string_equal(buf_text(&calls), "show face.service;stop face.service;start face.service;");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_an_unhealthy_release_goes_back_at_once_between_stop_and_start),
		TEST(test_waits_for_the_restart_where_nothing_can_stop_the_application),
		TEST(test_waits_for_the_restart_where_the_application_does_not_stop),
		TEST(test_waits_for_the_restart_unless_the_site_wants_otherwise),
		TEST(test_packages_that_need_each_other_go_back_together),
		TEST(test_the_agent_that_was_taken_back_is_told),
		TEST(test_a_release_that_names_its_unit_is_stopped_and_started_through_it),
	};

	return cmocka_run_group_tests_name("take back", tests, NULL, NULL);
}
