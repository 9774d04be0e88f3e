/* Cuts and failures at each single change on disk that the guard makes, for several things it may have to do. */
#include "tests/support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rollback/versions.h"
#include "tests/rollback/machine.h"

#define OLD FOLDER_OF("5.0.2")
#define NEW FOLDER_OF("5.1.0")
#define PACKAGES 4
#define MOST_CHANGES 1000

static const char *const packages[PACKAGES] = {"distro-app", "face-library", "linkage-app", "reader-app/acme"};

/* One package of a scenario: all run OLD and have NEW staged, or on trial. */
struct plan_for {
	int group;
	int self_test_status; /* of NEW */
	enum plan_state state;
	int starts;
	bool first_install;
	bool migrates; /* NEW brings a migration of its data */
	int migrate_status;
};

struct scenario {
	const char *name;
	struct plan_for packages[PACKAGES];
};

static const struct scenario scenarios[] = {
	{"four staged, two of them a group, one with a failing self-test",
		{{0}, {.group = 1}, {.self_test_status = 1}, {.group = 1}}},
	{"four staged, one of a group with a failing self-test",
		{{0}, {.group = 1}, {0}, {.group = 1, .self_test_status = 1}}},
	{"a first install, one on trial for too long, two staged",
		{{.first_install = true}, {.state = PLAN_TRIAL, .starts = 3}, {.group = 2}, {.group = 2}}},
	{"one of a group condemned by the agent, one staged with a failing self-test",
		{{.self_test_status = 2, .first_install = true}, {.group = 1, .state = PLAN_TRIAL, .starts = 1},
			{.state = PLAN_TRIAL, .starts = 1}, {.group = 1, .state = PLAN_CONDEMNED, .starts = 1}}},
	{"four staged that migrate their data, two of them a group, one with a failing self-test",
		{{.migrates = true}, {.group = 1, .migrates = true}, {.migrates = true, .self_test_status = 1},
			{.group = 1, .migrates = true}}},
	{"a first install that migrates, one whose migration fails with its group, one migrated and condemned",
		{{.first_install = true, .migrates = true}, {.group = 1, .migrates = true, .migrate_status = 1},
			{.group = 1, .migrates = true}, {.migrates = true, .state = PLAN_CONDEMNED, .starts = 1}}},
};

/* A package's data: what staff have set, and, once it is migrated, a mark of that. */
static void put_data(struct machine *machine, const char *package, const char *name, bool is_migrated)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "opt/%s/%s/settings/mode", package, name);
	folder_put(&machine->folder, path, "unattended", strlen("unattended"));
	(void)snprintf(path, sizeof(path), "opt/%s/%s/migrated", package, name);
	if (is_migrated)
		folder_put(&machine->folder, path, "", 0);
}

/* What a migration does to the folder that it is given. */
static void migrate(const struct process_request *request)
{
	static const char variable[] = "HAISHIN_DATA=";
	const char *const *given = request->environment;
	char path[512];
	FILE *file;

	while (strncmp(*given, variable, strlen(variable)) != 0)
		given++;
	(void)snprintf(path, sizeof(path), "%s/migrated", *given + strlen(variable));
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fclose(file);
}

static void put_package(struct machine *machine, const char *package, int priority, const struct plan_for *plan_for)
{
	struct plan_entry entry = {.priority = priority,
		.group = plan_for->group,
		.state = plan_for->state,
		.folder = NEW,
		.starts = plan_for->starts,
		.self_test = "check",
		.tested = plan_for->state != PLAN_STAGED};

	(void)strcpy(entry.package, package);
	if (plan_for->migrates)
		(void)strcpy(entry.migrate, plan_for->migrate_status ? "check fail" : "check migrate");
	entry.migrated = plan_for->migrates && plan_for->state != PLAN_STAGED;
	if (!plan_for->first_install)
		machine_put_release(machine, package, OLD, 0, true);
	machine_put_release(machine, package, NEW, plan_for->self_test_status, plan_for->state != PLAN_STAGED);
	if (plan_for->state != PLAN_STAGED)
		(void)strcpy(entry.former, OLD);
	put_data(machine, package, entry.migrated ? "data.before-" NEW : "data", false);
	if (entry.migrated)
		put_data(machine, package, "data", true);
	machine_stage(machine, &entry);
}

