/* Every window is accounted for, the missed ones with the reason. */
#include <stdio.h>
#include <string.h>

#include "agent/resident/agenda.h"
#include "agent/store/contact.h"
#include "agent/store/history.h"
#include "agent/store/pause.h"
#include "agent/turn/account.h"
#include "manifests/tuf/time_floor.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define HOUR_S 3600
#define DAY_S 86400
#define OPENS_S (NOON_S + 8 * HOUR_S) /* 20:00 in Japan, until 05:00 */
#define MORNING_S (OPENS_S + 12 * HOUR_S)

static void account(struct agent_fixture *fixture)
{
	struct error err = {0};

	assert_ok(account_windows(&fixture->terminal, &err), &err);
}

static void note(struct agent_fixture *fixture)
{
	struct error err = {0};

	assert_ok(presence_note(fixture->terminal.store, &fixture->resident.presence, &err), &err);
}

static void wait_until(struct agent_fixture *fixture, int64_t time_s)
{
	fixture->monotonic_ms += (time_s - fixture->now_s) * 1000;
	fixture->now_s = time_s;
}

/* The agent is there, and notes it as often as it does in an open window. */
static void stay_until(struct agent_fixture *fixture, int64_t time_s)
{
	for (note(fixture); fixture->now_s < time_s; note(fixture))
		wait_until(fixture,
			fixture->now_s + PRESENCE_PAUSE_S < time_s ? fixture->now_s + PRESENCE_PAUSE_S : time_s);
}

/* The agent's process ends; it is started again at TIME_S, in a new start of the machine where BOOT_ID is another. */
static void start_at(struct agent_fixture *fixture, int64_t time_s, const char *boot_id)
{
	wait_until(fixture, time_s);
	if (strcmp(boot_id, fixture->boot_id) != 0) {
		fixture->monotonic_ms = 60000;
		(void)snprintf(fixture->boot_id, sizeof(fixture->boot_id), "%s", boot_id);
	}
	fixture->resident.presence = (struct presence){0};
	note(fixture);
	account(fixture);
}

static void begin(struct agent_fixture *fixture)
{
	note(fixture);
	account(fixture);
}

static struct contact_row window_at(struct agent_fixture *fixture, int64_t opens_s)
{
	struct contact_row row;
	struct error err = {0};
	bool found;

	assert_ok(contact_find(fixture->terminal.store, opens_s, &row, &found, &err), &err);
	assert_true(found);
	return row;
}

static int count_row(void *context, const struct history_row *row, struct error *err)
{
	(void)row;
	(void)err;
	++*(int *)context;
	return 0;
}

static int missed(struct agent_fixture *fixture, const char *outcome)
{
	struct history_filter filter = {.operation = "window", .outcome = outcome};
	struct error err = {0};
	int count = 0;

	assert_ok(history_each(fixture->terminal.store, &filter, count_row, &count, &err), &err);
	return count;
}

struct telling {
	const char *part;
	int count;
};

static int count_telling(void *context, const struct history_row *row, struct error *err)
{
	struct telling *telling = context;

	(void)err;
	telling->count += strstr(row->detail, telling->part) != NULL;
	return 0;
}

static int told(struct agent_fixture *fixture, const char *part)
{
	struct history_filter filter = {.operation = "window"};
	struct telling telling = {.part = part};
	struct error err = {0};

	assert_ok(history_each(fixture->terminal.store, &filter, count_telling, &telling, &err), &err);
	return telling.count;
}

TEST_CASE(test_knows_nothing_of_the_time_before_the_first_start)
{
	begin(*state);
	assert_int_equal(missed(*state, NULL), 0);
}

TEST_CASE(test_a_night_with_the_terminal_switched_off_is_off)
{
	struct agent_fixture *fixture = *state;

	begin(fixture);
	start_at(fixture, MORNING_S, "boot-2");
	assert_string_equal(window_at(fixture, OPENS_S).outcome, CONTACT_OFF);
	assert_string_equal(window_at(fixture, OPENS_S).date, "2026-01-10");
	assert_int_equal(missed(fixture, "done"), 1);
}

TEST_CASE(test_every_night_of_a_long_holiday_has_its_row)
{
	struct agent_fixture *fixture = *state;

	begin(fixture);
	start_at(fixture, MORNING_S + 99 * DAY_S, "boot-2");
	for (int night = 0; night < 100; night++)
		assert_string_equal(window_at(fixture, OPENS_S + night * DAY_S).outcome, CONTACT_OFF);
	assert_int_equal(missed(fixture, NULL), 100);
	account(fixture);
	assert_int_equal(missed(fixture, NULL), 100);
}

