#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rollback/versions.h"
#include "tests/rollback/machine.h"

#define OLD FOLDER_OF("5.0.2")
#define NEW FOLDER_OF("5.1.0")

static int set_up(void **state)
{
	static struct machine machine; /* one test at a time */

	machine_init(&machine);
	*state = &machine;
	return 0;
}

static int tear_down(void **state)
{
	machine_clear(*state);
	return 0;
}

/* PACKAGE runs OLD, and NEW is staged. */
static void stage_update(struct machine *machine, struct plan_entry entry)
{
	(void)strcpy(entry.folder, NEW);
	machine_put_release(machine, entry.package, OLD, 0, true);
	machine_put_release(machine, entry.package, NEW, 0, false);
	machine_stage(machine, &entry);
}

static struct plan_entry entry_of(struct machine *machine, const char *package)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct plan_entry *entry;

	assert_non_null(plan);
	machine_plan(machine, plan);
	entry = plan_find(plan, package);
	return entry ? *entry : (struct plan_entry){0};
}

static void set_state(struct machine *machine, const char *package, enum plan_state to, const char *reason)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct plan_entry *entry;

	assert_non_null(plan);
	machine_plan(machine, plan);
	entry = plan_find(plan, package);
	assert_non_null(entry);
	entry->state = to;
	(void)strcpy(entry->reason, reason);
	machine_set_plan(machine, plan);
}

TEST_CASE(test_activates_what_is_staged_at_the_next_restart)
{
	struct machine *machine = *state;
	struct guard_result result;
	struct plan_entry entry;

	stage_update(machine, (struct plan_entry){.package = "face-library", .self_test = "check"});
	machine_restart(machine);
	result = machine_boot(machine);
	assert_int_equal(result.activated, 1);
	assert_int_equal(result.on_trial, 1);
	assert_true(machine_runs(machine, "face-library", NEW));
	entry = entry_of(machine, "face-library");
	assert_int_equal(entry.state, PLAN_TRIAL);
	assert_int_equal(entry.starts, 1);
	assert_true(entry.tested);
	assert_string_equal(entry.former, OLD);
	assert_int_equal(machine_told(machine, JOURNAL_ACTIVATED, "face-library"), 1);
}

TEST_CASE(test_activates_nothing_before_a_restart)
{
	struct machine *machine = *state;

	stage_update(machine, (struct plan_entry){.package = "face-library"});
	assert_int_equal(machine_boot(machine).activated, 0);
	assert_true(machine_runs(machine, "face-library", OLD));
	assert_int_equal(machine->fs.changes, 1); /* the lock is made once */
}

TEST_CASE(test_writes_nothing_when_nothing_is_to_be_done)
{
	struct machine *machine = *state;

	(void)machine_boot(machine); /* no plan at all */
	assert_int_equal(machine->fs.changes, 0);
	stage_update(machine, (struct plan_entry){.package = "face-library"});
	machine_restart(machine);
	(void)machine_boot(machine);
	assert_true(machine->fs.changes > 0);
	assert_int_equal(machine_boot(machine).on_trial, 1); /* the same boot again */
	assert_int_equal(machine->fs.changes, 0);
}

TEST_CASE(test_an_empty_plan_is_nothing_to_do)
{
	struct machine *machine = *state;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	stage_update(machine, (struct plan_entry){.package = "face-library"});
	(void)machine_boot(machine);
	machine_plan(machine, plan);
	plan_drop(plan, "face-library");
	machine_set_plan(machine, plan);
	machine_restart(machine);
	(void)machine_boot(machine);
	assert_int_equal(machine->fs.changes, 0);
}

TEST_CASE(test_takes_back_what_is_not_confirmed_within_its_starts)
{
	struct machine *machine = *state;

	stage_update(machine, (struct plan_entry){.package = "face-library", .starts_max = 3});
	for (int start = 1; start <= 3; start++) {
		machine_restart(machine);
		(void)machine_boot(machine);
		assert_true(machine_runs(machine, "face-library", NEW));
		(void)machine_boot(machine); /* counts once a boot */
		assert_int_equal(entry_of(machine, "face-library").starts, start);
	}
	machine_restart(machine);
	assert_int_equal(machine_boot(machine).rolled_back, 1);
	assert_true(machine_runs(machine, "face-library", OLD));
	assert_string_equal(entry_of(machine, "face-library").package, "");
	assert_int_equal(machine_told(machine, JOURNAL_ROLLED_BACK, "face-library"), 1);
}

