/* A release that failed is taken back without a restart, where the site wants that. */
#include "tests/agent/world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/resident/agenda.h"
#include "agent/restart/notice.h"
#include "common/platform.h"
#include "rollback/plan.h"
#include "tests/support/test.h"

#define HEALTH "--health=bin/health"
#define DIED 42

/* A program that writes down how it was called; "stop PACKAGE" fails where a file REFUSED is there. */
static const char applications[] =
	"#!/bin/sh\n"
	"cd \"${0%/*}\" || exit 1\n"
	"readlink \"terminal/opt/haishin/$2/current\" | sed \"s,^versions/,$1 $2 ,\" >>called\n"
	"[ \"$1\" != stop ] || [ ! -e refused ] || { echo the window does not close; exit 4; }\n";

/* PACKAGE runs 1.0.0, confirmed; then VERSION, on trial. */
static void activate(struct world *world, const char *package, const char *version, const char *options)
{
	char release[128];

	world->config.rollback = CONFIG_ROLLBACK_NOW;
	for (int generation = 0; generation < 2; generation++) {
		world_add(world, package, generation ? version : "1.0.0", generation ? options : HEALTH);
		(void)snprintf(release, sizeof(release), "%s=%s", package, generation ? version : "1.0.0");
		world_publish(world, release);
		world_does(world, JOB_BUTTON);
		world_restart(world);
		if (!generation)
			world_does(world, JOB_CONFIRM);
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

static enum job_kind next_job(struct world *world)
{
	struct agenda agenda;
	struct error err = {0};

	if (!world->is_open)
		world_open(world);
	assert_ok(agenda_next(&world->terminal, &agenda, &err), &err);
	return agenda.kind;
}

static bool restart_is_due(struct world *world)
{
	return fs_exists(&world->fs, world->folder.fd, "terminal/run/haishin/" NOTICE_FILE);
}

TEST_CASE(test_an_unhealthy_release_goes_back_at_once_between_stop_and_start)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	world_use_applications_command(world, applications);
	activate(world, "face-library", "666.0.0", HEALTH);
	assert_ok(world_run(world, JOB_CONFIRM, &result, &err), &err);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
	assert_called(world, (const char *const[]){"stop face-library 666.0.0-", "start face-library 1.0.0-", NULL});
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_ROLLED_BACK);
	assert_int_equal(world_history(world, "health-check", "face-library", "failed"), 1);
	assert_false(result.agent_replaced);
	assert_false(restart_is_due(world));
}

TEST_CASE(test_waits_for_the_restart_where_nothing_can_stop_the_application)
{
	struct world *world = *state;

	activate(world, "face-library", "666.0.0", HEALTH);
	world_does(world, JOB_CONFIRM);
	assert_string_equal(world_current(world, "face-library"), "666.0.0");
	assert_true(restart_is_due(world));
	assert_int_equal(next_job(world), JOB_NIGHT);
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
}

TEST_CASE(test_waits_for_the_restart_where_the_application_does_not_stop)
{
	struct world *world = *state;

	world_use_applications_command(world, applications);
	activate(world, "face-library", "666.0.0", HEALTH);
	folder_put(&world->folder, "refused", "", 0);
	world_does(world, JOB_CONFIRM);
	assert_string_equal(world_current(world, "face-library"), "666.0.0");
	assert_called(
		world, (const char *const[]){"stop face-library 666.0.0-", "start face-library 666.0.0-", NULL});
	assert_int_equal(next_job(world), JOB_NIGHT); /* it is not tried again and again */
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
}

TEST_CASE(test_waits_for_the_restart_unless_the_site_wants_otherwise)
{
	struct world *world = *state;

	world_use_applications_command(world, applications);
	activate(world, "face-library", "666.0.0", HEALTH);
	world->config.rollback = CONFIG_ROLLBACK_RESTART;
	world_does(world, JOB_CONFIRM);
	assert_string_equal(world_current(world, "face-library"), "666.0.0");
	assert_false(fs_exists(&world->fs, world->folder.fd, "called"));
}

TEST_CASE(test_packages_that_need_each_other_go_back_together)
{
	struct world *world = *state;

	world_use_applications_command(world, applications);
	world->config.rollback = CONFIG_ROLLBACK_NOW;
	world_add(world, "face-library", "1.0.0", HEALTH);
	world_add(world, "linkage-app", "1.0.0", HEALTH);
	world_publish(world, "face-library=1.0.0 linkage-app=1.0.0");
	world_does(world, JOB_BUTTON);
	world_restart(world);
	world_does(world, JOB_CONFIRM);
	world_add(world, "face-library", "2.0.0", HEALTH " --requires=linkage-app=666.0.0");
	world_add(world, "linkage-app", "666.0.0", HEALTH " --requires=face-library=2.0.0");
	world_publish(world, "face-library=2.0.0 linkage-app=666.0.0");
	world_does(world, JOB_BUTTON);
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "2.0.0");
	world_does(world, JOB_CONFIRM);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
	assert_string_equal(world_current(world, "linkage-app"), "1.0.0");
	assert_called(world, (const char *const[]){"stop linkage-app 666.0.0-", "stop face-library 2.0.0-",
				     "start face-library 1.0.0-", "start linkage-app 1.0.0-", NULL});
}

