/* Machines just after a restart at which the guard has several things to do, and what must hold of them whatever happens. */
#ifndef TESTS_ROLLBACK_SCENARIOS_H
#define TESTS_ROLLBACK_SCENARIOS_H

#include "rollback/versions.h"
#include "tests/rollback/machine.h"
#include "tests/support/test.h"

#define OLD FOLDER_OF("5.0.2")
#define NEW FOLDER_OF("5.1.0")
#define PACKAGES 4
#define MOST_CHANGES 1000

extern const char *const packages[PACKAGES];

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

#define SCENARIOS 6
extern const struct scenario scenarios[SCENARIOS];

void scenario_begin(struct machine *machine, const struct scenario *scenario);
/* One package of it; and its data: what staff have set, and, once it is migrated, a mark of that. */
void scenario_put_package(
	struct machine *machine, const char *package, int priority, const struct plan_for *plan_for);
void scenario_put_data(struct machine *machine, const char *package, const char *name, bool is_migrated);
/* Stands in for the self-test that machine_put_release() wrote, as there are thousands to run: its status is the last
 * word of the script. test_guard.c runs real ones. */
int scenario_run_script(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err);

/* Runs the guard in a process that ends at change NUMBER. True if there was such a change. */
bool boot_and_cut(struct machine *machine, uint64_t number);
/* Every change from NUMBER on, or that one alone, fails. True if there was such a change. */
bool boot_and_fail(struct machine *machine, uint64_t number, int fail_with, bool fails_on);

/* NULL, or what does not hold: at any instant; whenever applications may start (what staff have set is there, in the form that the
 * current release knows); packages of one group are both old or both new. */
const char *broken_rule(struct machine *machine, const struct scenario *scenario);
const char *broken_data(struct machine *machine, const struct scenario *scenario);
const char *broken_group(struct machine *machine, const struct scenario *scenario);

void expect(const char *problem, const struct scenario *scenario, const char *when, uint64_t number);
/* All three hold. */
void expect_sound(struct machine *machine, const struct scenario *scenario, const char *when, uint64_t number);

/* For TESTS_WITHIN: an ended process leaves all that it wrote, on any disk; memory is the quickest. */
int scenarios_in_memory(void **state);

#endif
