/* A person sends a release back, and changes their mind. */
#include <stdlib.h>

#include "agent/resident/resident_job.h"
#include "agent/restart/condemn.h"
#include "agent/store/delivery.h"
#include "agent/store/quarantine.h"
#include "rollback/plan.h"
#include "tests/agent/asking.h"

#define FORMER "5.0.2-aaaaaaaa"
#define CURRENT "5.1.0-bbbbbbbb"

static void install_twice(struct agent_fixture *fixture)
{
	agent_fixture_install(fixture, "face-library", FORMER);
	agent_fixture_install(fixture, "face-library", CURRENT);
}

static void install_and_stage(struct agent_fixture *fixture)
{
	agent_fixture_install(fixture, "face-library", FORMER);
	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
}

/* As the plan has the package now; an empty one where it does not. */
static struct plan_entry planned(struct agent_fixture *fixture, const char *package)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	const struct plan_entry *entry;
	struct error err = {0};

	assert_ok(plan_read(&fixture->fs, fixture->terminal.boot_dir_fd, plan, &err), &err);
	entry = plan_find(plan, package);
	return entry ? *entry : (struct plan_entry){0};
}

static void put_on_trial(
	struct agent_fixture *fixture, const char *package, const char *folder, const char *former, int group)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct plan_entry entry = {.priority = 1, .group = group, .state = PLAN_TRIAL, .starts = 1};
	struct error err = {0};

	assert_ok(plan_read(&fixture->fs, fixture->terminal.boot_dir_fd, plan, &err), &err);
	(void)snprintf(entry.package, sizeof(entry.package), "%s", package);
	(void)snprintf(entry.folder, sizeof(entry.folder), "%s", folder);
	(void)snprintf(entry.former, sizeof(entry.former), "%s", former);
	assert_ok(plan_put(plan, &entry, &err), &err);
	assert_ok(plan_write(&fixture->fs, fixture->terminal.boot_dir_fd, plan, &err), &err);
}

static void drop_from_plan(struct agent_fixture *fixture, const char *package)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct error err = {0};

	assert_ok(plan_read(&fixture->fs, fixture->terminal.boot_dir_fd, plan, &err), &err);
	plan_drop(plan, package);
	assert_ok(plan_write(&fixture->fs, fixture->terminal.boot_dir_fd, plan, &err), &err);
}

static bool is_quarantined(struct agent_fixture *fixture)
{
	struct quarantine_row row;
	struct error err = {0};
	bool found;

	assert_ok(quarantine_find(fixture->terminal.store, "face-library", DIGEST_B, &row, &found, &err), &err);
	return found;
}

TEST_CASE(test_rollback_condemns_the_current_release)
{
	struct plan_entry entry;
	const json_t *answer;

	install_twice(*state);
	answer = asked(*state, "Rollback", FACE_LIBRARY);
	assert_string_equal(text_at(answer, "from"), "5.1.0");
	assert_string_equal(text_at(answer, "to"), "5.0.2");
	assert_true(flag_at(answer, "restart"));
	entry = planned(*state, "face-library");
	assert_int_equal(entry.state, PLAN_CONDEMNED);
	assert_string_equal(entry.folder, CURRENT);
	assert_string_equal(entry.former, FORMER);
	assert_non_null(strstr(entry.reason, "asked for it"));
	assert_int_equal(count_history(*state, "roll-back", "begun"), 1);
	answer = asked(*state, "GetStatus", NULL);
	assert_string_equal(text_at(answer, "verdict"), "restart");
	assert_string_equal(text_at(answer, "reason"), "condemned");
}

TEST_CASE(test_a_second_press_changes_nothing)
{
	const json_t *answer;

	install_twice(*state);
	(void)asked(*state, "Rollback", FACE_LIBRARY);
	answer = asked(*state, "Rollback", FACE_LIBRARY);
	assert_string_equal(text_at(answer, "from"), "5.1.0");
	assert_string_equal(text_at(answer, "to"), "5.0.2");
	assert_true(flag_at(answer, "restart"));
	assert_int_equal(count_history(*state, "roll-back", NULL), 1);
}

TEST_CASE(test_what_goes_back_by_itself_is_nobodys_wish)
{
	struct agent_fixture *fixture = *state;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct error err = {0};

	install_twice(fixture);
	assert_ok(condemn(&fixture->terminal, plan, "face-library", "the health check failed", &err), &err);
	assert_ok(plan_write(&fixture->fs, fixture->terminal.boot_dir_fd, plan, &err), &err);
	assert_true(flag_at(asked(fixture, "Rollback", FACE_LIBRARY), "restart"));
	(void)refused(fixture, "Release", FACE_LIBRARY, ERROR_NOT_FOUND, "somebody here asked for it");
}

TEST_CASE(test_release_takes_a_rollback_back_before_the_restart)
{
	install_twice(*state);
	(void)asked(*state, "Rollback", FACE_LIBRARY);
	assert_true(flag_at(asked(*state, "Release", FACE_LIBRARY), "stays"));
	assert_string_equal(planned(*state, "face-library").package, "");
	assert_int_equal(count_history(*state, "roll-back", "stopped"), 1);
	assert_true(flag_at(
		refused(*state, "Release", FACE_LIBRARY, ERROR_NOT_FOUND, "no release of face-library was taken back"),
		"no_wish"));
}