static int die(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	const uint64_t *at = fs->context;

	(void)change;
	(void)path;
	if (number == *at)
		_exit(DIED);
	return 0;
}

/* Confirms in a process that ends at the change on disk with this NUMBER. True if there was such a change. */
static bool confirm_and_die(struct world *world, uint64_t number)
{
	struct error err = {0};
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		world->fs.before_change = die;
		world->fs.changes = 0;
		world->fs.context = &number;
		_exit(world_run(world, JOB_CONFIRM, NULL, &err) < 0 ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == DIED || WEXITSTATUS(status) == 0));
	return WEXITSTATUS(status) == DIED;
}

static void in_folder(struct world *world, const char *words)
{
	char command[FOLDER_PATH_SIZE * 2];

	(void)snprintf(command, sizeof(command), "cd '%s' && %s", world->folder.path, words);
	assert_int_equal(system(command), 0);
}

static void assert_starts_last(struct world *world, uint64_t number)
{
	size_t len;
	char *called = folder_get(&world->folder, "called", &len);
	char *last = called ? strstr(called, "start face-library 1.0.0-") : NULL;

	if (!last || strstr(last, "stop "))
		fail_msg("cut at change %llu, the application does not run in the end: %s",
			(unsigned long long)number, called ? called : "nothing was called");
	free(called);
}

TEST_CASE(test_an_agent_that_is_killed_on_the_way_finishes_it_when_it_is_back)
{
	struct world *world = *state;
	uint64_t cuts = 0;
	bool died = true;

	world_use_applications_command(world, applications);
	activate(world, "face-library", "666.0.0", HEALTH);
	world_close(world);
	in_folder(world, "cp -a terminal before");
	for (uint64_t number = 1; died && number < 100; number++) {
		in_folder(world, "rm -rf terminal called && cp -a before terminal");
		died = confirm_and_die(world, number);
		cuts += died;
		while (next_job(world) == JOB_CONFIRM)
			world_does(world, JOB_CONFIRM);
		assert_string_equal(world_current(world, "face-library"), "1.0.0");
		assert_starts_last(world, number);
		world_close(world);
	}
	assert_false(died);
	assert_true(cuts > 10);
}

TEST_CASE(test_the_agent_that_was_taken_back_is_told)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	activate(world, "distro-app", "666.0.0", HEALTH);
	assert_ok(world_run(world, JOB_CONFIRM, &result, &err), &err);
	assert_true(result.agent_replaced);
	assert_string_equal(world_current(world, "distro-app"), "1.0.0");
}

struct service_manager {
	struct buf calls;
	char file[512]; /* that it says the unit comes from */
};

/* Stands in for the service manager, as there is none here: the unit is never active. */
static int note_service_call(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	struct service_manager *manager = processes->context;
	const char *const *unit = request->argv;

	assert_string_equal(request->argv[0], PLATFORM_SERVICE_CONTROL);
	while (unit[1])
		unit++;
	*ret_result = (struct process_result){0};
	if (strcmp(request->argv[2], "--property=FragmentPath") == 0)
		return buf_printf(request->output, err, "FragmentPath=%s\n", manager->file);
	assert_ok(buf_printf(&manager->calls, err, "%s %s;", request->argv[1], *unit), err);
	return buf_append(request->output, "ActiveState=failed\n", 19, err);
}

/* A release that is checked through face.service and found unhealthy, where that unit comes from FILE and the settings
 * say UNITS. */
static void try_unit(struct world *world, const char *file, const char *units, const char *calls)
{
	struct service_manager manager = {.calls = BUF_INIT(1000)};

	activate(world, "face-library", "2.0.0", "--health-unit=face.service");
	(void)snprintf(manager.file, sizeof(manager.file), "%s", file);
	free(world->config.units);
	assert_non_null(world->config.units = strdup(units));
	world->processes = (struct processes){.run = note_service_call, .context = &manager};
	world_does(world, JOB_CONFIRM);
	assert_string_equal(buf_text(&manager.calls), calls);
	assert_string_equal(world_current(world, "face-library"), strstr(calls, "stop") ? "1.0.0" : "2.0.0");
	buf_clear(&manager.calls);
}

TEST_CASE(test_a_unit_that_the_settings_bind_is_stopped_and_started)
{
	try_unit(*state, "/usr/lib/systemd/system/x.service", "linkage-app=other.service face-library=own.service",
		"show face.service;stop own.service;start own.service;");
}

TEST_CASE(test_a_unit_of_the_packages_own_folder_is_stopped_and_started)
{
	struct world *world = *state;
	char file[FOLDER_PATH_SIZE + 64];

	folder_put(&world->folder, "terminal/opt/haishin/face-library/versions/unit", "[Service]\n", 10);
	(void)snprintf(file, sizeof(file), "%s/terminal/opt/haishin/face-library/versions/unit", world->folder.path);
	try_unit(world, file, "", "show face.service;stop face.service;start face.service;");
}

TEST_CASE(test_a_unit_that_a_release_merely_names_is_not_touched)
{
	try_unit(*state, "/etc/passwd", "linkage-app=face.service", "show face.service;");
}

TESTS(world_setup, world_teardown)
