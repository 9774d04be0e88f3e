/* A machine below a fresh folder: packages, the guard's folder, a clock and a boot identity that a test moves. */
#ifndef TESTS_ROLLBACK_MACHINE_H
#define TESTS_ROLLBACK_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/env.h"
#include "rollback/guard.h"
#include "rollback/journal.h"
#include "rollback/plan.h"
#include "tests/support/folder.h"

struct machine {
	struct folder folder; /* opt/ and boot/ */
	struct fs fs;
	struct clock clock;
	struct processes processes;
	struct env env;
	struct guard_options options;
	char packages_path[FOLDER_PATH_SIZE + 8];
	char boot_id[BOOT_ID_SIZE];
	int boots;
	uint64_t act_at; /* at this change on disk ... */
	int fail_with;	 /* ... fail with this errno value, or, where it is 0, end the process */
	bool fails_on;	 /* and at each change after it */
	bool fired;
};

/* A name for a release of VERSION: "VERSION-00c0ffee". */
#define FOLDER_OF(version) version "-00c0ffee"

void machine_init(struct machine *machine);
void machine_clear(struct machine *machine);
/* The machine starts anew: another boot identity. */
void machine_restart(struct machine *machine);

/* Puts a release on the disk, with a self-test "check" that ends with SELF_TEST_STATUS; makes it current where
 * IS_CURRENT. */
void machine_put_release(
	struct machine *machine, const char *package, const char *folder, int self_test_status, bool is_current);
/* Adds an entry to the plan, as staging does. */
void machine_stage(struct machine *machine, const struct plan_entry *entry);

/* Runs guard_boot and expects success. */
struct guard_result machine_boot(struct machine *machine);

/* What the disk and the guard's files say. */
void machine_current(struct machine *machine, const char *package, char ret_folder[static VERSIONS_FOLDER_SIZE]);
bool machine_runs(struct machine *machine, const char *package, const char *folder);
void machine_plan(struct machine *machine, struct plan *ret_plan);
void machine_set_plan(struct machine *machine, const struct plan *plan);
/* How many journal lines tell of EVENT; PACKAGE may be NULL. */
int machine_told(struct machine *machine, enum journal_event event, const char *package);

#endif
