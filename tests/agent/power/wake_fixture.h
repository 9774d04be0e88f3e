/* A terminal that is to be woken for its turn, with a clock device of its own in the folder "rtc", and a machine that notes how it is
 * powered down. */
#ifndef TESTS_AGENT_POWER_WAKE_FIXTURE_H
#define TESTS_AGENT_POWER_WAKE_FIXTURE_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/power/wake.h"
#include "agent/resident/agenda.h"
#include "agent/store/history.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define CLOCK_AHEAD_S (9 * 3600) /* the device runs on Japan's wall */
#define TURN_S (NOON_S + 10 * 3600)
#define ALARM_S (TURN_S - 60 - WAKE_LEAD_S) /* with the start delay of a minute */

struct machine {
	struct processes processes;
	int in_use_status;
	int down_status;
	int downs;
	char how[16];
	int64_t slept_ms;
};

static struct machine machine;

static inline int run_program(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	(void)processes, (void)err;
	*ret_result = (struct process_result){0};
	if (strcmp(request->argv[0], "/in-use") == 0) {
		ret_result->exit_status = machine.in_use_status;
		return 0;
	}
	assert_string_equal(request->argv[0], "/down");
	(void)snprintf(machine.how, sizeof(machine.how), "%s", request->argv[1]);
	machine.downs++;
	ret_result->exit_status = machine.down_status;
	return 0;
}

static inline int64_t machine_slept_ms(const struct clock *clock)
{
	(void)clock;
	return machine.slept_ms;
}

static inline void put_number(struct agent_fixture *fixture, const char *name, int64_t number)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%" PRId64 "\n", number);

	folder_put(&fixture->folder, name, text, number ? (size_t)len : 0);
}

/* What the device says now, if it runs. */
static inline void tick(struct agent_fixture *fixture)
{
	put_number(fixture, "rtc/since_epoch", fixture->now_s + CLOCK_AHEAD_S);
}

static inline int64_t device_alarm(struct agent_fixture *fixture)
{
	size_t len;
	char *text = folder_get(&fixture->folder, "rtc/wakealarm", &len);
	int64_t number = text ? strtoll(text, NULL, 10) : -1;

	free(text);
	return number;
}

static inline void replace(char **setting, const char *value)
{
	free(*setting);
	*setting = strdup(value);
}

static inline int wake_setup(void **state)
{
	char path[FOLDER_PATH_SIZE + 8];
	struct agent_fixture *fixture;

	(void)agent_fixture_setup(state);
	fixture = *state;
	machine = (struct machine){.processes = {.run = run_program}, .in_use_status = 1};
	fixture->env.processes = &machine.processes;
	fixture->clock.slept_ms = machine_slept_ms;
	fixture->config.power_wake = CONFIG_YES;
	fixture->config.start_delay_s = 60;
	(void)snprintf(path, sizeof(path), "%s/rtc", fixture->folder.path);
	replace(&fixture->config.power_clock_path, path);
	replace(&fixture->config.power_down_command_path, "/down");
	replace(&fixture->config.restart_in_use_command_path, "/in-use");
	put_number(fixture, "rtc/wakealarm", 0);
	tick(fixture);
	return 0;
}

static inline struct wake_state told(struct agent_fixture *fixture)
{
	struct wake_state wake;
	struct error err = {0};

	assert_ok(wake_tell(&fixture->terminal, &wake, &err), &err);
	return wake;
}

static inline void notice(struct agent_fixture *fixture, struct wake_watch *watch)
{
	struct error err = {0};

	assert_ok(wake_notice(&fixture->terminal, watch, &err), &err);
}

/* The machine is switched off, and starts at AT_S; the alarm has rung where RINGS. The agent follows a minute later. */
static inline void start_machine(struct agent_fixture *fixture, int64_t at_s, bool rings)
{
	struct wake_watch watch = {0};

	if (rings)
		put_number(fixture, "rtc/wakealarm", 0);
	(void)snprintf(fixture->boot_id, sizeof(fixture->boot_id), "boot-%" PRId64, at_s);
	fixture->now_s = at_s + 60;
	fixture->monotonic_ms = 60000;
	machine.slept_ms = 0;
	tick(fixture);
	notice(fixture, &watch);
}

static inline bool is_due_to_go_down(struct agent_fixture *fixture)
{
	struct error err = {0};
	int64_t due_s;

	assert_ok(wake_down_due_s(&fixture->terminal, SCHEDULE_NEVER, &due_s, &err), &err);
	return due_s != SCHEDULE_NEVER;
}

static inline int count_row(void *context, const struct history_row *row, struct error *err)
{
	(void)row, (void)err;
	++*(int *)context;
	return 0;
}

static inline int rows_of_power(struct agent_fixture *fixture, const char *outcome)
{
	struct history_filter filter = {.operation = "power", .outcome = outcome};
	struct error err = {0};
	int count = 0;

	assert_ok(history_each(fixture->terminal.store, &filter, count_row, &count, &err), &err);
	return count;
}

/* Switched off with its alarm set, and started by it. */
static inline void wake_by_alarm(struct agent_fixture *fixture)
{
	struct wake_watch watch = {0};

	notice(fixture, &watch);
	wake_arrange(&fixture->terminal, TURN_S);
	start_machine(fixture, ALARM_S + 8, true);
}

static inline void power_down(struct agent_fixture *fixture)
{
	struct error err = {0};

	assert_ok(wake_power_down(&fixture->terminal, &err), &err);
}

#endif
