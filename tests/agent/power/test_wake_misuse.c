/* Ways to make a terminal wake, or go down, when it should not: a clock that others change, somebody at the machine, a start that was
 * not the alarm's. Each is refused, and told. */
#include "tests/agent/power/wake_fixture.h"

static void assert_trouble(struct agent_fixture *fixture, const char *part)
{
	wake_arrange(&fixture->terminal, TURN_S);
	if (!strstr(told(fixture).trouble, part))
		fail_msg("expected '%s', got '%s'", part, told(fixture).trouble);
	assert_int_equal(told(fixture).alarm_s, 0);
}

static void clock_path(struct agent_fixture *fixture, const char *name, char ret_path[static FOLDER_PATH_SIZE + 32])
{
	(void)snprintf(ret_path, FOLDER_PATH_SIZE + 32, "%s/rtc/%s", fixture->folder.path, name);
}

/* ---- The clock ---- */

TEST_CASE(test_an_alarm_of_somebody_else_is_left_alone)
{
	struct agent_fixture *fixture = *state;

	put_number(fixture, "rtc/wakealarm", 4711000000);
	assert_trouble(fixture, "another program has set the alarm");
	assert_int_equal(device_alarm(fixture), 4711000000);
	put_number(fixture, "rtc/wakealarm", 0);
	wake_arrange(&fixture->terminal, TURN_S);
	assert_int_equal(told(fixture).alarm_s, ALARM_S);
}

TEST_CASE(test_one_that_replaced_ours_is_not_taken_back)
{
	struct agent_fixture *fixture = *state;

	wake_arrange(&fixture->terminal, TURN_S);
	put_number(fixture, "rtc/wakealarm", 4711000000);
	fixture->config.power_wake = CONFIG_NO;
	wake_arrange(&fixture->terminal, TURN_S);
	assert_int_equal(device_alarm(fixture), 4711000000);
}

TEST_CASE(test_a_clock_that_says_no_number)
{
	static const char *const says[] = {"soon\n", "-5\n", "1e9\n", "99999999999999999999999\n", "17680140001768014000\n", "", "0\n"};
	struct agent_fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(says); i++) {
		folder_put(&fixture->folder, "rtc/since_epoch", says[i], strlen(says[i]));
		assert_trouble(fixture, "clock");
		assert_int_equal(device_alarm(fixture), 0);
	}
}

TEST_CASE(test_a_machine_without_a_clock)
{
	replace(&((struct agent_fixture *)*state)->config.power_clock_path, "/nowhere/rtc9");
	assert_trouble(*state, "/nowhere/rtc9");
}

TEST_CASE(test_a_clock_without_an_alarm)
{
	char path[FOLDER_PATH_SIZE + 32];

	clock_path(*state, "wakealarm", path);
	assert_int_equal(unlink(path), 0);
	assert_trouble(*state, "wakealarm");
	assert_int_equal(access(path, F_OK), -1); /* nor is one made */
}

TEST_CASE(test_an_alarm_that_is_a_link_writes_nothing_elsewhere)
{
	struct agent_fixture *fixture = *state;
	char path[FOLDER_PATH_SIZE + 32];
	size_t len;
	char *text;

	folder_put(&fixture->folder, "precious", "data", 4);
	clock_path(fixture, "wakealarm", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("../precious", path), 0);
	assert_trouble(fixture, "wakealarm");
	text = folder_get(&fixture->folder, "precious", &len);
	assert_string_equal(text, "data");
	free(text);
}

TEST_CASE(test_a_time_that_is_a_link_is_not_believed)
{
	struct agent_fixture *fixture = *state;
	char path[FOLDER_PATH_SIZE + 32];

	put_number(fixture, "elsewhere", NOON_S);
	clock_path(fixture, "since_epoch", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("../elsewhere", path), 0);
	assert_trouble(fixture, "since_epoch");
	assert_int_equal(device_alarm(fixture), 0);
}

