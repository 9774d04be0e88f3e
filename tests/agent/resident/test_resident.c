/* The resident part and jobs that end badly: one that crashes, or fails before it could say when to try again, is not started
 * again and again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "agent/resident/resident_job.h"
#include "agent/store/contact.h"
#include "rollback/plan.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define OPENS_S (NOON_S + 8 * 3600) /* 20:00 in Japan, until 05:00 */
#define CLOSES_S (OPENS_S + 9 * 3600)

/* The next job's time comes, and the job ends at once with 1, as /bin/false does. */
static void run_next_job(struct agent_fixture *fixture)
{
	struct resident *resident = &fixture->resident;
	struct error err = {0};
	siginfo_t ended;

	if (resident->next_s > fixture->now_s)
		fixture->now_s = resident->next_s;
	assert_ok(resident_job_start(resident, resident->next_kind, &err), &err);
	while (resident->job.running) {
		assert_int_equal(waitid(P_PID, (id_t)resident->job.pid, &ended, WEXITED | WNOWAIT), 0);
		resident_job_reap(resident);
	}
}

static void begin(struct agent_fixture *fixture)
{
	fixture->resident.program = "/bin/false";
	resident_plan_next(&fixture->resident);
}

static void test_a_night_that_crashes_is_tried_again_with_pauses_and_not_for_ever(void **state)
{
	struct agent_fixture *fixture = *state;
	struct contact_row row;
	struct error err = {0};
	bool found;
	int starts = 0;

	begin(fixture);
	for (int64_t started_s = 0; fixture->resident.next_s < CLOSES_S && starts < 100; starts++) {
		run_next_job(fixture);
		assert_true(fixture->now_s - started_s >= 60);
		started_s = fixture->now_s;
	}
	assert_in_range(starts, 1, fixture->config.attempts_per_night); /* fewer where its turn comes late */
	assert_int_equal(fixture->resident.next_kind, JOB_NIGHT);
	assert_ok(contact_find(fixture->terminal.store, OPENS_S, &row, &found, &err), &err);
	assert_true(found);
	assert_int_equal(row.attempts, starts);
	assert_string_equal(row.outcome, CONTACT_NOT_RUNNING);
	assert_string_equal(row.detail, "job night: the job ended with 1");
}

static void put_on_trial(struct agent_fixture *fixture)
{
	static const struct plan_entry entry = {.package = "face-library",
		.priority = 1,
		.state = PLAN_TRIAL,
		.folder = "5.1.0-00c0ffee",
		.starts = 1};
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct error err = {0};

	assert_non_null(plan);
	assert_ok(plan_put(plan, &entry, &err), &err);
	assert_ok(plan_write(&fixture->fs, fixture->terminal.boot_dir_fd, plan, &err), &err);
}

static void test_a_confirmation_that_crashes_is_tried_again_after_a_pause(void **state)
{
	struct agent_fixture *fixture = *state;

	put_on_trial(fixture);
	begin(fixture);
	assert_int_equal(fixture->resident.next_kind, JOB_CONFIRM);
	for (int times = 0; times < 3; times++) {
		run_next_job(fixture);
		assert_int_equal(fixture->resident.next_kind, JOB_CONFIRM);
		assert_true(fixture->resident.next_s >= fixture->now_s + 60);
	}
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, agent_fixture_setup, agent_fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_night_that_crashes_is_tried_again_with_pauses_and_not_for_ever),
		TEST(test_a_confirmation_that_crashes_is_tried_again_after_a_pause),
	};

	return cmocka_run_group_tests_name("resident", tests, NULL, NULL);
}
