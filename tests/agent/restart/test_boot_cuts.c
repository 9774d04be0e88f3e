/* Bringing disk, plan and store in line, cut short at every change on disk and every commit, and from random
 * beginnings. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "agent/store/delivery_rows.h"
#include "tests/agent/boot_fixture.h"
#include "tests/support/test.h"

#define CUT 42
#define LINKAGE "linkage-app" /* not among those that the terminal runs; the plan names it */

/* ---- One situation with work of every kind ---- */

static void begin(struct boot_fixture *fixture)
{
	struct fixture_release old, new, staged, trial;

	boot_fixture_init(fixture);
	old = boot_fixture_put_release(fixture, FACE, "5.0.2");
	new = boot_fixture_put_release(fixture, FACE, "5.1.0");
	boot_fixture_make_current(fixture, FACE, old.folder);
	(void)boot_fixture_deliver(fixture, FACE, &old, DELIVERY_CONFIRMED);
	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_STAGED);
	boot_fixture_tell(fixture, JOURNAL_ACTIVATED, FACE, new.folder, old.folder, "");
	boot_fixture_tell(fixture, JOURNAL_ROLLED_BACK, FACE, new.folder, old.folder, "self-test failed");
	boot_fixture_tell(fixture, JOURNAL_REPAIRED, FACE, "", "", "an interruption was cleaned up");
	staged = boot_fixture_release_of("5.2.0");
	(void)boot_fixture_deliver(fixture, LINKAGE, &staged, DELIVERY_STAGED);
	boot_fixture_plan(fixture, LINKAGE, PLAN_STAGED, staged.folder, ""); /* its folder is missing */
	trial = boot_fixture_put_release(fixture, READER, "2.0");
	boot_fixture_make_current(fixture, READER, trial.folder);
	(void)boot_fixture_deliver(fixture, READER, &trial, DELIVERY_ACTIVATED); /* the plan has lost it */
}

