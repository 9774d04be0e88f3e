/* The resident part and jobs that end badly: one that crashes, or fails before it could say when to try again, is not started
 * again and again. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

TEST_CASE(test_a_night_that_crashes_is_tried_again_with_pauses_and_not_for_ever)
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

TEST_CASE(test_a_confirmation_that_crashes_is_tried_again_after_a_pause)
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

/* ---- What gives way ---- */

#define JOB_BELOW "job.sh"

/* Jobs are SCRIPT from now on; what reads from $gate waits for ever. */
static void use_script(struct agent_fixture *fixture, const char *script)
{
	static char program[2 * FOLDER_PATH_SIZE];
	char text[1024];
	int len = snprintf(text, sizeof(text), "#!/bin/sh\ngate=%s/gate\n%s\n", fixture->folder.path, script);

	folder_put(&fixture->folder, JOB_BELOW, text, (size_t)len);
	assert_int_equal(fchmodat(fixture->folder.fd, JOB_BELOW, 0755, 0), 0);
	assert_int_equal(mkfifoat(fixture->folder.fd, "gate", 0600), 0);
	(void)snprintf(program, sizeof(program), "%s/" JOB_BELOW, fixture->folder.path);
	fixture->resident.program = program;
}

static void reap(struct resident *resident)
{
	pid_t pid = resident->job.pid;
	siginfo_t ended;

	while (resident->job.running && resident->job.pid == pid) {
		assert_int_equal(waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT), 0);
		resident_job_reap(resident);
	}
}

/* The job has begun what it does once it has said so. */
static void wait_for_line(struct resident *resident)
{
	struct pollfd line = {.fd = resident->job.fd, .events = POLLIN};

	assert_int_equal(poll(&line, 1, -1), 1);
	resident_job_take_lines(resident);
}

struct told {
	int last_words;
	int ended;
};

static void count_last_words(void *context, json_t *progress, bool is_last)
{
	(void)progress;
	((struct told *)context)->last_words += is_last;
}

static void count_ends(void *context)
{
	((struct told *)context)->ended++;
}

static const char waits_until_asked[] = "trap 'exit 0' TERM; echo '{\"state\":\"fetching\"}' >&3; read -r go <>\"$gate\"";

static void begin_button(struct agent_fixture *fixture, struct told *told)
{
	struct resident *resident = &fixture->resident;
	struct error err = {0};

	resident->callers =
		(struct resident_callers){.context = told, .fd = -1, .tell = count_last_words, .job_ended = count_ends};
	assert_ok(resident_job_start(resident, JOB_BUTTON, &err), &err);
	wait_for_line(resident);
}

TEST_CASE(test_the_night_takes_over_from_the_button_and_its_followers_stay)
{
	struct agent_fixture *fixture = *state;
	struct resident *resident = &fixture->resident;
	struct told told = {0};

	use_script(fixture, waits_until_asked);
	resident_plan_next(resident);
	begin_button(fixture, &told);
	fixture->now_s = resident->next_s;
	resident_job_give_to_night(resident);
	reap(resident);
	assert_true(resident->job.running);
	assert_int_equal(resident->job.kind, JOB_NIGHT);
	assert_int_equal(told.last_words, 0);
	wait_for_line(resident);
	resident_job_ask_to_end(resident);
	reap(resident);
	assert_int_equal(told.last_words, 1);
	assert_int_equal(told.ended, 1);
}

TEST_CASE(test_who_asks_for_something_else_comes_before_the_night)
{
	struct agent_fixture *fixture = *state;
	struct told told = {0};

	use_script(fixture, waits_until_asked);
	begin_button(fixture, &told);
	resident_job_give_to_night(&fixture->resident);
	resident_job_ask_to_end(&fixture->resident);
	reap(&fixture->resident);
	assert_false(fixture->resident.job.running);
	assert_int_equal(told.last_words, 1);
	assert_int_equal(told.ended, 1);
}

TEST_CASE(test_a_job_that_does_not_end_is_killed)
{
	struct agent_fixture *fixture = *state;
	struct resident *resident = &fixture->resident;
	struct told told = {0};

	use_script(fixture, "trap '' TERM; echo '{\"state\":\"fetching\"}' >&3; exec sleep 600");
	begin_button(fixture, &told);
	assert_int_equal(resident_job_see_to_end(resident), -1);
	resident_job_ask_to_end(resident);
	assert_int_equal(resident_job_see_to_end(resident), 30000);
	fixture->monotonic_ms += 30000;
	assert_int_equal(resident_job_see_to_end(resident), -1);
	reap(resident);
	assert_int_equal(told.last_words, 1);
}

TEST_CASE(test_a_health_check_does_not_give_way)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};

	use_script(fixture, "exit 0");
	assert_false(resident_job_gives_way(&fixture->resident));
	assert_ok(resident_job_start(&fixture->resident, JOB_CONFIRM, &err), &err);
	assert_false(resident_job_gives_way(&fixture->resident));
	resident_job_ask_to_end(&fixture->resident);
	assert_int_equal(fixture->resident.job.killed_ms, 0);
	reap(&fixture->resident);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
