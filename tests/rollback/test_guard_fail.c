/* Failures at each single change on disk that the guard makes, for several things it may have to do. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rollback/scenarios.h"

/* What a cut left is being finished, and the disk fails for a moment: applications start after that all the same. */
static void cut_then_fail(const struct scenario *scenario, uint64_t step, uint64_t second_step)
{
	struct machine machine;
	bool was_cut = true;

	for (uint64_t number = 1; was_cut && number < MOST_CHANGES; number += step) {
		bool failed = true;

		for (uint64_t second = 1; failed && second < MOST_CHANGES; second += second_step) {
			scenario_begin(&machine, scenario);
			was_cut = boot_and_cut(&machine, number);
			machine_restart(&machine);
			failed = boot_and_fail(&machine, second, EIO, false);
			expect_sound(&machine, scenario, "cut, then failed", number);
			machine_clear(&machine);
		}
	}
}

TEST_CASE(test_a_change_that_fails_during_the_repair_leaves_no_group_half_updated)
{
	cut_then_fail(&scenarios[0], 1, 1);
	cut_then_fail(&scenarios[4], 3, 5);
}

/* Nothing that works is lost, and once the disk works again the guard comes to an end with everything. */
static void check_recovery(struct machine *machine, const struct scenario *scenario, uint64_t number)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	for (int boot = 0; boot < 2; boot++) {
		machine_restart(machine);
		(void)machine_boot(machine);
	}
	expect_sound(machine, scenario, "after a failure", number);
	machine_plan(machine, plan);
	for (int i = 0; i < plan->count; i++) {
		assert_int_equal(plan->entries[i].state, PLAN_TRIAL);
		assert_int_equal(plan->entries[i].line, 0);
		if (scenario->packages[plan->entries[i].priority - 1].state == PLAN_STAGED)
			assert_true(machine_told(machine, JOURNAL_ACTIVATED, plan->entries[i].package) > 0);
	}
}

static void fail_everywhere(const struct scenario *scenario, int fail_with, bool fails_on)
{
	struct machine machine;

	for (uint64_t number = 1, fired = 1; fired && number < MOST_CHANGES; number++) {
		scenario_begin(&machine, scenario);
		fired = boot_and_fail(&machine, number, fail_with, fails_on);
		expect(broken_rule(&machine, scenario), scenario, "failed", number);
		if (!fails_on)
			expect(broken_group(&machine, scenario), scenario, "failed", number);
		check_recovery(&machine, scenario, number);
		machine_clear(&machine);
	}
}

TEST_CASE(test_a_change_that_fails_loses_nothing)
{
	static const int failures[] = {ENOSPC, EIO, EROFS};

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		for (size_t j = 0; j < ARRAY_SIZE(failures); j++)
			fail_everywhere(&scenarios[i], failures[j], false);
}

TEST_CASE(test_a_disk_that_fails_from_some_change_on_loses_nothing)
{
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		fail_everywhere(&scenarios[i], EIO, true);
}

TEST_CASE(test_a_read_only_or_full_disk_leaves_the_former_releases_current)
{
	static const int failures[] = {EROFS, ENOSPC};

	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		struct machine machine;

		scenario_begin(&machine, &scenarios[0]);
		(void)boot_and_fail(&machine, 1, failures[i], true);
		for (int j = 0; j < PACKAGES; j++)
			assert_true(machine_runs(&machine, packages[j], OLD));
		machine_clear(&machine);
	}
}

/* Four sound releases: whatever fails for a moment, none is called bad. */
TEST_CASE(test_a_failing_disk_is_held_against_no_release)
{
	static const struct scenario sound = {"four staged, two of them a group, two that migrate their data",
		{{.migrates = true}, {.group = 1}, {0}, {.group = 1, .migrates = true}}};
	static const int failures[] = {ENOSPC, EIO, EROFS};
	struct machine machine;

	for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
		for (uint64_t number = 1, fired = 1; fired && number < MOST_CHANGES; number++) {
			scenario_begin(&machine, &sound);
			fired = boot_and_fail(&machine, number, failures[i], false);
			expect(broken_group(&machine, &sound), &sound, "failed", number);
			machine_restart(&machine);
			(void)machine_boot(&machine);
			for (int j = 0; j < PACKAGES; j++)
				if (!machine_runs(&machine, packages[j], NEW) &&
					!machine_told(&machine, JOURNAL_DROPPED, packages[j]) &&
					!machine_told(&machine, JOURNAL_PUT_BACK, packages[j]))
					fail_msg("%s fails at change %llu: %s stays old",
						strerrorname_np(failures[i]), (unsigned long long)number,
						packages[j]);
			assert_int_equal(machine_told(&machine, JOURNAL_ROLLED_BACK, NULL), 0);
			machine_clear(&machine);
		}
}

/* The first of the two links of an activation is the one name that waits for the sync behind the second. */
static int sync_follows_rename(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	bool *is_waiting = fs->context;

	(void)number;
	if (*is_waiting)
		assert_int_equal(change, FS_SYNC);
	*is_waiting = change == FS_RENAME && strcmp(path, "previous") != 0;
	return 0;
}

TEST_CASE(test_every_name_is_durable_before_the_next_change)
{
	struct machine machine;
	bool is_waiting = false;

	scenario_begin(&machine, &scenarios[1]);
	machine.fs.before_change = sync_follows_rename;
	machine.fs.context = &is_waiting;
	(void)machine_boot(&machine);
	assert_false(is_waiting);
	machine_clear(&machine);
}

/* The rules above can be broken, and are then found broken. */
TEST_CASE(test_the_rules_find_what_is_broken)
{
	const struct scenario *scenario = &scenarios[0];
	struct machine machine;
	struct error err = {0};
	struct fs fs;

	fs_init(&fs);
	scenario_begin(&machine, scenario);
	assert_null(broken_rule(&machine, scenario));
	assert_null(broken_data(&machine, scenario));
	scenario_put_data(&machine, "face-library", "data", true);
	assert_string_equal(broken_data(&machine, scenario), "data is migrated for a release that is not current");
	assert_ok(fs_remove_tree(&fs, machine.folder.fd, "opt/face-library/data", &err), &err);
	assert_string_equal(broken_data(&machine, scenario), "what staff have set is lost");
	machine_put_release(&machine, "face-library", NEW, 0, true);
	assert_string_equal(broken_group(&machine, scenario), "a group is half updated");
	assert_ok(fs_remove_tree(&fs, machine.folder.fd, "opt/face-library/versions/" NEW, &err), &err);
	assert_string_equal(broken_rule(&machine, scenario), "a current link leads to no release");
	assert_ok(fs_remove(&fs, machine.folder.fd, "opt/face-library/current", &err), &err);
	assert_string_equal(broken_rule(&machine, scenario), "a package is neither old nor new");
	machine_put_release(&machine, "face-library", OLD, 0, true);
	assert_ok(fs_remove(&fs, machine.folder.fd, "boot/plan", &err), &err);
	assert_string_equal(broken_rule(&machine, scenario), "an entry is lost");
	folder_put(&machine.folder, "boot/plan", "", 0);
	assert_string_equal(broken_rule(&machine, scenario), "the plan cannot be read");
	machine_clear(&machine);
}

TESTS_WITHIN(scenarios_in_memory, NULL, NULL, NULL)