/* Stands in for the self-test that machine_put_release() wrote, as there are thousands to run: its status is the last
 * word of the script. test_guard.c runs real ones. */
static int run_script(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	AUTO(buf) struct buf script = BUF_INIT(1000);
	struct fs fs;

	(void)processes;
	if (request->argv[1]) { /* not a self-test */
		*ret_result = (struct process_result){.exit_status = strcmp(request->argv[1], "fail") == 0};
		migrate(request);
		return 0;
	}
	fs_init(&fs);
	if (fs_read_file(&fs, -1, request->argv[0], &script, err) < 0)
		return -1;
	*ret_result = (struct process_result){.exit_status = atoi(strrchr(buf_text(&script), ' '))};
	return 0;
}

/* The machine just after the restart at which the scenario is due. */
static void begin(struct machine *machine, const struct scenario *scenario)
{
	machine_init(machine);
	machine->processes.run = run_script;
	for (int i = 0; i < PACKAGES; i++)
		put_package(machine, packages[i], i + 1, &scenario->packages[i]);
	machine_restart(machine);
}

/* What the machine looks like when all is done. */
struct outcome {
	char current[PACKAGES][VERSIONS_FOLDER_SIZE];
	bool on_trial[PACKAGES];
	int told_activated[PACKAGES];
	int told_taken_back[PACKAGES];
};

static void look(struct machine *machine, struct outcome *ret_outcome)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	machine_plan(machine, plan);
	for (int i = 0; i < PACKAGES; i++) {
		struct plan_entry *entry = plan_find(plan, packages[i]);

		machine_current(machine, packages[i], ret_outcome->current[i]);
		ret_outcome->on_trial[i] = entry && entry->state == PLAN_TRIAL;
		ret_outcome->told_activated[i] = machine_told(machine, JOURNAL_ACTIVATED, packages[i]);
		ret_outcome->told_taken_back[i] = machine_told(machine, JOURNAL_ROLLED_BACK, packages[i]);
	}
}

/* What must hold at any instant; NULL, or what does not. */
static const char *broken_rule(struct machine *machine, const struct scenario *scenario)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct error err = {0};
	struct fs fs;

	fs_init(&fs);
	if (plan_read(&fs, machine->options.boot_dir_fd, plan, &err) < 0)
		return "the plan cannot be read";
	for (int i = 0; i < PACKAGES; i++) {
		char current[VERSIONS_FOLDER_SIZE], link[128];
		bool is_old, is_new;

		machine_current(machine, packages[i], current);
		(void)snprintf(link, sizeof(link), "opt/%s/current", packages[i]);
		if (!*current && fs_exists(&fs, machine->folder.fd, link))
			return "a current link leads to no release";
		is_old = strcmp(current, scenario->packages[i].first_install ? "" : OLD) == 0;
		is_new = strcmp(current, NEW) == 0;
		if (!is_old && !is_new)
			return "a package is neither old nor new";
		if (!plan_find(plan, packages[i]) && !machine_told(machine, JOURNAL_ROLLED_BACK, packages[i]) &&
			!machine_told(machine, JOURNAL_DROPPED, packages[i]) &&
			!machine_told(machine, JOURNAL_PUT_BACK, packages[i]))
			return "an entry is lost";
		if (is_new && !plan_find(plan, packages[i]))
			return "a release stays current without having been confirmed";
	}
	return NULL;
}

static bool has_data(struct machine *machine, const char *package, const char *name)
{
	struct fs fs;
	char path[256];

	fs_init(&fs);
	(void)snprintf(path, sizeof(path), "opt/%s/data/%s", package, name);
	return fs_exists(&fs, machine->folder.fd, path);
}

/* What must hold whenever applications may start: what staff have set is there, in the form that the current release
 * knows. */
