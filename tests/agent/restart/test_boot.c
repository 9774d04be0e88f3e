#include <stdio.h>
#include <unistd.h>

#include "agent/store/delivery.h"
#include "agent/store/installed.h"
#include "agent/store/quarantine.h"
#include "rollback/guard.h"
#include "tests/agent/boot_fixture.h"
#include "tests/support/test.h"

static int64_t count(struct boot_fixture *fixture, const char *where)
{
	char sql[512];

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", where);
	return store_fixture_number(&fixture->base, sql);
}

static bool is_quarantined(struct boot_fixture *fixture, const char *package, const char *digest)
{
	struct quarantine_row row;
	struct error err = {0};
	bool found;

	assert_ok(quarantine_find(fixture->base.store, package, digest, &row, &found, &err), &err);
	return found;
}

/* What is done must stay done: a second call finds nothing left to do. */
static void assert_settled(struct boot_fixture *fixture)
{
	int64_t rows = boot_fixture_rows(fixture);
	struct boot_result again = boot_fixture_reconcile(fixture);

	assert_int_equal(again.activated, 0);
	assert_int_equal(again.rolled_back, 0);
	assert_int_equal(again.repaired, 0);
	assert_int_equal(boot_fixture_rows(fixture), rows);
	boot_fixture_assert_agrees(fixture);
}

/* 5.0.2 is current and confirmed. */
static struct fixture_release begin_with_old(struct boot_fixture *fixture)
{
	struct fixture_release old = boot_fixture_put_release(fixture, FACE, "5.0.2");

	boot_fixture_make_current(fixture, FACE, old.folder);
	(void)boot_fixture_deliver(fixture, FACE, &old, DELIVERY_CONFIRMED);
	(void)boot_fixture_reconcile(fixture);
	return old;
}

/* ---- The journal ---- */

TEST_CASE(test_takes_over_an_activation_once)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release old = begin_with_old(fixture), new = boot_fixture_put_release(fixture, FACE, "5.1.0");
	struct boot_result result;

	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_STAGED);
	boot_fixture_make_current(fixture, FACE, new.folder);
	boot_fixture_plan(fixture, FACE, PLAN_TRIAL, new.folder, old.folder);
	boot_fixture_tell(fixture, JOURNAL_ACTIVATED, FACE, new.folder, old.folder, "");
	result = boot_fixture_reconcile(fixture);
	assert_int_equal(result.activated, 1);
	assert_int_equal(result.repaired, 0);
	assert_int_equal(result.on_trial, 1);
	assert_int_equal(boot_fixture_state(fixture, FACE, new.folder), DELIVERY_ACTIVATED);
	assert_int_equal(
		count(fixture, "history WHERE operation = 'activate' AND boot_id = 'boot-0' AND at_s = 1768039200"),
		1);
	assert_settled(fixture);
	assert_int_equal(count(fixture, "history WHERE operation = 'activate' AND boot_id = 'boot-0'"), 1);
}

TEST_CASE(test_takes_over_a_way_back_with_its_reason)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release old = begin_with_old(fixture), new = boot_fixture_put_release(fixture, FACE, "5.1.0");
	struct boot_result result;

	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_STAGED);
	boot_fixture_tell(fixture, JOURNAL_ACTIVATED, FACE, new.folder, old.folder, "");
	boot_fixture_tell(fixture, JOURNAL_ROLLED_BACK, FACE, new.folder, old.folder, "self-test ended with 3");
	result = boot_fixture_reconcile(fixture);
	assert_int_equal(result.activated, 1);
	assert_int_equal(result.rolled_back, 1);
	assert_int_equal(result.repaired, 0);
	assert_int_equal(boot_fixture_state(fixture, FACE, new.folder), DELIVERY_ROLLED_BACK);
	assert_true(is_quarantined(fixture, FACE, new.digest));
	assert_int_equal(
		count(fixture, "history WHERE operation = 'roll-back' AND detail = 'self-test ended with 3'"), 1);
	assert_settled(fixture);
}