static void assert_end(struct boot_fixture *fixture)
{
	static const char *const once[] = {
		"operation = 'activate' AND boot_id = 'boot-0'",
		"operation = 'roll-back'",
		"operation = 'quarantine'",
		"detail = 'an interruption was cleaned up'",
		"operation = 'give-up' AND package = 'linkage-app'",
	};
	char sql[256];

	boot_fixture_assert_agrees(fixture);
	assert_int_equal(boot_fixture_planned(fixture, READER).state, PLAN_TRIAL);
	assert_string_equal(boot_fixture_planned(fixture, LINKAGE).package, "");
	for (size_t i = 0; i < ARRAY_SIZE(once); i++) {
		(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM history WHERE %s", once[i]);
		if (store_fixture_number(&fixture->base, sql) != 1)
			fail_msg("not once in the history: %s", once[i]);
	}
	assert_int_equal(boot_fixture_reconcile(fixture).repaired, 0);
}

/* In a child process with a store of its own; ends with CUT where BEFORE cut it short. */
static int reconcile_in_child(
	struct boot_fixture *fixture, void (*before)(struct boot_fixture *fixture, void *context), void *context)
{
	int status;
	pid_t pid;

	store_close(take_ptr(&fixture->base.store));
	if ((pid = fork()) == 0) {
		struct boot_result result;
		struct error err = {0};

		before(fixture, context);
		if (store_open(fixture->base.path, &fixture->base.clock, &fixture->base.store, &err) < 0)
			_exit(1);
		_exit(boot_reconcile(&fixture->env, fixture->base.store, &fixture->options, &result, &err) < 0 ? 2
													       : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	store_fixture_reopen(&fixture->base);
	return WEXITSTATUS(status);
}

/* ---- Cuts at changes on disk ---- */

static int cut_at_nth(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	(void)change;
	(void)path;
	if (number == *(uint64_t *)fs->context)
		_exit(CUT);
	return 0;
}

static void arm_cut(struct boot_fixture *fixture, void *context)
{
	fixture->base.fs.changes = 0;
	fixture->base.fs.context = context;
	fixture->base.fs.before_change = cut_at_nth;
}

TEST_CASE(test_a_cut_at_any_change_on_disk_loses_and_doubles_nothing)
{
	uint64_t nth = 1;
	int ended = CUT;

	for (; ended == CUT; nth++) {
		struct boot_fixture fixture;

		begin(&fixture);
		ended = reconcile_in_child(&fixture, arm_cut, &nth);
		assert_true(ended == CUT || ended == 0);
		(void)boot_fixture_reconcile(&fixture);
		assert_end(&fixture);
		boot_fixture_clear(&fixture);
	}
	assert_true(nth > 5);
}

/* ---- Failures of changes on disk ---- */

static int fail_at_nth(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	(void)change;
	(void)path;
	return number == *(uint64_t *)fs->context ? EIO : 0;
}

TEST_CASE(test_a_failure_of_any_change_on_disk_is_made_good_at_the_next_start)
{
	bool fired = true;

	for (uint64_t nth = 1; fired; nth++) {
		struct boot_fixture fixture;
		struct boot_result result;
		struct error err = {0};

		begin(&fixture);
		fixture.base.fs.changes = 0;
		fixture.base.fs.context = &nth;
		fixture.base.fs.before_change = fail_at_nth;
		if (boot_reconcile(&fixture.env, fixture.base.store, &fixture.options, &result, &err) < 0)
			assert_true(err.text[0] != '\0');
		fired = fixture.base.fs.changes >= nth;
		fixture.base.fs.before_change = NULL;
		(void)boot_fixture_reconcile(&fixture);
		assert_end(&fixture);
		boot_fixture_clear(&fixture);
	}
}

/* ---- Cuts at commits ---- */

static int commits_left;

static int count_commit(void *context)
{
	(void)context;
	if (--commits_left == 0)
		_exit(CUT);
	return 0;
}

static int hook_commits(sqlite3 *handle, const char **error, const struct sqlite3_api_routines *api)
{
	(void)error;
	(void)api;
	(void)sqlite3_commit_hook(handle, count_commit, NULL);
	return SQLITE_OK;
}

static void arm_commit(struct boot_fixture *fixture, void *context)
{
	(void)fixture;
	commits_left = *(int *)context;
	(void)sqlite3_auto_extension((void (*)(void))hook_commits);
}

TEST_CASE(test_a_cut_at_any_commit_loses_and_doubles_nothing)
{
	int nth = 1, ended = CUT;

	for (; ended == CUT; nth++) {
		struct boot_fixture fixture;

		begin(&fixture);
		ended = reconcile_in_child(&fixture, arm_commit, &nth);
		assert_true(ended == CUT || ended == 0);
		(void)boot_fixture_reconcile(&fixture);
		assert_end(&fixture);
		boot_fixture_clear(&fixture);
	}
	assert_int_equal(nth, 4); /* the journal, the comparison, and once without a cut */
}

/* ---- Random beginnings ---- */

static unsigned draw(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % below;
}

static const char *const versions_drawn[] = {"1.0", "2.0", "3.0"};

static void draw_package(struct boot_fixture *fixture, const char *package, unsigned *seed)
{
	struct fixture_release releases[ARRAY_SIZE(versions_drawn)];

	for (size_t i = 0; i < ARRAY_SIZE(releases); i++) {
		releases[i] = boot_fixture_release_of(versions_drawn[i]);
		if (draw(seed, 4)) {
			(void)boot_fixture_put_release(fixture, package, versions_drawn[i]);
			if (draw(seed, 2))
				boot_fixture_make_current(fixture, package, releases[i].folder);
		}
		if (draw(seed, 3))
			(void)boot_fixture_deliver(fixture, package, &releases[i],
				(enum delivery_state)draw(seed, DELIVERY_ROLLED_BACK + 1));
	}
	if (draw(seed, 3))
		boot_fixture_plan(fixture, package, (enum plan_state)draw(seed, 3), releases[draw(seed, 3)].folder,
			draw(seed, 2) ? releases[draw(seed, 3)].folder : "");
	for (unsigned lines = draw(seed, 4); lines; lines--)
		boot_fixture_tell(fixture, (enum journal_event)draw(seed, JOURNAL_PUT_BACK + 1), package,
			releases[draw(seed, 3)].folder, draw(seed, 2) ? releases[draw(seed, 3)].folder : "", "drawn");
}

static unsigned seed_at_work;

static int print_seed(void **state)
{
	(void)state;
	if (seed_at_work)
		print_error("seed %u\n", seed_at_work);
	return 0;
}

TEST_CASE_WITH(test_settles_whatever_it_finds_and_then_finds_nothing_more, NULL, print_seed)
{
	for (unsigned number = 1; number <= 150; number++) {
		struct boot_fixture fixture;
		unsigned seed = number;
		struct boot_result again;
		int64_t rows;

		seed_at_work = number;
		boot_fixture_init(&fixture);
		draw_package(&fixture, FACE, &seed);
		draw_package(&fixture, READER, &seed);
		(void)boot_fixture_reconcile(&fixture);
		boot_fixture_assert_agrees(&fixture);
		rows = boot_fixture_rows(&fixture);
		again = boot_fixture_reconcile(&fixture);
		assert_int_equal(again.repaired + again.activated + again.rolled_back, 0);
		assert_int_equal(boot_fixture_rows(&fixture), rows);
		boot_fixture_clear(&fixture);
	}
	seed_at_work = 0;
}

TESTS(NULL, NULL)
