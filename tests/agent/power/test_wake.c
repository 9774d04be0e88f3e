/* A terminal that is switched off at night: started for its turn, powered down again. */
#include "tests/agent/power/wake_fixture.h"

#include <errno.h>

#include "agent/base/job_kind.h"
#include "agent/store/contact.h"
#include "agent/turn/windows.h"

TEST_CASE(test_the_alarm_is_for_the_turn_whatever_the_device_takes_for_the_time)
{
	wake_arrange(&((struct agent_fixture *)*state)->terminal, TURN_S);
	assert_int_equal(device_alarm(*state), ALARM_S + CLOCK_AHEAD_S);
	assert_int_equal(told(*state).alarm_s, ALARM_S);
	assert_string_equal(told(*state).trouble, "");
}

TEST_CASE(test_another_turn_is_another_alarm_and_none_is_none)
{
	struct agent_fixture *fixture = *state;

	wake_arrange(&fixture->terminal, TURN_S);
	wake_arrange(&fixture->terminal, TURN_S + 86400);
	assert_int_equal(device_alarm(fixture), ALARM_S + 86400 + CLOCK_AHEAD_S);
	wake_arrange(&fixture->terminal, SCHEDULE_NEVER);
	assert_int_equal(device_alarm(fixture), 0);
	assert_int_equal(told(fixture).alarm_s, 0);
}

/* Many devices know the hour of an alarm and no day. */
static bool knows_no_day;

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);

ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
	char link[32], path[FOLDER_PATH_SIZE + 32] = "";
	ssize_t got;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	got = knows_no_day ? readlink(link, path, sizeof(path) - 1) : -1;
	if (got > 0 && strstr(path, "/rtc/wakealarm") && strtoll(bytes, NULL, 10) > NOON_S + CLOCK_AHEAD_S + 86399) {
		errno = EINVAL;
		return -1;
	}
	return __real_write(fd, bytes, len);
}

TEST_CASE(test_a_clock_that_knows_no_day_starts_the_machine_on_the_way_to_its_turn)
{
	struct agent_fixture *fixture = *state;
	int64_t relay_s;

	knows_no_day = true;
	wake_arrange(&fixture->terminal, TURN_S + 86400);
	assert_string_equal(told(fixture).trouble, "");
	relay_s = told(fixture).alarm_s;
	assert_in_range(relay_s, NOON_S + 80000, NOON_S + 86399);
	assert_int_equal(device_alarm(fixture), relay_s + CLOCK_AHEAD_S);
	wake_arrange(&fixture->terminal, TURN_S + 86400); /* it stands */
	assert_int_equal(told(fixture).alarm_s, relay_s);
	knows_no_day = false; /* woken by it, the day is the same */
	put_number(fixture, "rtc/wakealarm", 0);
	start_machine(fixture, relay_s + 8, true);
	assert_true(is_due_to_go_down(fixture));
	wake_arrange(&fixture->terminal, TURN_S + 86400);
	assert_int_equal(told(fixture).alarm_s, ALARM_S + 86400);
}

TEST_CASE(test_a_turn_that_is_close_is_not_missed_by_a_machine_that_goes_down_now)
{
	struct agent_fixture *fixture = *state;

	wake_arrange(&fixture->terminal, NOON_S + 30);
	assert_int_equal(told(fixture).alarm_s, NOON_S + 60);
}

TEST_CASE(test_it_is_off_by_default_and_what_was_set_is_taken_back)
{
	struct agent_fixture *fixture = *state;

	assert_string_equal(config_text(&fixture->config, "power", "wake"), "no");
	wake_arrange(&fixture->terminal, TURN_S);
	fixture->config.power_wake = CONFIG_NO;
	wake_arrange(&fixture->terminal, TURN_S);
	assert_int_equal(device_alarm(fixture), 0);
	assert_false(told(fixture).is_wanted);
}

TEST_CASE(test_a_machine_that_its_alarm_started_is_switched_off_again_once)
{
	struct agent_fixture *fixture = *state;

	wake_by_alarm(fixture);
	assert_true(is_due_to_go_down(fixture));
	power_down(fixture);
	assert_int_equal(machine.downs, 1);
	assert_string_equal(machine.how, "poweroff");
	power_down(fixture);
	assert_int_equal(machine.downs, 1);
	assert_int_equal(rows_of_power(fixture, "begun"), 1);
	assert_int_equal(rows_of_power(fixture, "done"), 1);
}

TEST_CASE(test_one_that_it_woke_from_sleep_goes_back_to_sleep)
{
	struct agent_fixture *fixture = *state;
	struct wake_watch watch = {0};

	notice(fixture, &watch);
	wake_arrange(&fixture->terminal, TURN_S);
	put_number(fixture, "rtc/wakealarm", 0);
	fixture->now_s = ALARM_S + 2;
	machine.slept_ms = 3600000;
	tick(fixture);
	notice(fixture, &watch);
	assert_true(is_due_to_go_down(fixture));
	power_down(fixture);
	assert_string_equal(machine.how, "suspend");
}

