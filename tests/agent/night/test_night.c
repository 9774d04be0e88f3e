#include "tests/agent/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/resident/agenda.h"
#include "agent/store/delivery_rows.h"
#include "agent/store/history.h"
#include "agent/store/pause.h"
#include "agent/store/quarantine.h"
#include "rollback/plan.h"
#include "tests/support/test.h"

#define CHECKS "--self-test=bin/self-test --health=bin/health"

static void publish_all(struct world *world, const char *version)
{
	static const char *const packages[] = {"distro-app", "face-library", "linkage-app", "reader-app/acme"};
	char releases[256] = "";

	for (size_t i = 0; i < ARRAY_SIZE(packages); i++) {
		world_add(world, packages[i], version, CHECKS);
		(void)snprintf(releases + strlen(releases), sizeof(releases) - strlen(releases), "%s=%s ",
			packages[i], version);
	}
	world_publish(world, releases);
}

static void next_evening(struct world *world)
{
	world->now_s += 86400;
}

TEST_CASE(test_brings_all_four_packages_in_one_night)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	publish_all(world, "1.0.0");
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 4);
	assert_true(result.contact);
	assert_string_equal(world_current(world, "face-library"), "");
	world_restart(world);
	assert_string_equal(world_current(world, "distro-app"), "1.0.0");
	assert_string_equal(world_current(world, "reader-app/acme"), "1.0.0");
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_ACTIVATED);
	assert_ok(world_run(world, JOB_CONFIRM, &result, &err), &err);
	assert_int_equal(result.confirmed, 4);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_CONFIRMED);
}

static void assert_confirm_is_due_in(struct world *world, int64_t seconds)
{
	struct agenda agenda;
	struct error err = {0};

	assert_ok(agenda_next(&world->terminal, &agenda, &err), &err);
	assert_int_equal(agenda.kind, JOB_CONFIRM);
	assert_int_equal(agenda.due_s - world->now_s, seconds);
}

TEST_CASE(test_asks_for_health_once_the_start_delay_is_over)
{
	struct world *world = *state;

	publish_all(world, "1.0.0");
	world_does(world, JOB_NIGHT);
	world_restart(world);
	world->booted_s = world->now_s - 5;
	assert_confirm_is_due_in(world, 55);
	world->now_s += 100;
	assert_confirm_is_due_in(world, 0);
}

TEST_CASE(test_finds_nothing_to_do_the_night_after)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	publish_all(world, "1.0.0");
	world_delivers(world);
	next_evening(world);
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 0);
	assert_int_equal(result.available, 0);
}

static int take_detail(void *context, const struct history_row *row, struct error *err)
{
	(void)err;
	(void)snprintf(context, STORE_TEXT_SIZE, "%s", row->detail);
	return 0;
}

static void assert_last_check_says(struct world *world, const char *words)
{
	const struct history_filter newest = {.operation = "check", .newest = 1};
	char detail[STORE_TEXT_SIZE] = "";
	struct error err = {0};

	assert_ok(history_each(world->terminal.store, &newest, take_detail, detail, &err), &err);
	if (!strstr(detail, words))
		fail_msg("the last check says '%s', not '%s'", detail, words);
}

TEST_CASE(test_names_in_the_history_the_root_that_each_check_went_by)
{
	struct world *world = *state;

	publish_all(world, "1.0.0");
	world_does(world, JOB_NIGHT);
	assert_last_check_says(world, "root 1, timestamp ");
	world_repo(world, "rotate timestamp");
	world_repo(world, "publish");
	next_evening(world);
	world_does(world, JOB_NIGHT);
	assert_last_check_says(world, "root 2, timestamp ");
}

TEST_CASE(test_keeps_as_many_former_releases_as_the_configuration_says)
{
	static const char *const versions[] = {"1.0.0", "2.0.0", "3.0.0"};
	struct world *world = *state;
	char release[64], command[512];

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		world_add(world, "face-library", versions[i], "");
		(void)snprintf(release, sizeof(release), "face-library=%s", versions[i]);
		world_publish(world, release);
		world_delivers(world);
		world->now_s += 86400;
	}
	(void)snprintf(command, sizeof(command),
		"[ \"$(ls -d %s/terminal/opt/haishin/face-library/versions/*/ | wc -l)\" = 2 ]", world->folder.path);
	assert_int_equal(system(command), 0);
}