/* As by a clock of the machine's that overflowed, or whose battery was changed. */
TEST_CASE(test_a_machine_that_starts_years_ahead_makes_no_windows_up)
{
	struct agent_fixture *fixture = *state;

	begin(fixture);
	start_at(fixture, MORNING_S + 79 * 365 * (int64_t)DAY_S, "boot-2");
	assert_int_equal(told(fixture, "not told of one by one"), 1);
	assert_int_equal(missed(fixture, NULL), 1);
	start_at(fixture, MORNING_S, "boot-3");
	assert_int_equal(missed(fixture, NULL), 1);
	start_at(fixture, MORNING_S + DAY_S, "boot-4");
	assert_string_equal(window_at(fixture, OPENS_S + DAY_S).outcome, CONTACT_OFF);
	assert_int_equal(missed(fixture, NULL), 2);
}

TEST_CASE(test_an_agent_that_did_not_run_on_a_machine_that_was_on_is_a_fault)
{
	struct agent_fixture *fixture = *state;

	begin(fixture);
	start_at(fixture, MORNING_S, fixture->boot_id);
	assert_string_equal(window_at(fixture, OPENS_S).outcome, CONTACT_NOT_RUNNING);
	assert_int_equal(missed(fixture, "failed"), 1);
}

TEST_CASE(test_a_machine_that_slept_was_off)
{
	struct agent_fixture *fixture = *state;

	begin(fixture);
	wait_until(fixture, MORNING_S);
	begin(fixture);
	assert_string_equal(window_at(fixture, OPENS_S).outcome, CONTACT_OFF);
}

TEST_CASE(test_a_disabled_night_stays_one_when_delivery_is_enabled_in_the_morning)
{
	struct agent_fixture *fixture = *state;

	begin(fixture);
	json_decref(agent_fixture_call(fixture, "Disable", NULL));
	stay_until(fixture, MORNING_S);
	json_decref(agent_fixture_call(fixture, "Enable", NULL));
	account(fixture);
	assert_string_equal(window_at(fixture, OPENS_S).outcome, CONTACT_DISABLED);
}

TEST_CASE(test_a_check_by_hand_within_the_window_counts)
{
	struct agent_fixture *fixture = *state;

	begin(fixture);
	stay_until(fixture, OPENS_S + HOUR_S);
	agent_fixture_note_contact(fixture);
	stay_until(fixture, MORNING_S);
	account(fixture);
	assert_string_equal(window_at(fixture, OPENS_S).outcome, CONTACT_MADE);
	assert_int_equal(window_at(fixture, OPENS_S).contact_s, OPENS_S + HOUR_S);
	assert_int_equal(missed(fixture, NULL), 0);
}

TEST_CASE(test_what_an_attempt_found_stays)
{
	struct agent_fixture *fixture = *state;
	struct contact_row row = {.opens_s = OPENS_S, .closes_s = OPENS_S + 9 * HOUR_S, .attempts = 8};
	struct error err = {0};

	begin(fixture);
	(void)strcpy(row.date, "2026-01-10");
	(void)strcpy(row.outcome, CONTACT_NETWORK);
	(void)strcpy(row.detail, "the server does not answer");
	assert_ok(contact_put(fixture->terminal.store, &row, &err), &err);
	stay_until(fixture, MORNING_S);
	account(fixture);
	assert_string_equal(window_at(fixture, OPENS_S).outcome, CONTACT_NETWORK);
	assert_string_equal(window_at(fixture, OPENS_S).detail, "the server does not answer");
	assert_int_equal(window_at(fixture, OPENS_S).on_s, 9 * HOUR_S);
	assert_int_equal(missed(fixture, "failed"), 1);
}

TEST_CASE(test_an_agent_that_was_there_and_did_not_try_is_a_fault)
{
	struct agent_fixture *fixture = *state;

	begin(fixture);
	stay_until(fixture, MORNING_S);
	account(fixture);
	assert_string_equal(window_at(fixture, OPENS_S).outcome, CONTACT_NOT_RUNNING);
	assert_non_null(strstr(window_at(fixture, OPENS_S).detail, "did not try"));
}

static struct schedule_answer night_of(int64_t opens_s)
{
	return (struct schedule_answer){.opens_s = opens_s, .closes_s = opens_s + 9 * HOUR_S};
}

