/* Cuts at each single change on disk that the guard makes, for several things it may have to do. */
#include <stdlib.h>

#include "tests/rollback/scenarios.h"

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

	scenario_begin(&machine, scenario);
	(void)machine_boot(&machine);
	look(&machine, &uncut);
	machine_clear(&machine);
	for (bool fired = true; fired && number < MOST_CHANGES; number++) {
		scenario_begin(&machine, scenario);
		fired = boot_and_cut(&machine, number);
		expect(broken_rule(&machine, scenario), scenario, "cut", number);
		if (restarts)
			machine_restart(&machine);
		(void)machine_boot(&machine);
		expect_sound(&machine, scenario, "after a cut", number);
		look(&machine, &cut);
		if (fired || !restarts)
			assert_same_outcome(&uncut, &cut, scenario, number);
		machine_clear(&machine);
	}
	return number - 2;
}

TEST_CASE(test_a_cut_anywhere_ends_as_if_there_had_been_none)
{
	uint64_t cuts = 0;

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
			scenario_begin(&machine, scenario);
			fired = boot_and_cut(&machine, number);
			machine_restart(&machine);
			again = boot_and_cut(&machine, second);
			expect(broken_rule(&machine, scenario), scenario, "cut twice", number);
			machine_restart(&machine);
			(void)machine_boot(&machine);
			expect_sound(&machine, scenario, "after two cuts", number);
			machine_clear(&machine);
		}
	}
}

TEST_CASE(test_a_second_cut_during_the_repair_does_no_harm_either)
{
	cut_twice(&scenarios[1], 3, 5);
	cut_twice(&scenarios[4], 7, 13);
}

/* One at a restart: what comes before a group only now waits until the group that was begun is whole. */
TEST_CASE(test_a_group_that_was_begun_is_finished_before_anything_else)
{
	static const struct scenario scenario = {"a group of two", {{0}, {0}, {.group = 1}, {.group = 1}}};
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	for (uint64_t number = 1, fired = 1; fired && number < MOST_CHANGES; number++) {
		struct machine machine;

		machine_init(&machine);
		machine.processes.run = scenario_run_script;
		for (int i = 2; i < PACKAGES; i++)
			scenario_put_package(&machine, packages[i], i + 1, &scenario.packages[i]);
		machine_plan(&machine, plan);
		plan->per_restart = 1;
		machine_set_plan(&machine, plan);
		machine_restart(&machine);
		fired = boot_and_cut(&machine, number);
		scenario_put_package(&machine, packages[0], 1, &scenario.packages[0]);
		machine_restart(&machine);
		(void)machine_boot(&machine);
		expect(broken_group(&machine, &scenario), &scenario, "cut before another was staged", number);
		machine_clear(&machine);
	}
}

TESTS_WITHIN(scenarios_in_memory, NULL, NULL, NULL)