TEST_CASE(test_takes_over_that_staff_had_a_confirmed_release_taken_back)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release old = boot_fixture_put_release(fixture, FACE, "5.0.2");
	struct fixture_release new = boot_fixture_put_release(fixture, FACE, "5.1.0");

	boot_fixture_make_current(fixture, FACE, old.folder);
	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_CONFIRMED);
	boot_fixture_tell(fixture, JOURNAL_ROLLED_BACK, FACE, new.folder, old.folder, "asked for by staff");
	(void)boot_fixture_reconcile(fixture);
	assert_int_equal(boot_fixture_state(fixture, FACE, new.folder), DELIVERY_ROLLED_BACK);
	assert_settled(fixture);
}

TEST_CASE(test_takes_over_that_a_staged_release_was_dropped)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release old = begin_with_old(fixture), new = boot_fixture_release_of("5.1.0");

	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_STAGED);
	boot_fixture_tell(fixture, JOURNAL_DROPPED, FACE, new.folder, old.folder, "its folder is missing");
	(void)boot_fixture_reconcile(fixture);
	assert_int_equal(boot_fixture_state(fixture, FACE, new.folder), DELIVERY_FAILED);
	assert_false(is_quarantined(fixture, FACE, new.digest));
	assert_int_equal(count(fixture, "history WHERE detail = 'its folder is missing'"), 1);
	assert_settled(fixture);
}

TEST_CASE(test_a_release_that_a_failing_disk_put_back_may_come_again)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release old = begin_with_old(fixture), new = boot_fixture_put_release(fixture, FACE, "5.1.0");

	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_STAGED);
	boot_fixture_tell(fixture, JOURNAL_ACTIVATED, FACE, new.folder, old.folder, "");
	boot_fixture_tell(fixture, JOURNAL_PUT_BACK, FACE, new.folder, old.folder, "no space left");
	assert_int_equal(boot_fixture_reconcile(fixture).repaired, 0);
	assert_int_equal(boot_fixture_state(fixture, FACE, new.folder), DELIVERY_FAILED);
	assert_false(is_quarantined(fixture, FACE, new.digest));
	assert_settled(fixture);
}

TEST_CASE(test_takes_over_that_a_bad_release_stays_for_want_of_another)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release only = boot_fixture_put_release(fixture, FACE, "5.1.0");

	boot_fixture_make_current(fixture, FACE, only.folder);
	(void)boot_fixture_deliver(fixture, FACE, &only, DELIVERY_ACTIVATED);
	boot_fixture_tell(fixture, JOURNAL_KEPT, FACE, only.folder, "", "unhealthy, and there is no way back");
	(void)boot_fixture_reconcile(fixture);
	assert_int_equal(boot_fixture_state(fixture, FACE, only.folder), DELIVERY_FAILED);
	assert_settled(fixture);
}

TEST_CASE(test_takes_over_what_the_guard_repaired)
{
	struct boot_fixture *fixture = *state;

	boot_fixture_tell(fixture, JOURNAL_REPAIRED, FACE, "", "", "an interruption was cleaned up");
	boot_fixture_tell(fixture, JOURNAL_PLAN_LOST, "", "", "", "the plan could not be read");
	(void)boot_fixture_reconcile(fixture);
	assert_int_equal(count(fixture, "history WHERE operation = 'repair' AND boot_id = 'boot-0'"), 2);
	assert_settled(fixture);
}

TEST_CASE(test_reads_lines_that_count_from_one_again_after_the_journal_was_lost)
{
	struct boot_fixture *fixture = *state;

	for (int i = 0; i < 5; i++)
		boot_fixture_tell(fixture, JOURNAL_REPAIRED, FACE, "", "", "before");
	(void)boot_fixture_reconcile(fixture);
	assert_int_equal(unlinkat(fixture->boot_dir_fd, "journal", 0), 0);
	for (int i = 0; i < 2; i++)
		boot_fixture_tell(fixture, JOURNAL_REPAIRED, FACE, "", "", "after");
	(void)boot_fixture_reconcile(fixture);
	assert_int_equal(count(fixture, "history WHERE operation = 'repair' AND detail = 'after'"), 2);
	assert_settled(fixture);
}

TEST_CASE(test_passes_over_a_line_about_a_folder_that_is_none_of_ours)
{
	struct boot_fixture *fixture = *state;

	boot_fixture_tell(fixture, JOURNAL_ACTIVATED, FACE, "strange", "", "");
	(void)boot_fixture_reconcile(fixture);
	assert_int_equal(count(fixture, "history WHERE outcome = 'failed' AND detail LIKE '%strange%'"), 1);
	assert_settled(fixture);
}