static const char *broken_data(struct machine *machine, const struct scenario *scenario)
{
	for (int i = 0; i < PACKAGES; i++) {
		bool is_new = machine_runs(machine, packages[i], NEW);

		if (!has_data(machine, packages[i], "settings/mode"))
			return "what staff have set is lost";
		if (has_data(machine, packages[i], "migrated") != (is_new && scenario->packages[i].migrates))
			return is_new ? "data is not migrated" : "data is migrated for a release that is not current";
	}
	return NULL;
}

/* Packages of one group are both old or both new. */
static const char *broken_group(struct machine *machine, const struct scenario *scenario)
{
	for (int i = 0; i < PACKAGES; i++)
		for (int j = i + 1; j < PACKAGES; j++)
			if (scenario->packages[i].group &&
				scenario->packages[i].group == scenario->packages[j].group &&
				machine_runs(machine, packages[i], NEW) != machine_runs(machine, packages[j], NEW))
				return "a group is half updated";
	return NULL;
}

static void expect(const char *problem, const struct scenario *scenario, const char *when, uint64_t number)
{
	if (problem)
		fail_msg("%s: %s at change %llu: %s", scenario->name, when, (unsigned long long)number, problem);
}

/* Runs the guard in a process that ends at change NUMBER. True if there was such a change. */
static bool boot_and_cut(struct machine *machine, uint64_t number)
{
	struct guard_result result;
	struct error err = {0};
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		machine->act_at = number;
		machine->fail_with = 0;
		_exit(guard_boot(&machine->env, &machine->options, &result, &err) < 0 ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 42 || WEXITSTATUS(status) == 0));
	return WEXITSTATUS(status) == 42;
}

static void assert_same_outcome(
	const struct outcome *uncut, const struct outcome *cut, const struct scenario *scenario, uint64_t number)
{
	for (int i = 0; i < PACKAGES; i++)
		if (strcmp(uncut->current[i], cut->current[i]) != 0 || uncut->on_trial[i] != cut->on_trial[i] ||
			uncut->told_activated[i] != cut->told_activated[i] ||
			uncut->told_taken_back[i] != cut->told_taken_back[i])
			fail_msg("%s: cut at change %llu: %s ends as %s, trial %d, told %d and %d; uncut %s, %d, %d, "
				 "%d",
				scenario->name, (unsigned long long)number, packages[i], cut->current[i],
				cut->on_trial[i], cut->told_activated[i], cut->told_taken_back[i], uncut->current[i],
				uncut->on_trial[i], uncut->told_activated[i], uncut->told_taken_back[i]);
}

/* Cuts at each change in turn, starts again, as the same boot or another, and expects the same end; number of cuts.
 */
static uint64_t cut_everywhere(const struct scenario *scenario, bool restarts)
{
	struct machine machine;
	struct outcome uncut, cut;
	uint64_t number = 1;

	begin(&machine, scenario);
	(void)machine_boot(&machine);
	look(&machine, &uncut);
	machine_clear(&machine);
	for (bool fired = true; fired && number < MOST_CHANGES; number++) {
		begin(&machine, scenario);
		fired = boot_and_cut(&machine, number);
		expect(broken_rule(&machine, scenario), scenario, "cut", number);
		if (restarts)
			machine_restart(&machine);
		(void)machine_boot(&machine);
		expect(broken_rule(&machine, scenario), scenario, "after a cut", number);
		expect(broken_group(&machine, scenario), scenario, "after a cut", number);
		expect(broken_data(&machine, scenario), scenario, "after a cut", number);
		look(&machine, &cut);
		if (fired || !restarts)
			assert_same_outcome(&uncut, &cut, scenario, number);
		machine_clear(&machine);
	}
	return number - 2;
}

static void test_a_cut_anywhere_ends_as_if_there_had_been_none(void **state)
{
	uint64_t cuts = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		cuts += cut_everywhere(&scenarios[i], false) + cut_everywhere(&scenarios[i], true);
	print_message("%llu cuts, none bad\n", (unsigned long long)cuts);
	assert_true(cuts >= 200);
}