static int64_t likely_on_for(struct agent_fixture *fixture, int64_t opens_s)
{
	struct schedule_answer window = night_of(opens_s);
	struct error err = {0};
	int64_t on_for_s = -1;

	assert_ok(account_likely_on_for(&fixture->terminal, &window, &on_for_s, &err), &err);
	return on_for_s;
}

TEST_CASE(test_remembers_for_how_long_the_terminal_was_on)
{
	struct agent_fixture *fixture = *state;

	begin(fixture);
	assert_int_equal(likely_on_for(fixture, OPENS_S), 0);
	stay_until(fixture, OPENS_S + 45 * 60);
	start_at(fixture, MORNING_S, "boot-2");
	assert_string_equal(window_at(fixture, OPENS_S).outcome, CONTACT_OFF);
	assert_int_equal(window_at(fixture, OPENS_S).on_s, 45 * 60);
	assert_int_equal(likely_on_for(fixture, OPENS_S + DAY_S), 45 * 60);
	assert_int_equal(likely_on_for(fixture, OPENS_S + DAY_S - 8 * HOUR_S), 0); /* another hour of the day */
}

TEST_CASE(test_a_terminal_that_is_switched_off_early_has_its_turn_before)
{
	struct agent_fixture *fixture = *state;
	struct agenda agenda;
	struct error err = {0};

	begin(fixture);
	stay_until(fixture, OPENS_S + 45 * 60);
	start_at(fixture, MORNING_S, "boot-2");
	assert_ok(agenda_next(&fixture->terminal, &agenda, &err), &err);
	assert_int_equal(agenda.kind, JOB_NIGHT);
	assert_in_range(agenda.due_s, OPENS_S + DAY_S, OPENS_S + DAY_S + 45 * 60 - 1);
}

TEST_CASE(test_a_restart_does_not_end_a_stretch)
{
	struct agent_fixture *fixture = *state;

	begin(fixture);
	stay_until(fixture, OPENS_S + HOUR_S);
	start_at(fixture, fixture->now_s + 120, "boot-2");
	stay_until(fixture, OPENS_S + 2 * HOUR_S);
	start_at(fixture, MORNING_S, "boot-3");
	assert_int_equal(window_at(fixture, OPENS_S).on_for_s, 2 * HOUR_S);
	assert_int_equal(window_at(fixture, OPENS_S).on_s, 2 * HOUR_S - 120);
}

TEST_CASE(test_a_terminal_that_stays_on_is_not_hurried)
{
	struct agent_fixture *fixture = *state;

	begin(fixture);
	stay_until(fixture, MORNING_S);
	account(fixture);
	assert_int_equal(likely_on_for(fixture, OPENS_S + DAY_S), 0);
}

TEST_CASE(test_a_clock_that_was_ahead_leaves_nothing_behind)
{
	struct agent_fixture *fixture = *state;
	struct contact_row row;
	struct error err = {0};
	bool found;

	begin(fixture);
	fixture->now_s += 3 * DAY_S; /* the clock alone: no time has passed */
	begin(fixture);
	fixture->now_s -= 3 * DAY_S;
	begin(fixture);
	assert_ok(contact_find(fixture->terminal.store, OPENS_S, &row, &found, &err), &err);
	assert_false(found);
	stay_until(fixture, OPENS_S + HOUR_S);
	agent_fixture_note_contact(fixture);
	stay_until(fixture, MORNING_S);
	account(fixture);
	assert_string_equal(window_at(fixture, OPENS_S).outcome, CONTACT_MADE);
	assert_int_equal(window_at(fixture, OPENS_S).on_s, 9 * HOUR_S);
}

static int clocks_set(struct agent_fixture *fixture, const char *part)
{
	struct history_filter filter = {.operation = "clock"};
	struct telling telling = {.part = part};
	struct error err = {0};

	assert_ok(history_each(fixture->terminal.store, &filter, count_telling, &telling, &err), &err);
	return telling.count;
}

TEST_CASE(test_a_clock_ahead_by_centuries_fills_no_disk)
{
	struct agent_fixture *fixture = *state;

	begin(fixture);
	fixture->now_s += 300 * 365 * (int64_t)DAY_S;
	for (int times = 0; times < 3; times++)
		begin(fixture);
	assert_int_equal(missed(fixture, NULL), 0);
	assert_int_equal(clocks_set(fixture, "the clock was set by +109500 d"), 1);
}

