#include <stdlib.h>
#include <string.h>

#include "agent/resident/agenda.h"
#include "agent/restart/restart.h"
#include "agent/store/history.h"
#include "scheduler/schedule.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define HOUR_S 3600
/* It is noon in Japan; the next 04:30 there is 16 and a half hours away. */
#define NEXT_0430_S (NOON_S + 16 * HOUR_S + HOUR_S / 2)
#define LONG_AGO_S (NOON_S - 30 * HOUR_S)

/* A machine whose programs are answered here: the one that tells if it is in use, the one that restarts it. */
struct machine {
	struct processes processes;
	int in_use_status;
	int restart_status;
	int restarts;
};

static int run_program(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	struct machine *machine = processes->context;

	(void)err;
	*ret_result = (struct process_result){0};
	if (strcmp(request->argv[0], "/in-use") == 0) {
		ret_result->exit_status = machine->in_use_status;
		return 0;
	}
	assert_string_equal(request->argv[0], "/restart");
	ret_result->exit_status = machine->restart_status;
	machine->restarts++;
	return 0;
}

static void want_restart(struct agent_fixture *fixture, const char *at, struct machine *machine)
{
	struct config *config = &fixture->config;

	free(config->restart_at);
	free(config->restart_command_path);
	free(config->restart_in_use_command_path);
	config->restart_at = strdup(at);
	config->restart_command_path = strdup("/restart");
	config->restart_in_use_command_path = strdup("/in-use");
	*machine = (struct machine){.processes = {.run = run_program}, .in_use_status = 1};
	machine->processes.context = machine;
	fixture->env.processes = &machine->processes;
}

static int64_t due(struct agent_fixture *fixture, int64_t boot_s)
{
	struct error err = {0};
	int64_t due_s;

	assert_ok(restart_due_s(&fixture->terminal, boot_s, &due_s, &err), &err);
	return due_s;
}

static int take_outcome(void *context, const struct history_row *row, struct error *err)
{
	(void)err;
	memcpy(context, row->outcome, sizeof(row->outcome));
	return 0;
}

/* Of the newest row about a restart; "" for none. */
static void assert_recorded(struct agent_fixture *fixture, const char *outcome)
{
	struct history_filter filter = {.operation = "restart", .newest = 1};
	char newest[sizeof(((struct history_row *)0)->outcome)] = "";
	struct error err = {0};

	assert_ok(history_each(fixture->terminal.store, &filter, take_outcome, newest, &err), &err);
	assert_string_equal(newest, outcome);
}

TEST_CASE(test_none_is_due_where_none_is_wanted)
{
	struct agent_fixture *fixture = *state;
	struct machine machine;

	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
	assert_int_equal(due(fixture, LONG_AGO_S), SCHEDULE_NEVER);
	want_restart(fixture, "04:30", &machine);
	assert_int_equal(due(fixture, LONG_AGO_S), NEXT_0430_S);
}

TEST_CASE(test_none_is_due_while_nothing_is_staged)
{
	struct machine machine;

	want_restart(*state, "04:30", &machine);
	assert_int_equal(due(*state, LONG_AGO_S), SCHEDULE_NEVER);
}

TEST_CASE(test_is_the_next_job_once_it_comes_before_the_night)
{
	struct agent_fixture *fixture = *state;
	struct machine machine;
	struct agenda agenda;
	struct error err = {0};

	want_restart(fixture, "12:30", &machine);
	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
	assert_ok(agenda_next(&fixture->terminal, &agenda, &err), &err);
	assert_int_equal(agenda.kind, JOB_RESTART);
	assert_int_equal(agenda.due_s, NOON_S + HOUR_S / 2);
	want_restart(fixture, "11:30", &machine);
	assert_ok(agenda_next(&fixture->terminal, &agenda, &err), &err);
	assert_int_equal(agenda.kind, JOB_NIGHT);
}

TEST_CASE(test_one_that_was_asked_for_comes_once_tonight)
{
	struct agent_fixture *fixture = *state;
	struct machine machine;
	struct error err = {0};
	int64_t due_s;

	want_restart(fixture, "", &machine);
	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
	assert_int_equal(due(fixture, LONG_AGO_S), SCHEDULE_NEVER);
	assert_ok(restart_ask_tonight(&fixture->terminal, &due_s, &err), &err);
	assert_int_equal(due_s, NEXT_0430_S);
	assert_int_equal(due(fixture, LONG_AGO_S), NEXT_0430_S);
	assert_int_equal(due(fixture, NEXT_0430_S + 1), SCHEDULE_NEVER); /* it was off then */
	fixture->now_s = NEXT_0430_S + 30;
	assert_ok(restart_run(&fixture->terminal, &err), &err);
	assert_int_equal(machine.restarts, 1);
	assert_int_equal(due(fixture, LONG_AGO_S), SCHEDULE_NEVER);
}