/* ---- A store that was made anew ---- */

TEST_CASE(test_a_new_store_learns_what_is_current)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release old = boot_fixture_put_release(fixture, FACE, "5.0.2");
	struct installed_row row;
	struct error err = {0};
	bool found;

	boot_fixture_make_current(fixture, FACE, old.folder);
	assert_int_equal(boot_fixture_reconcile(fixture).repaired, 1);
	assert_ok(installed_find(fixture->base.store, FACE, &row, &found, &err), &err);
	assert_true(found);
	assert_string_equal(row.version, "5.0.2");
	assert_string_equal(row.digest, old.digest);
	assert_int_equal(count(fixture, "delivery"), 0);
	assert_settled(fixture);
}

TEST_CASE(test_a_new_store_learns_what_is_staged_and_on_trial)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release staged = boot_fixture_put_release(fixture, FACE, "5.1.0");
	struct fixture_release trial = boot_fixture_put_release(fixture, READER, "2.0");
	struct delivery delivery;
	struct error err = {0};
	bool found;

	boot_fixture_plan(fixture, FACE, PLAN_STAGED, staged.folder, "");
	boot_fixture_make_current(fixture, READER, trial.folder);
	boot_fixture_plan(fixture, READER, PLAN_TRIAL, trial.folder, "");
	assert_int_equal(boot_fixture_reconcile(fixture).on_trial, 1);
	assert_int_equal(boot_fixture_state(fixture, FACE, staged.folder), DELIVERY_STAGED);
	assert_ok(delivery_of_folder(fixture->base.store, READER, trial.folder, &delivery, &found, &err), &err);
	assert_int_equal(delivery.state, DELIVERY_ACTIVATED);
	assert_string_equal(delivery.digest, trial.digest);
	assert_settled(fixture);
}

TEST_CASE(test_a_new_store_quarantines_what_was_taken_back_meanwhile)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release old = boot_fixture_put_release(fixture, FACE, "5.0.2");
	struct fixture_release new = boot_fixture_put_release(fixture, FACE, "5.1.0");

	boot_fixture_make_current(fixture, FACE, old.folder);
	boot_fixture_tell(fixture, JOURNAL_ACTIVATED, FACE, new.folder, old.folder, "");
	boot_fixture_tell(fixture, JOURNAL_ROLLED_BACK, FACE, new.folder, old.folder, "unhealthy");
	(void)boot_fixture_reconcile(fixture);
	assert_true(is_quarantined(fixture, FACE, new.digest));
	assert_settled(fixture);
}

TEST_CASE(test_knows_a_release_by_its_folder_where_its_own_bytes_are_lost)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release new = boot_fixture_put_release(fixture, FACE, "5.1.0");
	struct installed_row row;
	struct error err = {0};
	char json[FOLDER_PATH_SIZE];
	bool found;

	(void)snprintf(json, sizeof(json), "packages/" FACE "/versions/%s.json", new.folder);
	folder_put(&fixture->base.folder, json, "damaged", 7);
	boot_fixture_make_current(fixture, FACE, new.folder);
	(void)boot_fixture_reconcile(fixture);
	assert_ok(installed_find(fixture->base.store, FACE, &row, &found, &err), &err);
	assert_int_equal(strlen(row.digest), 8);
	assert_memory_equal(row.digest, new.digest, 8);
	boot_fixture_tell(fixture, JOURNAL_ROLLED_BACK, FACE, new.folder, "", "unhealthy");
	(void)boot_fixture_reconcile(fixture);
	assert_true(is_quarantined(fixture, FACE, new.digest));
}

/* ---- Disagreements ---- */

TEST_CASE(test_the_disk_is_right_about_what_is_current)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release other = boot_fixture_put_release(fixture, FACE, "4.9.0");
	struct boot_result result;

	(void)begin_with_old(fixture);
	boot_fixture_make_current(fixture, FACE, other.folder);
	result = boot_fixture_reconcile(fixture);
	assert_int_equal(result.repaired, 1);
	assert_int_equal(count(fixture, "history WHERE operation = 'repair' AND detail LIKE '%4.9.0%'"), 1);
	assert_settled(fixture);
}