TEST_CASE(test_an_alarm_that_would_make_us_wait)
{
	char path[FOLDER_PATH_SIZE + 32];

	clock_path(*state, "wakealarm", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_trouble(*state, "is no file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_trouble(*state, "is no file");
}

TEST_CASE(test_a_turn_beyond_what_a_clock_can_count_sets_nothing)
{
	struct agent_fixture *fixture = *state;

	wake_arrange(&fixture->terminal, NOON_S + INT64_C(60) * 86400);
	assert_int_equal(device_alarm(fixture), 0);
}

TEST_CASE(test_a_turn_that_has_passed_is_no_alarm_in_the_past)
{
	struct agent_fixture *fixture = *state;

	fixture->now_s = TURN_S + 86400; /* somebody has set the clock forward */
	tick(fixture);
	wake_arrange(&fixture->terminal, TURN_S);
	assert_int_equal(told(fixture).alarm_s, fixture->now_s + 60);
	assert_int_equal(device_alarm(fixture), fixture->now_s + 60 + CLOCK_AHEAD_S);
}

TEST_CASE(test_a_clock_that_is_set_back_takes_the_alarm_along)
{
	struct agent_fixture *fixture = *state;

	wake_arrange(&fixture->terminal, TURN_S);
	fixture->now_s = NOON_S - 7 * 86400; /* the system's alone: the device goes on */
	wake_arrange(&fixture->terminal, TURN_S);
	assert_int_equal(told(fixture).alarm_s, ALARM_S);
	assert_int_equal(device_alarm(fixture), ALARM_S + 7 * 86400 + CLOCK_AHEAD_S);
}

/* ---- A start that was not the alarm's ---- */

TEST_CASE(test_a_start_by_hand_is_no_waking)
{
	static const int64_t starts[] = {ALARM_S - 3600, ALARM_S - 31, ALARM_S + WAKE_LATE_S + 1, ALARM_S + 86400};
	struct agent_fixture *fixture = *state;
	struct wake_watch watch = {0};

	notice(fixture, &watch);
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		fixture->now_s = NOON_S;
		tick(fixture);
		wake_arrange(&fixture->terminal, TURN_S);
		start_machine(fixture, starts[i], true);
		assert_false(is_due_to_go_down(fixture));
	}
	assert_int_equal(rows_of_power(fixture, NULL), 0);
}

TEST_CASE(test_a_start_while_the_alarm_still_stands_is_no_waking)
{
	struct agent_fixture *fixture = *state;
	struct wake_watch watch = {0};

	notice(fixture, &watch);
	wake_arrange(&fixture->terminal, TURN_S);
	start_machine(fixture, ALARM_S + 8, false);
	assert_false(is_due_to_go_down(fixture));
}

TEST_CASE(test_an_alarm_that_rings_while_the_machine_is_on_is_no_waking)
{
	struct agent_fixture *fixture = *state;
	struct wake_watch watch = {0};

	notice(fixture, &watch);
	wake_arrange(&fixture->terminal, TURN_S);
	put_number(fixture, "rtc/wakealarm", 0);
	fixture->now_s = ALARM_S + 1;
	tick(fixture);
	notice(fixture, &watch);
	assert_false(is_due_to_go_down(fixture));
	memset(&watch, 0, sizeof(watch));
	notice(fixture, &watch); /* nor is an agent that starts anew at that moment */
	assert_false(is_due_to_go_down(fixture));
}

TEST_CASE(test_a_machine_that_was_woken_by_somebody_before_its_alarm)
{
	struct agent_fixture *fixture = *state;
	struct wake_watch watch = {0};

	notice(fixture, &watch);
	wake_arrange(&fixture->terminal, TURN_S);
	machine.slept_ms = 3600000;
	fixture->now_s = ALARM_S - 600;
	tick(fixture);
	notice(fixture, &watch);
	assert_false(is_due_to_go_down(fixture));
}

TEST_CASE(test_a_waking_of_a_former_start_is_over)
{
	struct agent_fixture *fixture = *state;

	wake_by_alarm(fixture);
	start_machine(fixture, ALARM_S + 1800, true); /* restarted by hand */
	assert_false(is_due_to_go_down(fixture));
	power_down(fixture);
	assert_int_equal(machine.downs, 0);
}

TEST_CASE(test_the_job_by_hand_powers_nothing_down)
{
	power_down(*state);
	assert_int_equal(machine.downs, 0);
}

TEST_CASE(test_a_setting_that_was_taken_back_meanwhile_holds)
{
	struct agent_fixture *fixture = *state;

	wake_by_alarm(fixture);
	fixture->config.power_wake = CONFIG_NO;
	assert_false(is_due_to_go_down(fixture));
	power_down(fixture);
	assert_int_equal(machine.downs, 0);
}

/* Whoever has put an alarm of his own in the place of ours is who woke it, and may be on his way. */
TEST_CASE(test_the_alarm_of_another_that_replaced_ours_is_no_waking)
{
	struct agent_fixture *fixture = *state;
	struct wake_watch watch = {0};

	notice(fixture, &watch);
	wake_arrange(&fixture->terminal, TURN_S);
	put_number(fixture, "rtc/wakealarm", ALARM_S + CLOCK_AHEAD_S + 86400);
	machine.slept_ms = 3600000;
	fixture->now_s = ALARM_S + 2;
	tick(fixture);
	notice(fixture, &watch);
	assert_false(is_due_to_go_down(fixture));
	assert_int_equal(rows_of_power(fixture, NULL), 0);
}

TEST_CASE(test_a_device_that_was_set_back_while_the_machine_was_off_is_no_waking)
{
	struct agent_fixture *fixture = *state;
	struct wake_watch watch = {0};

	notice(fixture, &watch);
	wake_arrange(&fixture->terminal, TURN_S);
	put_number(fixture, "rtc/wakealarm", 0);
	(void)strcpy(fixture->boot_id, "boot-2");
	fixture->now_s = ALARM_S + 68;
	fixture->monotonic_ms = 60000;
	put_number(fixture, "rtc/since_epoch", fixture->now_s + CLOCK_AHEAD_S - 86400);
	memset(&watch, 0, sizeof(watch));
	notice(fixture, &watch);
	assert_false(is_due_to_go_down(fixture));
}

/* The row and the word to go down stand together: neither a second look nor another process adds one. */
TEST_CASE(test_one_ringing_is_told_once)
{
	struct agent_fixture *fixture = *state;
	struct wake_watch watch = {0};

	wake_by_alarm(fixture);
	for (int i = 0; i < 3; i++) {
		notice(fixture, &watch);
		memset(&watch, 0, sizeof(watch));
	}
	assert_int_equal(rows_of_power(fixture, "begun"), 1);
}

/* ---- Somebody is there ---- */

static void assert_stays_on(struct agent_fixture *fixture)
{
	power_down(fixture);
	assert_int_equal(machine.downs, 0);
	assert_int_equal(rows_of_power(fixture, "stopped"), 1);
	assert_false(is_due_to_go_down(fixture));
}

static void put_session(struct agent_fixture *fixture, const char *text)
{
	folder_put(&fixture->folder, "run/systemd/sessions/7", text, strlen(text));
}

TEST_CASE(test_somebody_who_is_signed_in)
{
	wake_by_alarm(*state);
	put_session(*state, "# This is private data.\nUID=1000\nUSER=clerk\nACTIVE=1\nSTATE=active\nCLASS=user\nTYPE=wayland\n");
	assert_stays_on(*state);
}

TEST_CASE(test_a_locked_screen_is_somebody_signed_in)
{
	wake_by_alarm(*state);
	put_session(*state, "UID=1000\nACTIVE=0\nSTATE=online\nLOCKED_HINT=1\nCLASS=user\nTYPE=x11\n");
	assert_stays_on(*state);
}

TEST_CASE(test_somebody_who_is_signed_in_from_elsewhere)
{
	wake_by_alarm(*state);
	put_session(*state, "UID=1000\nACTIVE=1\nSTATE=active\nREMOTE=1\nCLASS=user\nTYPE=tty\n");
	assert_stays_on(*state);
}

TEST_CASE(test_the_screen_that_asks_who_signs_in_is_nobody)
{
	wake_by_alarm(*state);
	put_session(*state, "UID=110\nACTIVE=1\nSTATE=active\nCLASS=greeter\nTYPE=wayland\n");
	folder_put(&((struct agent_fixture *)*state)->folder, "run/systemd/sessions/8", "STATE=closing\nCLASS=user\n", 25);
	power_down(*state);
	assert_int_equal(machine.downs, 1);
}

TEST_CASE(test_an_application_that_is_in_use)
{
	wake_by_alarm(*state);
	machine.in_use_status = 0;
	assert_stays_on(*state);
}

TEST_CASE(test_an_application_that_cannot_tell)
{
	wake_by_alarm(*state);
	machine.in_use_status = 127;
	assert_stays_on(*state);
}

TEST_CASE(test_somebody_who_changes_something)
{
	struct agent_fixture *fixture = *state;
	json_t *answer;

	wake_by_alarm(fixture);
	answer = agent_fixture_call(fixture, "Hold", "{\"package\":\"face-library\"}");
	json_decref(answer);
	assert_false(is_due_to_go_down(fixture));
	assert_int_equal(rows_of_power(fixture, "stopped"), 1);
}

TEST_CASE(test_a_command_that_fails_is_not_tried_for_ever)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};

	wake_by_alarm(fixture);
	machine.down_status = 1;
	assert_int_equal(wake_power_down(&fixture->terminal, &err), -1);
	assert_int_equal(rows_of_power(fixture, "failed"), 1);
	assert_false(is_due_to_go_down(fixture));
}

TEST_CASE(test_a_terminal_below_a_folder_does_not_power_the_machine_down)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};

	wake_by_alarm(fixture);
	replace(&fixture->config.power_down_command_path, "");
	assert_int_equal(wake_power_down(&fixture->terminal, &err), -1);
	assert_non_null(strstr(err.text, "[power] down_command"));
}

TESTS(wake_setup, agent_fixture_teardown)