TEST_CASE(test_release_puts_back_on_trial_what_was_on_trial)
{
	struct agent_fixture *fixture = *state;
	struct delivery delivery;
	struct error err = {0};

	install_and_stage(fixture);
	assert_ok(delivery_plan(fixture->terminal.store, "face-library", "5.1.0", DIGEST_B, 0, &delivery, &err), &err);
	assert_ok(delivery_activated(fixture->terminal.store, &delivery, NULL, &err), &err);
	put_on_trial(fixture, "face-library", CURRENT, FORMER, 0);
	(void)asked(fixture, "Rollback", FACE_LIBRARY);
	assert_true(flag_at(asked(fixture, "Release", FACE_LIBRARY), "stays"));
	assert_int_equal(planned(fixture, "face-library").state, PLAN_TRIAL);
	assert_string_equal(planned(fixture, "face-library").reason, "");
}

TEST_CASE(test_release_ends_the_quarantine_of_what_a_person_took_out)
{
	install_and_stage(*state);
	(void)asked(*state, "Rollback", FACE_LIBRARY);
	assert_string_equal(text_at(asked(*state, "GetStatus", NULL), "packages.1.state"), "put-away");
	assert_false(flag_at(asked(*state, "Release", FACE_LIBRARY), "stays"));
	assert_false(is_quarantined(*state));
	assert_int_equal(count_history(*state, "quarantine-end", "done"), 1);
}

TEST_CASE(test_what_was_let_come_again_is_told_of_no_more_until_it_fails_by_itself)
{
	struct agent_fixture *fixture = *state;
	struct delivery delivery;
	struct error err = {0};

	install_and_stage(fixture);
	assert_ok(delivery_plan(fixture->terminal.store, "face-library", "5.1.0", DIGEST_B, 0, &delivery, &err), &err);
	assert_ok(delivery_activated(fixture->terminal.store, &delivery, NULL, &err), &err);
	put_on_trial(fixture, "face-library", CURRENT, FORMER, 0);
	(void)asked(fixture, "Rollback", FACE_LIBRARY);
	assert_ok(delivery_rolled_back(fixture->terminal.store, &delivery, "somebody asked for it", NULL, &err), &err);
	drop_from_plan(fixture, "face-library");
	assert_string_equal(text_at(asked(fixture, "GetStatus", NULL), "packages.1.state"), "put-away");
	(void)asked(fixture, "Release", FACE_LIBRARY);
	assert_string_not_equal(text_at(asked(fixture, "GetStatus", NULL), "packages.1.state"), "rolled-back");
	assert_string_not_equal(text_at(asked(fixture, "GetStatus", NULL), "verdict"), "needs-attention");
	assert_ok(quarantine_add(fixture->terminal.store, "face-library", "5.1.0", DIGEST_B, "not healthy", &err), &err);
	assert_string_equal(text_at(asked(fixture, "GetStatus", NULL), "packages.1.state"), "rolled-back");
}

TEST_CASE(test_rollback_begins_at_once_where_the_site_wants_that)
{
	struct agent_fixture *fixture = *state;
	const json_t *answer;

	fixture->config.rollback = CONFIG_ROLLBACK_NOW;
	install_twice(fixture);
	answer = asked(fixture, "Rollback", FACE_LIBRARY);
	assert_true(flag_at(answer, "begun"));
	assert_false(flag_at(answer, "restart"));
	assert_true(fixture->resident.job.running);
	assert_int_equal(fixture->resident.job.kind, JOB_CONFIRM);
}

TEST_CASE(test_rollback_names_and_records_what_goes_back_with_it)
{
	const json_t *answer;

	put_on_trial(*state, "face-library", CURRENT, FORMER, 3);
	put_on_trial(*state, "linkage-app", "2.0.0-dddddddd", "1.0.0-cccccccc", 3);
	put_on_trial(*state, "distro-app", "2.0.0-ffffffff", "1.0.0-eeeeeeee", 4);
	answer = asked(*state, "Rollback", FACE_LIBRARY);
	assert_int_equal(json_array_size(value_at(answer, "with")), 1);
	assert_string_equal(text_at(answer, "with.0.package"), "linkage-app");
	assert_string_equal(text_at(answer, "with.0.from"), "2.0.0");
	assert_string_equal(text_at(answer, "with.0.to"), "1.0.0");
	assert_int_equal(count_history(*state, "roll-back", "begun"), 2);
}

TEST_CASE(test_rollback_says_where_there_is_no_way_back)
{
	(void)refused(*state, "Rollback", FACE_LIBRARY, ERROR_NOT_FOUND, "no former release");
	agent_fixture_install(*state, "face-library", FORMER);
	(void)refused(*state, "Rollback", FACE_LIBRARY, ERROR_NOT_FOUND,
		"face-library has no former release on this terminal to go back to");
	assert_int_equal(count_history(*state, "roll-back", NULL), 0);
}

TEST_CASE(test_rollback_takes_back_what_waits_for_a_restart)
{
	struct agent_fixture *fixture = *state;
	struct delivery delivery;
	struct error err = {0};
	const json_t *answer;
	bool found;

	install_and_stage(fixture);
	answer = asked(fixture, "Rollback", FACE_LIBRARY);
	assert_string_equal(text_at(answer, "from"), "5.1.0");
	assert_false(flag_at(answer, "restart"));
	assert_string_equal(planned(fixture, "face-library").package, "");
	assert_ok(delivery_latest(fixture->terminal.store, "face-library", &delivery, &found, &err), &err);
	assert_int_equal(delivery.state, DELIVERY_FAILED);
	assert_true(is_quarantined(fixture));
}

TEST_CASE(test_rollback_is_refused_while_health_is_asked_for)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};

	assert_ok(resident_job_start(&fixture->resident, JOB_CONFIRM, &err), &err);
	(void)refused(fixture, "Rollback", FACE_LIBRARY, ERROR_BUSY, "job confirm is at work");
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