/* At every STEP-th change, then at every SECOND_STEP-th of the repair: all pairs are too many. */
static void cut_twice(const struct scenario *scenario, uint64_t step, uint64_t second_step)
{
	struct machine machine;
	bool fired = true;

	for (uint64_t number = 1; fired && number < MOST_CHANGES; number += step) {
		bool again = true;

		for (uint64_t second = 1; again && second < MOST_CHANGES; second += second_step) {
			begin(&machine, scenario);
			fired = boot_and_cut(&machine, number);
			machine_restart(&machine);
			again = boot_and_cut(&machine, second);
			expect(broken_rule(&machine, scenario), scenario, "cut twice", number);
			machine_restart(&machine);
			(void)machine_boot(&machine);
			expect(broken_rule(&machine, scenario), scenario, "after two cuts", number);
			expect(broken_group(&machine, scenario), scenario, "after two cuts", number);
			expect(broken_data(&machine, scenario), scenario, "after two cuts", number);
			machine_clear(&machine);
		}
	}
}

static void test_a_second_cut_during_the_repair_does_no_harm_either(void **state)
{
	(void)state;
	cut_twice(&scenarios[1], 3, 5);
	cut_twice(&scenarios[4], 7, 13);
}

/* One at a restart: what comes before a group only now waits until the group that was begun is whole. */
static void test_a_group_that_was_begun_is_finished_before_anything_else(void **state)
{
	static const struct scenario scenario = {"a group of two", {{0}, {0}, {.group = 1}, {.group = 1}}};
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	(void)state;
	for (uint64_t number = 1, fired = 1; fired && number < MOST_CHANGES; number++) {
		struct machine machine;

		machine_init(&machine);
		machine.processes.run = run_script;
		for (int i = 2; i < PACKAGES; i++)
			put_package(&machine, packages[i], i + 1, &scenario.packages[i]);
		machine_plan(&machine, plan);
		plan->per_restart = 1;
		machine_set_plan(&machine, plan);
		machine_restart(&machine);
		fired = boot_and_cut(&machine, number);
		put_package(&machine, packages[0], 1, &scenario.packages[0]);
		machine_restart(&machine);
		(void)machine_boot(&machine);
		expect(broken_group(&machine, &scenario), &scenario, "cut before another was staged", number);
		machine_clear(&machine);
	}
}

/* Every change from NUMBER on, or that one alone, fails. True if there was such a change. */
static bool boot_and_fail(struct machine *machine, uint64_t number, int fail_with, bool fails_on)
{
	struct guard_result result;
	struct error err = {0};

	machine->fs.changes = 0;
	machine->act_at = number;
	machine->fail_with = fail_with;
	machine->fails_on = fails_on;
	(void)!guard_boot(&machine->env, &machine->options, &result, &err);
	machine->act_at = 0;
	return machine->fired;
}

/* What a cut left is being finished, and the disk fails for a moment: applications start after that all the same. */
static void cut_then_fail(const struct scenario *scenario, uint64_t step, uint64_t second_step)
{
	struct machine machine;
	bool was_cut = true;

	for (uint64_t number = 1; was_cut && number < MOST_CHANGES; number += step) {
		bool failed = true;

		for (uint64_t second = 1; failed && second < MOST_CHANGES; second += second_step) {
			begin(&machine, scenario);
			was_cut = boot_and_cut(&machine, number);
			machine_restart(&machine);
			failed = boot_and_fail(&machine, second, EIO, false);
			expect(broken_rule(&machine, scenario), scenario, "cut, then failed", number);
			expect(broken_group(&machine, scenario), scenario, "cut, then failed", number);
			expect(broken_data(&machine, scenario), scenario, "cut, then failed", number);
			machine_clear(&machine);
		}
	}
}