TEST_CASE(test_takes_back_a_release_whose_self_test_fails_in_the_same_start)
{
	struct machine *machine = *state;
	struct guard_result result;

	stage_update(machine, (struct plan_entry){.package = "face-library", .self_test = "check --all"});
	machine_put_release(machine, "face-library", NEW, 9, false);
	machine_restart(machine);
	result = machine_boot(machine);
	assert_int_equal(result.activated, 1);
	assert_int_equal(result.rolled_back, 1);
	assert_int_equal(result.on_trial, 0);
	assert_true(machine_runs(machine, "face-library", OLD));
	assert_string_equal(entry_of(machine, "face-library").package, "");
}

TEST_CASE(test_the_last_words_of_a_self_test_are_the_reason)
{
	struct machine *machine = *state;
	AUTO(free) char *journal = NULL;

	stage_update(machine, (struct plan_entry){.package = "face-library", .self_test = "check"});
	machine_put_release(machine, "face-library", NEW, 9, false);
	machine_restart(machine);
	(void)machine_boot(machine);
	journal = folder_get(&machine->folder, "boot/journal", NULL);
	assert_non_null(strstr(journal, "the self-test ended with status 9: no reader found\t"));
}

/* Each package's self-test passes where it is in the network of this test. */
TEST_CASE(test_the_network_is_for_releases_that_ask_on_terminals_that_give_it)
{
	static const struct {
		const char *package;
		bool asks;
		bool is_activated;
	} rows[] = {{"face-library", true, true}, {"linkage-app", false, false}, {"reader-app/acme", true, false}};
	static const char script[] = "#!/bin/sh\ntest \"$(readlink /proc/self/ns/net)\" = \"$1\"\n";
	struct machine *machine = *state;
	char path[128], network[64] = "";

	assert_true(readlink("/proc/self/ns/net", network, sizeof(network) - 1) > 0);
	machine->options.network_packages = "linkage-app face-library";
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_entry entry = {.network = rows[i].asks};

		(void)strcpy(entry.package, rows[i].package);
		(void)snprintf(entry.self_test, sizeof(entry.self_test), "check %s", network);
		stage_update(machine, entry);
		(void)snprintf(path, sizeof(path), "opt/%s/versions/" NEW "/check", rows[i].package);
		folder_put(&machine->folder, path, script, strlen(script));
		assert_int_equal(fchmodat(machine->folder.fd, path, 0755, 0), 0);
	}
	machine_restart(machine);
	(void)machine_boot(machine);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(machine_runs(machine, rows[i].package, NEW), rows[i].is_activated);
}

TEST_CASE(test_a_self_test_knows_its_release_and_has_no_privileges)
{
	static const char script[] =
		"#!/bin/sh\necho $(id -u) $HAISHIN_PACKAGE $HAISHIN_VERSION ${PWD##*/}; exit 1\n";
	struct machine *machine = *state;
	AUTO(free) char *journal = NULL;
	char expected[128];

	stage_update(machine, (struct plan_entry){.package = "face-library", .self_test = "check"});
	folder_put(&machine->folder, "opt/face-library/versions/" NEW "/check", script, strlen(script));
	assert_int_equal(fchmodat(machine->folder.fd, "opt/face-library/versions/" NEW "/check", 0755, 0), 0);
	machine_restart(machine);
	(void)machine_boot(machine);
	journal = folder_get(&machine->folder, "boot/journal", NULL);
	(void)snprintf(
		expected, sizeof(expected), ": %u face-library 5.1.0 " NEW "\t", geteuid() ? geteuid() : 65534);
	assert_non_null(strstr(journal, expected));
}

TEST_CASE(test_takes_back_a_release_whose_self_test_does_not_end)
{
	static const char script[] = "#!/bin/sh\nexec sleep 1000\n";
	struct machine *machine = *state;
	struct plan_entry entry = {.package = "face-library", .self_test = "check", .self_test_timeout_s = 1};

	stage_update(machine, entry);
	folder_put(&machine->folder, "opt/face-library/versions/" NEW "/check", script, strlen(script));
	assert_int_equal(fchmodat(machine->folder.fd, "opt/face-library/versions/" NEW "/check", 0755, 0), 0);
	machine_restart(machine);
	assert_int_equal(machine_boot(machine).rolled_back, 1);
}

TEST_CASE(test_a_self_test_outside_the_release_is_not_run)
{
	static const char *const commands[] = {
		"/bin/true", "../../../../bin/true", "bin/../../check", " ", "check/.."};
	struct machine *machine = *state;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct plan_entry entry = {.package = "face-library"};

		(void)strcpy(entry.self_test, commands[i]);
		stage_update(machine, entry);
		machine_restart(machine);
		assert_int_equal(machine_boot(machine).rolled_back, 1);
	}
}