/* Planning anew moves the alarm, and the end of a sleep is a reason to plan: the kernel tells it as a change of the clock. */
TEST_CASE(test_whoever_plans_anew_first_sees_that_the_alarm_has_rung)
{
	struct agent_fixture *fixture = *state;
	struct resident *resident = &fixture->resident;
	int64_t alarm_s;

	resident_plan_next(resident);
	alarm_s = resident->wake_s;
	assert_true(alarm_s > fixture->now_s);
	put_number(fixture, "rtc/wakealarm", 0);
	machine.slept_ms = (alarm_s - fixture->now_s) * 1000;
	fixture->now_s = alarm_s + 2;
	tick(fixture);
	resident_plan_next(resident);
	assert_int_equal(rows_of_power(fixture, "begun"), 1);
	assert_true(is_due_to_go_down(fixture));
	resident_notice_sleep(resident); /* once for each sleep */
	assert_int_equal(rows_of_power(fixture, "begun"), 1);
}

TEST_CASE(test_an_agent_that_its_alarm_started_sees_that_before_it_plans)
{
	struct agent_fixture *fixture = *state;
	struct resident *resident = &fixture->resident;
	int64_t alarm_s;

	resident_plan_next(resident);
	alarm_s = resident->wake_s;
	put_number(fixture, "rtc/wakealarm", 0);
	(void)strcpy(fixture->boot_id, "boot-2");
	fixture->now_s = alarm_s + 60;
	fixture->monotonic_ms = 55000;
	tick(fixture);
	resident->wake = (struct wake_watch){0}; /* another process */
	resident_plan_next(resident);
	assert_int_equal(rows_of_power(fixture, "begun"), 1);
	assert_true(is_due_to_go_down(fixture));
}

TEST_CASE(test_it_stays_on_for_what_is_to_be_done_within_the_hour)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	int64_t due_s;

	wake_by_alarm(fixture);
	assert_ok(wake_down_due_s(&fixture->terminal, fixture->now_s + WAKE_STAYS_S, &due_s, &err), &err);
	assert_true(due_s == SCHEDULE_NEVER);
	assert_ok(wake_down_due_s(&fixture->terminal, fixture->now_s + WAKE_STAYS_S + 1, &due_s, &err), &err);
	assert_int_equal(due_s, fixture->now_s);
}

/* The whole way: the turn of the agenda, the alarm, the night, the count of nights, and down. */
TEST_CASE(test_its_night_is_counted_and_then_the_agenda_puts_powering_down)
{
	struct agent_fixture *fixture = *state;
	struct job_result result = {.contact = true};
	struct wake_watch watch = {0};
	struct schedule_answer window;
	struct contact_row row;
	struct agenda agenda;
	struct error err = {0};
	bool found;

	notice(fixture, &watch);
	assert_ok(agenda_next(&fixture->terminal, &agenda, &err), &err);
	wake_arrange(&fixture->terminal, agenda.night_s);
	start_machine(fixture, agenda.night_s - 60 - WAKE_LEAD_S + 8, true);
	assert_ok(agenda_next(&fixture->terminal, &agenda, &err), &err);
	assert_int_equal(agenda.kind, JOB_NIGHT);
	fixture->now_s = agenda.due_s;
	assert_ok(windows_ask(&fixture->terminal, &window, &err), &err);
	assert_ok(agenda_settle_night(&fixture->terminal, &window, &result, NULL, &err), &err);
	assert_ok(contact_find(fixture->terminal.store, window.opens_s, &row, &found, &err), &err);
	assert_true(found && row.woken);
	assert_ok(agenda_next(&fixture->terminal, &agenda, &err), &err);
	assert_int_equal(agenda.kind, JOB_POWER_DOWN);
	assert_int_equal(agenda.due_s, fixture->now_s);
	assert_true(agenda.night_s > fixture->now_s + 3600);
}

TEST_CASE(test_a_night_on_a_machine_that_was_on_is_not_counted)
{
	struct agent_fixture *fixture = *state;
	struct schedule_answer window = {.opens_s = NOON_S - 3600, .closes_s = NOON_S + 3600};
	struct error err = {0};
	bool woken = true;

	assert_ok(wake_was_for(&fixture->terminal, &window, &woken, &err), &err);
	assert_false(woken);
}

TEST_CASE(test_an_agent_that_starts_anew_still_powers_down)
{
	struct agent_fixture *fixture = *state;
	struct wake_watch watch = {0};

	wake_by_alarm(fixture);
	notice(fixture, &watch);
	assert_true(is_due_to_go_down(fixture));
}

TESTS(wake_setup, agent_fixture_teardown)