static void test_a_change_that_fails_during_the_repair_leaves_no_group_half_updated(void **state)
{
	(void)state;
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
	expect(broken_rule(machine, scenario), scenario, "after a failure", number);
	expect(broken_group(machine, scenario), scenario, "after a failure", number);
	expect(broken_data(machine, scenario), scenario, "after a failure", number);
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
		begin(&machine, scenario);
		fired = boot_and_fail(&machine, number, fail_with, fails_on);
		expect(broken_rule(&machine, scenario), scenario, "failed", number);
		if (!fails_on)
			expect(broken_group(&machine, scenario), scenario, "failed", number);
		check_recovery(&machine, scenario, number);
		machine_clear(&machine);
	}
}

static void test_a_change_that_fails_loses_nothing(void **state)
{
	static const int failures[] = {ENOSPC, EIO, EROFS};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		for (size_t j = 0; j < ARRAY_SIZE(failures); j++)
			fail_everywhere(&scenarios[i], failures[j], false);
}

static void test_a_disk_that_fails_from_some_change_on_loses_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		fail_everywhere(&scenarios[i], EIO, true);
}

static void test_a_read_only_or_full_disk_leaves_the_former_releases_current(void **state)
{
	static const int failures[] = {EROFS, ENOSPC};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		struct machine machine;

		begin(&machine, &scenarios[0]);
		(void)boot_and_fail(&machine, 1, failures[i], true);
		for (int j = 0; j < PACKAGES; j++)
			assert_true(machine_runs(&machine, packages[j], OLD));
		machine_clear(&machine);
	}
}

/* Four sound releases: whatever fails for a moment, none is called bad. */
static void test_a_failing_disk_is_held_against_no_release(void **state)
{
	static const struct scenario sound = {"four staged, two of them a group, two that migrate their data",
		{{.migrates = true}, {.group = 1}, {0}, {.group = 1, .migrates = true}}};
	static const int failures[] = {ENOSPC, EIO, EROFS};
	struct machine machine;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
		for (uint64_t number = 1, fired = 1; fired && number < MOST_CHANGES; number++) {
			begin(&machine, &sound);
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

static void test_every_name_is_durable_before_the_next_change(void **state)
{
	struct machine machine;
	bool is_waiting = false;

	(void)state;
	begin(&machine, &scenarios[1]);
	machine.fs.before_change = sync_follows_rename;
	machine.fs.context = &is_waiting;
	(void)machine_boot(&machine);
	assert_false(is_waiting);
	machine_clear(&machine);
}

/* The rules above can be broken, and are then found broken. */
static void test_the_rules_find_what_is_broken(void **state)
{
	const struct scenario *scenario = &scenarios[0];
	struct machine machine;
	struct error err = {0};
	struct fs fs;

	(void)state;
	fs_init(&fs);
	begin(&machine, scenario);
	assert_null(broken_rule(&machine, scenario));
	assert_null(broken_data(&machine, scenario));
	put_data(&machine, "face-library", "data", true);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_cut_anywhere_ends_as_if_there_had_been_none),
		cmocka_unit_test(test_a_second_cut_during_the_repair_does_no_harm_either),
		cmocka_unit_test(test_a_group_that_was_begun_is_finished_before_anything_else),
		cmocka_unit_test(test_a_change_that_fails_loses_nothing),
		cmocka_unit_test(test_a_change_that_fails_during_the_repair_leaves_no_group_half_updated),
		cmocka_unit_test(test_a_disk_that_fails_from_some_change_on_loses_nothing),
		cmocka_unit_test(test_a_failing_disk_is_held_against_no_release),
		cmocka_unit_test(test_a_read_only_or_full_disk_leaves_the_former_releases_current),
		cmocka_unit_test(test_every_name_is_durable_before_the_next_change),
		cmocka_unit_test(test_the_rules_find_what_is_broken),
	};

	/* An ended process leaves all that it wrote, on any disk; memory is the quickest. */
	if (access("/dev/shm", W_OK) == 0)
		(void)setenv("TMPDIR", "/dev/shm", 0);
	return cmocka_run_group_tests_name("guard cut", tests, NULL, NULL);
}