TEST_CASE(test_a_group_is_taken_back_together_when_one_self_test_fails)
{
	struct machine *machine = *state;
	struct guard_result result;

	stage_update(machine, (struct plan_entry){.package = "face-library", .group = 1, .self_test = "check"});
	stage_update(machine, (struct plan_entry){.package = "reader-app/acme", .group = 1, .self_test = "check"});
	stage_update(machine, (struct plan_entry){.package = "linkage-app", .self_test = "check"});
	machine_put_release(machine, "reader-app/acme", NEW, 1, false);
	machine_restart(machine);
	result = machine_boot(machine);
	assert_int_equal(result.rolled_back, 2);
	assert_int_equal(result.on_trial, 1);
	assert_true(machine_runs(machine, "face-library", OLD));
	assert_true(machine_runs(machine, "reader-app/acme", OLD));
	assert_true(machine_runs(machine, "linkage-app", NEW));
	assert_int_equal(machine_told(machine, JOURNAL_ROLLED_BACK, "face-library"), 1);
	assert_int_equal(machine_told(machine, JOURNAL_ROLLED_BACK, "reader-app/acme"), 1);
}

TEST_CASE(test_a_group_with_a_missing_folder_is_not_activated)
{
	struct machine *machine = *state;
	struct plan_entry gone = {.package = "linkage-app", .group = 1, .folder = NEW};

	stage_update(machine, (struct plan_entry){.package = "face-library", .group = 1});
	machine_put_release(machine, "linkage-app", OLD, 0, true);
	machine_stage(machine, &gone);
	machine_restart(machine);
	assert_int_equal(machine_boot(machine).activated, 0);
	assert_true(machine_runs(machine, "face-library", OLD));
	assert_true(machine_runs(machine, "linkage-app", OLD));
	assert_int_equal(machine_told(machine, JOURNAL_DROPPED, "face-library"), 1);
	assert_int_equal(machine_told(machine, JOURNAL_DROPPED, "linkage-app"), 1);
	assert_int_equal(machine_told(machine, JOURNAL_ROLLED_BACK, NULL), 0);
}

TEST_CASE(test_takes_a_condemned_release_back_at_the_next_restart_with_its_group)
{
	struct machine *machine = *state;

	stage_update(machine, (struct plan_entry){.package = "face-library", .group = 2});
	stage_update(machine, (struct plan_entry){.package = "linkage-app", .group = 2});
	machine_restart(machine);
	(void)machine_boot(machine);
	set_state(machine, "linkage-app", PLAN_CONDEMNED, "does not answer");
	assert_int_equal(machine_boot(machine).rolled_back, 0); /* applications run: not in this boot */
	assert_true(machine_runs(machine, "linkage-app", NEW));
	machine_restart(machine);
	assert_int_equal(machine_boot(machine).rolled_back, 2);
	assert_true(machine_runs(machine, "face-library", OLD));
	assert_true(machine_runs(machine, "linkage-app", OLD));
}

TEST_CASE(test_a_first_install_that_fails_leaves_no_current)
{
	struct machine *machine = *state;
	struct plan_entry entry = {.package = "face-library", .folder = NEW, .self_test = "check"};

	machine_put_release(machine, "face-library", NEW, 1, false);
	machine_stage(machine, &entry);
	machine_restart(machine);
	assert_int_equal(machine_boot(machine).rolled_back, 1);
	assert_true(machine_runs(machine, "face-library", ""));
	assert_false(fs_exists(&machine->fs, machine->folder.fd, "opt/face-library/current"));
}

TEST_CASE(test_keeps_a_failed_release_where_there_is_nothing_to_go_back_to)
{
	struct machine *machine = *state;
	struct error err = {0};

	stage_update(machine, (struct plan_entry){.package = "face-library"});
	machine_restart(machine);
	(void)machine_boot(machine);
	assert_ok(fs_remove_tree(&machine->fs, machine->folder.fd, "opt/face-library/versions/" OLD, &err), &err);
	set_state(machine, "face-library", PLAN_CONDEMNED, "does not answer");
	machine_restart(machine);
	assert_int_equal(machine_boot(machine).rolled_back, 0);
	assert_true(machine_runs(machine, "face-library", NEW));
	assert_int_equal(machine_told(machine, JOURNAL_KEPT, "face-library"), 1);
}

TEST_CASE(test_activates_as_many_at_one_restart_as_allowed_by_priority)
{
	struct machine *machine = *state;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	stage_update(machine, (struct plan_entry){.package = "linkage-app", .priority = 3});
	stage_update(machine, (struct plan_entry){.package = "face-library", .priority = 2, .group = 1});
	stage_update(machine, (struct plan_entry){.package = "reader-app/acme", .priority = 4, .group = 1});
	machine_plan(machine, plan);
	plan->per_restart = 1;
	machine_set_plan(machine, plan);
	machine_restart(machine);
	assert_int_equal(machine_boot(machine).activated, 2); /* a group counts as one */
	assert_true(machine_runs(machine, "face-library", NEW));
	assert_true(machine_runs(machine, "reader-app/acme", NEW));
	assert_true(machine_runs(machine, "linkage-app", OLD));
	machine_restart(machine);
	assert_int_equal(machine_boot(machine).activated, 1);
	assert_true(machine_runs(machine, "linkage-app", NEW));
}