TEST_CASE(test_confirms_nothing_before_its_data_is_migrated)
{
	struct world *world = *state;
	AUTO(free) struct plan *plan = NULL;
	struct error err = {0};

	world_add(world, "face-library", "1.0.0", "--migrate=bin/self-test");
	world_publish(world, "face-library=1.0.0");
	world_does(world, JOB_NIGHT);
	world_restart(world);
	plan = world_plan(world);
	plan->entries[0].migrated = false; /* as where the guard was cut short */
	assert_ok(plan_write(&world->fs, world->terminal.boot_dir_fd, plan, &err), &err);
	assert_int_equal(world_run(world, JOB_CONFIRM, NULL, &err), -1);
	assert_error(&err, ERROR_BUSY, "restart the terminal");
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_ACTIVATED);
}

TEST_CASE(test_has_data_migrated_where_the_release_brings_a_program_for_it)
{
	struct world *world = *state;
	AUTO(free) struct plan *plan = NULL;
	size_t len;
	char *mode;

	world_add(world, "face-library", "1.0.0", "--migrate=bin/self-test --migrate-timeout=7");
	world_publish(world, "face-library=1.0.0");
	world_does(world, JOB_NIGHT);
	folder_put(&world->folder, "terminal/opt/haishin/face-library/data/mode", "unattended", strlen("unattended"));
	world_restart(world);
	plan = world_plan(world);
	assert_string_equal(plan->entries[0].migrate, "bin/self-test");
	assert_int_equal(plan->entries[0].migrate_timeout_s, 7);
	assert_true(plan->entries[0].migrated);
	mode = folder_get(&world->folder, "terminal/opt/haishin/face-library/data/mode", &len);
	assert_string_equal(mode, "unattended");
	free(mode);
}

TEST_CASE(test_takes_an_unhealthy_release_back_and_never_tries_it_again)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	publish_all(world, "1.0.0");
	world_delivers(world);
	world_add(world, "face-library", "666.0.0", CHECKS);
	world_publish(world, "face-library=666.0.0");
	next_evening(world);
	world_does(world, JOB_NIGHT);
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "666.0.0");
	assert_ok(world_run(world, JOB_CONFIRM, &result, &err), &err);
	assert_int_equal(result.rolled_back, 1);
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_ROLLED_BACK);
	next_evening(world);
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 0);
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "1.0.0");
}

TEST_CASE(test_offers_a_newer_release_after_one_was_taken_back)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	world_add(world, "face-library", "666.0.0", CHECKS);
	world_publish(world, "face-library=666.0.0");
	world_delivers(world);
	world_restart(world);
	world_add(world, "face-library", "667.0.0", CHECKS);
	world_publish(world, "face-library=667.0.0");
	next_evening(world);
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 1);
}

TEST_CASE(test_activates_packages_that_need_each_other_together)
{
	struct world *world = *state;
	AUTO(free) struct plan *plan = NULL;

	world_add(world, "face-library", "2.0.0", CHECKS " --requires=linkage-app=2.0.0");
	world_add(world, "linkage-app", "2.0.0", CHECKS " --requires=face-library=2.0.0");
	world_publish(world, "face-library=2.0.0 linkage-app=2.0.0");
	world_does(world, JOB_NIGHT);
	plan = world_plan(world);
	assert_int_equal(plan->count, 2);
	assert_int_equal(plan->entries[0].group, plan->entries[1].group);
}

TEST_CASE(test_leaves_out_a_package_whose_requirement_does_not_come)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	world_add(world, "face-library", "2.0.0", CHECKS " --requires=linkage-app=9.0.0");
	world_add(world, "linkage-app", "2.0.0", CHECKS);
	world_publish(world, "face-library=2.0.0 linkage-app=2.0.0");
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 1);
	assert_int_equal(result.available, 1);
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "");
	assert_string_equal(world_current(world, "linkage-app"), "2.0.0");
}

TEST_CASE(test_leaves_a_held_package_as_it_is)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	publish_all(world, "1.0.0");
	world_open(world);
	assert_ok(pause_set(world->terminal.store, "face-library", 0, "operator", "a trade fair", &err), &err);
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 3);
}