TEST_CASE(test_restarts_the_machine_once)
{
	struct agent_fixture *fixture = *state;
	struct machine machine;
	struct error err = {0};

	want_restart(fixture, "04:30", &machine);
	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
	fixture->now_s = NEXT_0430_S + 30;
	assert_int_equal(due(fixture, LONG_AGO_S), NEXT_0430_S);
	assert_ok(restart_run(&fixture->terminal, &err), &err);
	assert_int_equal(machine.restarts, 1);
	assert_recorded(fixture, "begun");
	assert_int_equal(due(fixture, LONG_AGO_S), NEXT_0430_S + 24 * HOUR_S);
}

TEST_CASE(test_leaves_a_terminal_in_use_alone_until_tomorrow)
{
	static const int in_use[] = {0, 127}; /* it says so; it cannot be asked */

	for (size_t i = 0; i < ARRAY_SIZE(in_use); i++) {
		struct agent_fixture *fixture = *state;
		struct machine machine;
		struct error err = {0};

		want_restart(fixture, "04:30", &machine);
		machine.in_use_status = in_use[i];
		agent_fixture_stage(fixture, "face-library", "5.1.0", i ? DIGEST_A : DIGEST_B);
		fixture->now_s = NEXT_0430_S + (int64_t)i * 24 * HOUR_S;
		assert_ok(restart_run(&fixture->terminal, &err), &err);
		assert_int_equal(machine.restarts, 0);
		assert_recorded(fixture, "stopped");
		assert_int_equal(due(fixture, LONG_AGO_S), fixture->now_s + 24 * HOUR_S);
	}
}

/* As logind notes who holds something up. */
static void hold_up(struct agent_fixture *fixture, const char *what, const char *mode)
{
	char text[256];
	int len = snprintf(text, sizeof(text),
		"# This is private data. Do not parse.\nWHAT=%s\nMODE=%s\nUID=0\nPID=77\nWHO=fwupd\nWHY=Firmware is written\n",
		what, mode);

	folder_put(&fixture->folder, "run/systemd/inhibit/3", text, (size_t)len);
	folder_put(&fixture->folder, "run/systemd/inhibit/3.ref", "", 0);
}

TEST_CASE(test_waits_for_a_program_that_holds_the_shutdown_up_until_tomorrow)
{
	static const struct {
		const char *what, *mode;
		int restarts;
	} rows[] = {{"shutdown", "block", 0}, {"sleep:shutdown:idle", "block", 0}, {"shutdown", "delay", 1},
		{"sleep", "block", 1}, {"handle-lid-switch", "block", 1}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct agent_fixture *fixture = *state;
		struct machine machine;
		struct error err = {0};

		want_restart(fixture, "04:30", &machine);
		hold_up(fixture, rows[i].what, rows[i].mode);
		if (i == 0)
			agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
		fixture->now_s = NEXT_0430_S + (int64_t)i * 24 * HOUR_S;
		assert_ok(restart_run(&fixture->terminal, &err), &err);
		assert_int_equal(machine.restarts, rows[i].restarts);
		assert_recorded(fixture, rows[i].restarts ? "begun" : "stopped");
	}
}

TEST_CASE(test_leaves_a_terminal_alone_that_was_switched_on_later)
{
	struct agent_fixture *fixture = *state;
	struct machine machine;

	want_restart(fixture, "04:30", &machine);
	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
	fixture->now_s = NEXT_0430_S + 300;
	assert_int_equal(due(fixture, NEXT_0430_S + 60), NEXT_0430_S + 24 * HOUR_S);
	fixture->now_s = NEXT_0430_S + 600; /* it was asleep at that time */
	assert_int_equal(due(fixture, LONG_AGO_S), NEXT_0430_S + 24 * HOUR_S);
}

TEST_CASE(test_records_that_the_machine_would_not_restart)
{
	struct agent_fixture *fixture = *state;
	struct machine machine;
	struct error err = {0};

	want_restart(fixture, "04:30", &machine);
	machine.restart_status = 1;
	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
	assert_int_equal(restart_run(&fixture->terminal, &err), -1);
	assert_error(&err, ERROR_FAILED, "'/restart' ended with 1");
	assert_recorded(fixture, "failed");
}

TEST_CASE(test_a_terminal_in_a_folder_never_restarts_the_machine_itself)
{
	struct agent_fixture *fixture = *state;
	struct machine machine;
	struct error err = {0};

	want_restart(fixture, "04:30", &machine);
	*fixture->config.restart_command_path = '\0';
	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
	assert_int_equal(restart_run(&fixture->terminal, &err), -1);
	assert_error(&err, ERROR_FAILED, "does not restart the machine");
	assert_int_equal(machine.restarts, 0);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