TEST_CASE(test_what_is_current_already_counts_as_activated)
{
	struct machine *machine = *state;

	stage_update(machine, (struct plan_entry){.package = "face-library"});
	machine_put_release(machine, "face-library", NEW, 0, true);
	machine_restart(machine);
	assert_int_equal(machine_boot(machine).on_trial, 1);
	assert_string_equal(entry_of(machine, "face-library").former, OLD);
	assert_int_equal(machine_told(machine, JOURNAL_ACTIVATED, "face-library"), 1);
}

TEST_CASE(test_ends_a_trial_that_somebody_ended_by_hand)
{
	struct machine *machine = *state;

	stage_update(machine, (struct plan_entry){.package = "face-library"});
	machine_restart(machine);
	(void)machine_boot(machine);
	machine_put_release(machine, "face-library", OLD, 0, true);
	machine_restart(machine);
	assert_int_equal(machine_boot(machine).on_trial, 0);
	assert_true(machine_runs(machine, "face-library", OLD));
}

TEST_CASE(test_sets_a_damaged_plan_aside_and_says_so)
{
	struct machine *machine = *state;

	stage_update(machine, (struct plan_entry){.package = "face-library"});
	folder_put(&machine->folder, "boot/plan", "haishin-plan 1\nboot-", 20);
	machine_restart(machine);
	assert_int_equal(machine_boot(machine).activated, 0);
	assert_true(machine_runs(machine, "face-library", OLD));
	assert_int_equal(machine_told(machine, JOURNAL_PLAN_LOST, NULL), 1);
	assert_true(fs_exists(&machine->fs, machine->folder.fd, "boot/plan.damaged-1"));
	assert_false(fs_exists(&machine->fs, machine->folder.fd, "boot/plan"));
}

TEST_CASE(test_without_a_boot_identity_nothing_is_activated)
{
	struct machine *machine = *state;
	struct guard_result result;
	struct error err = {0};

	stage_update(machine, (struct plan_entry){.package = "face-library"});
	*machine->boot_id = '\0';
	assert_int_equal(guard_boot(&machine->env, &machine->options, &result, &err), -1);
	assert_error(&err, ERROR_FAILED, "no boot identity");
	assert_true(machine_runs(machine, "face-library", OLD));
}

TEST_CASE(test_a_failing_agent_is_taken_back_at_once_while_on_trial)
{
	struct machine *machine = *state;
	struct guard_result result;
	struct error err = {0};

	stage_update(machine, (struct plan_entry){.package = "distro-app"});
	machine_restart(machine);
	(void)machine_boot(machine);
	assert_ok(
		guard_take_back(&machine->env, &machine->options, "distro-app", "exit-code\n3", &result, &err), &err);
	assert_int_equal(result.rolled_back, 1);
	assert_true(machine_runs(machine, "distro-app", OLD));
	assert_int_equal(machine_told(machine, JOURNAL_ROLLED_BACK, "distro-app"), 1);
}

TEST_CASE(test_a_failing_agent_that_is_confirmed_or_only_staged_stays)
{
	struct machine *machine = *state;
	struct guard_result result;
	struct error err = {0};

	assert_ok(guard_take_back(&machine->env, &machine->options, "distro-app", "failed", &result, &err), &err);
	stage_update(machine, (struct plan_entry){.package = "distro-app"});
	assert_ok(guard_take_back(&machine->env, &machine->options, "distro-app", "failed", &result, &err), &err);
	assert_int_equal(result.rolled_back, 0);
	assert_true(machine_runs(machine, "distro-app", OLD));
	assert_int_equal(entry_of(machine, "distro-app").state, PLAN_STAGED);
}

TEST_CASE(test_data_is_touched_by_neither_update_nor_way_back)
{
	struct machine *machine = *state;
	AUTO(free) char *mode = NULL;

	stage_update(machine, (struct plan_entry){.package = "reader-app/acme", .self_test = "check"});
	machine_put_release(machine, "reader-app/acme", NEW, 1, false);
	folder_put(&machine->folder, "opt/reader-app/acme/data/mode", "unattended", 10);
	machine_restart(machine);
	assert_int_equal(machine_boot(machine).rolled_back, 1);
	mode = folder_get(&machine->folder, "opt/reader-app/acme/data/mode", NULL);
	assert_string_equal(mode, "unattended");
}

TESTS(set_up, tear_down)