TEST_CASE(test_gives_up_a_staged_release_that_is_not_on_disk)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release new = boot_fixture_release_of("5.1.0");

	(void)begin_with_old(fixture);
	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_STAGED);
	boot_fixture_plan(fixture, FACE, PLAN_STAGED, new.folder, "");
	assert_true(boot_fixture_reconcile(fixture).repaired > 0);
	assert_int_equal(boot_fixture_state(fixture, FACE, new.folder), DELIVERY_FAILED);
	assert_string_equal(boot_fixture_planned(fixture, FACE).package, "");
	assert_settled(fixture);
}

TEST_CASE(test_gives_up_a_staged_release_that_the_plan_has_lost)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release new = boot_fixture_put_release(fixture, FACE, "5.1.0");

	(void)begin_with_old(fixture);
	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_STAGED);
	assert_int_equal(boot_fixture_reconcile(fixture).repaired, 1);
	assert_int_equal(boot_fixture_state(fixture, FACE, new.folder), DELIVERY_FAILED);
	assert_settled(fixture);
}

TEST_CASE(test_records_as_staged_what_the_plan_has_before_the_store)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release new = boot_fixture_put_release(fixture, FACE, "5.1.0");

	(void)begin_with_old(fixture);
	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_FETCHING);
	boot_fixture_plan(fixture, FACE, PLAN_STAGED, new.folder, "");
	assert_int_equal(boot_fixture_reconcile(fixture).repaired, 1);
	assert_int_equal(boot_fixture_state(fixture, FACE, new.folder), DELIVERY_STAGED);
	assert_settled(fixture);
}

TEST_CASE(test_takes_from_the_plan_what_is_no_longer_wanted)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release new = boot_fixture_put_release(fixture, FACE, "5.1.0");

	(void)begin_with_old(fixture);
	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_FAILED);
	boot_fixture_plan(fixture, FACE, PLAN_STAGED, new.folder, "");
	(void)boot_fixture_reconcile(fixture);
	assert_string_equal(boot_fixture_planned(fixture, FACE).package, "");
	assert_settled(fixture);
}

TEST_CASE(test_a_trial_that_the_plan_has_lost_goes_on)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release old = begin_with_old(fixture), new = boot_fixture_put_release(fixture, FACE, "5.1.0");
	struct plan_entry entry;

	boot_fixture_make_current(fixture, FACE, new.folder);
	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_ACTIVATED);
	assert_int_equal(boot_fixture_reconcile(fixture).on_trial, 1);
	entry = boot_fixture_planned(fixture, FACE);
	assert_int_equal(entry.state, PLAN_TRIAL);
	assert_string_equal(entry.folder, new.folder);
	assert_string_equal(entry.former, old.folder);
	assert_int_equal(entry.starts, 1);
	assert_int_equal(entry.starts_max, 3);
	assert_settled(fixture);
}

TEST_CASE(test_a_damaged_plan_is_set_aside_and_worked_out_anew)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release new = boot_fixture_put_release(fixture, FACE, "5.1.0");

	(void)begin_with_old(fixture);
	boot_fixture_make_current(fixture, FACE, new.folder);
	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_ACTIVATED);
	folder_put(&fixture->base.folder, "boot/plan", "no plan at all", 14);
	assert_int_equal(boot_fixture_reconcile(fixture).on_trial, 1);
	assert_true(fs_exists(fixture->env.fs, fixture->boot_dir_fd, "plan.damaged-1"));
	assert_string_equal(boot_fixture_planned(fixture, FACE).folder, new.folder);
	assert_settled(fixture);
}

TEST_CASE(test_a_confirmed_release_is_not_on_trial)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release old = begin_with_old(fixture);

	boot_fixture_plan(fixture, FACE, PLAN_TRIAL, old.folder, "");
	assert_int_equal(boot_fixture_reconcile(fixture).on_trial, 0);
	assert_string_equal(boot_fixture_planned(fixture, FACE).package, "");
	assert_settled(fixture);
}