/* Something signed has been believed at this clock. */
static void raise_floor(struct agent_fixture *fixture)
{
	struct error err = {0};
	int64_t floor_s;

	assert_ok(time_floor_raise(&fixture->fs, fixture->terminal.metadata_dir_fd, 0, NOON_S, &floor_s, &err), &err);
}

TEST_CASE(test_a_clock_that_was_ahead_for_a_moment_makes_nothing_up)
{
	struct agent_fixture *fixture = *state;

	raise_floor(fixture);
	begin(fixture);
	start_at(fixture, OPENS_S + HOUR_S, "boot-1");
	fixture->now_s += 400 * (int64_t)DAY_S;
	fixture->resident.presence = (struct presence){0}; /* the agent was restarted meanwhile */
	begin(fixture);
	assert_int_equal(clocks_set(fixture, "the clock was set by +400 d"), 1);
	stay_until(fixture, fixture->now_s + 3 * HOUR_S);
	account(fixture);
	assert_int_equal(missed(fixture, NULL), 0);
	fixture->now_s -= 400 * (int64_t)DAY_S;
	begin(fixture);
	assert_int_equal(clocks_set(fixture, "the clock was set by -400 d"), 1);
	stay_until(fixture, MORNING_S);
	account(fixture);
	assert_int_equal(missed(fixture, NULL), 1); /* the night itself, in which there was no contact */
	assert_int_equal(clocks_set(fixture, "set by"), 2);
}

TEST_CASE(test_windows_in_which_the_clock_was_ahead_are_told_of_as_such)
{
	struct agent_fixture *fixture = *state;

	raise_floor(fixture);
	begin(fixture);
	fixture->now_s += 400 * (int64_t)DAY_S;
	begin(fixture);
	wait_until(fixture, fixture->now_s + 2 * DAY_S);
	begin(fixture);
	assert_int_equal(missed(fixture, NULL), 0);
	fixture->now_s -= 400 * (int64_t)DAY_S;
	begin(fixture);
	assert_int_equal(missed(fixture, NULL), 2);
	assert_string_equal(window_at(fixture, OPENS_S).outcome, CONTACT_CLOCK);
}

TEST_CASE(test_a_clock_that_fell_back_behind_signed_times_accounts_for_nothing)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	int64_t floor_s;

	begin(fixture);
	assert_ok(time_floor_raise(&fixture->fs, fixture->terminal.metadata_dir_fd, 0, NOON_S, &floor_s, &err), &err);
	fixture->now_s = 1000;
	begin(fixture);
	start_at(fixture, MORNING_S, "boot-2");
	assert_string_equal(window_at(fixture, OPENS_S).outcome, CONTACT_OFF);
	assert_int_equal(missed(fixture, NULL), 1);
}

TEST_CASE(test_a_first_start_in_1970_does_not_tell_of_every_night_since)
{
	struct agent_fixture *fixture = *state;

	fixture->now_s = 1000;
	begin(fixture);
	for (int hour = 0; hour < 3; hour++)
		start_at(fixture, NOON_S + hour * HOUR_S, "boot-2");
	assert_int_equal(missed(fixture, NULL), 1);
	assert_int_equal(told(fixture, "to 2026-01-10T03:00:00Z"), 1);
}

TEST_CASE(test_wakes_for_the_ends_of_a_window_and_within)
{
	struct agent_fixture *fixture = *state;

	assert_int_equal(account_next_note_s(&fixture->terminal), OPENS_S);
	fixture->now_s = OPENS_S;
	assert_int_equal(account_next_note_s(&fixture->terminal), OPENS_S + PRESENCE_PAUSE_S);
	fixture->now_s = OPENS_S + 9 * HOUR_S - 60;
	assert_int_equal(account_next_note_s(&fixture->terminal), OPENS_S + 9 * HOUR_S);
}

TEST_CASE(test_status_tells_the_windows)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *answer = NULL;
	const json_t *windows;

	begin(fixture);
	start_at(fixture, MORNING_S + DAY_S, "boot-2");
	answer = agent_fixture_call(fixture, "GetStatus", NULL);
	windows = json_object_get(json_object_get(answer, "parameters"), "windows");
	assert_int_equal(json_array_size(windows), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(windows, 1), "date")), "2026-01-11");
	assert_string_equal(json_string_value(json_object_get(json_array_get(windows, 1), "outcome")), "off");
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