TEST_CASE(test_refuses_every_job_that_delivers_while_disabled)
{
	struct world *world = *state;
	struct error err = {0};

	publish_all(world, "1.0.0");
	world_open(world);
	assert_ok(pause_set(world->terminal.store, "", 0, "staff", "opening day", &err), &err);
	assert_int_equal(world_run(world, JOB_BUTTON, NULL, &err), -1);
	assert_error(&err, ERROR_DISABLED, "opening day");
	err = (struct error){0};
	assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
	assert_error(&err, ERROR_DISABLED, "opening day");
	assert_int_equal(world_history(world, "check", NULL, NULL), 0);
}

TEST_CASE(test_does_nothing_outside_the_window_unless_the_button_is_pressed)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	publish_all(world, "1.0.0");
	world->now_s += 12 * 3600;
	assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
	assert_error(&err, ERROR_OUTSIDE_WINDOW, "no delivery now: outside-window");
	err = (struct error){0};
	assert_ok(world_run(world, JOB_BUTTON, &result, &err), &err);
	assert_int_equal(result.staged, 4);
}

TEST_CASE(test_passes_through_the_release_in_between)
{
	struct world *world = *state;

	world_add(world, "linkage-app", "1.0.0", CHECKS);
	world_publish(world, "linkage-app=1.0.0");
	world_delivers(world);
	world_add(world, "linkage-app", "2.1.0", CHECKS);
	world_add(world, "linkage-app", "2.3.0", CHECKS " --passes-through=2.1.0");
	world_publish(world, "linkage-app=2.3.0");
	for (int night = 0; night < 2; night++) {
		next_evening(world);
		world_does(world, JOB_NIGHT);
		world_restart(world);
		assert_string_equal(world_current(world, "linkage-app"), night == 0 ? "2.1.0" : "2.3.0");
		world_does(world, JOB_CONFIRM);
	}
}

static void spoil_payload(struct world *world, const char *package)
{
	char command[1024];

	(void)snprintf(command, sizeof(command),
		"for f in %s/publisher/repository/targets/%s/*.tar.zst; do printf X | dd of=$f bs=1 seek=40 "
		"conv=notrunc 2>/dev/null; done",
		world->folder.path, package);
	assert_int_equal(system(command), 0);
}

TEST_CASE(test_refuses_a_damaged_payload_and_brings_the_others)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	publish_all(world, "1.0.0");
	spoil_payload(world, "face-library");
	assert_int_equal(world_run(world, JOB_NIGHT, &result, &err), -1);
	assert_error(&err, ERROR_ALTERED, "face-library");
	assert_int_equal(result.staged, 3);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_REJECTED);
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "");
}

static void take_server_away(const struct world *world)
{
	char command[1024];

	(void)snprintf(command, sizeof(command), "mv %s/publisher/repository %s/publisher/away", world->folder.path,
		world->folder.path);
	assert_int_equal(system(command), 0);
}

TEST_CASE(test_says_that_the_server_is_away_and_changes_nothing)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	publish_all(world, "1.0.0");
	take_server_away(world);
	assert_int_equal(world_run(world, JOB_NIGHT, &result, &err), -1);
	assert_false(result.contact);
	assert_int_equal(world_history(world, "check", NULL, "failed"), 1);
	assert_string_equal(world_current(world, "face-library"), "");
}

static int no_contact(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	(void)transport;
	(void)sink;
	(void)sink_context;
	*ret_reply = (struct transport_reply){0};
	return error_set(err, ERROR_NETWORK, "no contact with '%s'", request->url);
}

/* A night that failed while the clock was years ahead: its pause must not outlive the wrong clock. */
TEST_CASE(test_a_pause_from_a_wrong_clock_does_not_keep_the_terminal_from_its_nights)
{
	struct transport transport = {.ask = no_contact};
	int64_t year_s = 365 * INT64_C(86400);
	struct world *world = *state;
	struct agenda agenda;
	struct error err = {0};

	publish_all(world, "1.0.0");
	world->env.transport = &transport;
	world->now_s += 12 * year_s;
	assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
	world->now_s -= 12 * year_s;
	assert_ok(agenda_next(&world->terminal, &agenda, &err), &err);
	assert_int_equal(agenda.kind, JOB_NIGHT);
	assert_in_range(agenda.due_s, 1, world->now_s + 2 * 86400);
}

TESTS(world_setup, world_teardown)