TEST_CASE(test_a_confirmed_release_that_staff_condemned_stays_condemned)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release old = begin_with_old(fixture);

	boot_fixture_plan(fixture, FACE, PLAN_CONDEMNED, old.folder, "");
	assert_int_equal(boot_fixture_reconcile(fixture).repaired, 0);
	assert_int_equal(boot_fixture_planned(fixture, FACE).state, PLAN_CONDEMNED);
	assert_settled(fixture);
}

TEST_CASE(test_a_trial_whose_release_is_not_current_was_taken_back)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release old = begin_with_old(fixture), new = boot_fixture_put_release(fixture, FACE, "5.1.0");

	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_ACTIVATED);
	boot_fixture_plan(fixture, FACE, PLAN_TRIAL, new.folder, old.folder);
	(void)boot_fixture_reconcile(fixture);
	assert_int_equal(boot_fixture_state(fixture, FACE, new.folder), DELIVERY_ROLLED_BACK);
	assert_true(is_quarantined(fixture, FACE, new.digest));
	assert_string_equal(boot_fixture_planned(fixture, FACE).package, "");
	assert_settled(fixture);
}

TEST_CASE(test_a_release_that_the_disk_lost_is_not_to_blame)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release new = boot_fixture_release_of("5.1.0");

	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_ACTIVATED);
	(void)boot_fixture_reconcile(fixture);
	assert_int_equal(boot_fixture_state(fixture, FACE, new.folder), DELIVERY_FAILED);
	assert_false(is_quarantined(fixture, FACE, new.digest));
	assert_settled(fixture);
}

TEST_CASE(test_an_activation_that_the_guard_could_not_tell_is_seen)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release old = begin_with_old(fixture), new = boot_fixture_put_release(fixture, FACE, "5.1.0");

	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_STAGED);
	boot_fixture_make_current(fixture, FACE, new.folder);
	boot_fixture_plan(fixture, FACE, PLAN_TRIAL, new.folder, old.folder);
	(void)boot_fixture_reconcile(fixture);
	assert_int_equal(boot_fixture_state(fixture, FACE, new.folder), DELIVERY_ACTIVATED);
	assert_settled(fixture);
}

/* ---- With the guard itself ---- */

static void guard(struct boot_fixture *fixture, const char *boot_id)
{
	char path[FOLDER_PATH_SIZE + 16];
	struct guard_options options = {
		.boot_dir_fd = fixture->boot_dir_fd,
		.packages_dir_fd = fixture->packages_dir_fd,
		.packages_path = path,
	};
	struct guard_result result;
	struct error err = {0};

	(void)snprintf(path, sizeof(path), "%s/packages", fixture->base.folder.path);
	(void)snprintf(fixture->base.boot_id, sizeof(fixture->base.boot_id), "%s", boot_id);
	assert_ok(guard_boot(&fixture->env, &options, &result, &err), &err);
}

TEST_CASE(test_agrees_with_the_guard_from_staged_to_taken_back)
{
	struct boot_fixture *fixture = *state;
	struct fixture_release old = begin_with_old(fixture), new = boot_fixture_put_release(fixture, FACE, "5.1.0");

	(void)boot_fixture_deliver(fixture, FACE, &new, DELIVERY_STAGED);
	boot_fixture_plan(fixture, FACE, PLAN_STAGED, new.folder, "");
	assert_int_equal(boot_fixture_reconcile(fixture).repaired, 0);
	guard(fixture, "boot-2");
	assert_int_equal(boot_fixture_reconcile(fixture).activated, 1);
	assert_int_equal(boot_fixture_state(fixture, FACE, new.folder), DELIVERY_ACTIVATED);
	assert_settled(fixture);
	guard(fixture, "boot-3");
	guard(fixture, "boot-4");
	assert_int_equal(boot_fixture_reconcile(fixture).rolled_back, 0);
	guard(fixture, "boot-5");
	assert_int_equal(boot_fixture_reconcile(fixture).rolled_back, 1);
	assert_int_equal(boot_fixture_state(fixture, FACE, new.folder), DELIVERY_ROLLED_BACK);
	assert_int_equal(boot_fixture_state(fixture, FACE, old.folder), DELIVERY_CONFIRMED);
	assert_settled(fixture);
}

TESTS(boot_fixture_setup, boot_fixture_teardown)
