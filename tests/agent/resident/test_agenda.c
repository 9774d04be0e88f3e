/* What the agenda puts next, and what the end of a job means for it. */
#include <string.h>

#include "agent/resident/agenda.h"
#include "agent/store/pause.h"
#include "agent/turn/windows.h"
#include "scheduler/backoff.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define OPENS_S (NOON_S + 8 * 3600) /* 20:00 in Japan, until 05:00 */
#define CLOSES_S (OPENS_S + 9 * 3600)

static struct agenda next(struct agent_fixture *fixture)
{
	struct agenda agenda;
	struct error err = {0};

	assert_ok(agenda_next(&fixture->terminal, &agenda, &err), &err);
	return agenda;
}

/* The night's job ends at its turn, with WHY (NULL: well). */
static void end_night(struct agent_fixture *fixture, const struct error *why)
{
	struct job_result result = {.contact = !why};
	struct schedule_answer window;
	struct error err = {0};

	fixture->now_s = next(fixture).due_s;
	assert_ok(windows_ask(&fixture->terminal, &window, &err), &err);
	assert_ok(agenda_settle_night(&fixture->terminal, &window, &result, why, &err), &err);
}

TEST_CASE(test_the_next_job_is_the_night_at_this_terminals_turn)
{
	struct agenda agenda = next(*state);

	assert_int_equal(agenda.kind, JOB_NIGHT);
	assert_in_range(agenda.due_s, OPENS_S, CLOSES_S - 1);
	assert_non_null(strstr(agenda.reason, "the window that opens 2026-01-10T11:00:00Z"));
}

/* Asked at ASKED_S, and said so: when the next job is. */
static int64_t next_after(struct agent_fixture *fixture, int64_t asked_s, const struct job_result *said)
{
	const struct job_result result = *said;
	struct schedule_answer window;
	struct error err = {0};

	fixture->now_s = asked_s;
	assert_ok(windows_ask(&fixture->terminal, &window, &err), &err);
	assert_ok(agenda_settle_night(&fixture->terminal, &window, &result, NULL, &err), &err);
	return next(fixture).due_s;
}

static void ask_again(struct agent_fixture *fixture, const struct job_result *said)
{
	int64_t again_s = next_after(fixture, CLOSES_S - 5400, said);

	assert_in_range(again_s, CLOSES_S - BACKOFF_LAST_FROM_S, CLOSES_S - BACKOFF_LAST_UNTIL_S - 1);
	assert_true(next_after(fixture, again_s, said) >= CLOSES_S);
}

/* The brake holds the stage that is for this terminal: it may open later in the night. */
TEST_CASE(test_a_stage_that_is_held_is_asked_for_again_in_the_same_night)
{
	ask_again(*state, &(struct job_result){.contact = true, .held = 1});
}

/* Nobody took it, and a candidate is on its way. */
TEST_CASE(test_a_report_that_is_waited_for_is_sent_again_in_the_same_night)
{
	ask_again(*state, &(struct job_result){.contact = true, .owes_report = true});
}

TEST_CASE(test_a_night_that_went_well_is_followed_by_the_next_one)
{
	struct agent_fixture *fixture = *state;

	end_night(fixture, NULL);
	assert_in_range(next(fixture).due_s, OPENS_S + 86400, CLOSES_S + 86400 - 1);
}

TEST_CASE(test_a_night_without_contact_is_tried_again_in_its_window)
{
	struct agent_fixture *fixture = *state;
	const struct error why = {.code = ERROR_NETWORK, .text = "no contact"};

	end_night(fixture, &why);
	assert_in_range(next(fixture).due_s, fixture->now_s + 1, CLOSES_S - 1);
}

TEST_CASE(test_a_disabled_terminal_has_no_next_job)
{
	struct agent_fixture *fixture = *state;
	struct agenda agenda;
	struct error err = {0};

	assert_ok(pause_set(fixture->terminal.store, "", 0, "staff", "ward round", &err), &err);
	agenda = next(fixture);
	assert_true(agenda.due_s == SCHEDULE_NEVER);
	assert_non_null(strstr(agenda.reason, "no window opens"));
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
