#include <stdio.h>
#include <string.h>

#include "agent/power/wake.h"
#include "agent/power/wake_settings.h"
#include "agent/restart/in_use.h"
#include "agent/store/history.h"
#include "common/platform.h"
#include "common/process.h"

#define COMMAND_TIMEOUT_MS 60000

static int record(struct terminal *terminal, const char *outcome, const char *detail, struct error *err)
{
	const struct history_entry entry = {.operation = "power", .outcome = outcome, .detail = detail};

	return history_add(terminal->store, &entry, err);
}

int wake_down_due_s(struct terminal *terminal, int64_t next_s, int64_t *ret_due_s, struct error *err)
{
	int64_t now_s = terminal_now_s(terminal), down;

	*ret_due_s = SCHEDULE_NEVER;
	if (terminal->config->power_wake != CONFIG_YES)
		return 0;
	if (store_number(terminal->store, WAKE_SETTING_DOWN, &down, err) < 0)
		return -1;
	if (down != WAKE_DOWN_NO && (next_s == SCHEDULE_NEVER || next_s > now_s + WAKE_STAYS_S))
		*ret_due_s = now_s;
	return 0;
}

int wake_stay(struct terminal *terminal, struct error *err)
{
	int64_t down;

	if (store_number(terminal->store, WAKE_SETTING_DOWN, &down, err) < 0)
		return -1;
	if (down == WAKE_DOWN_NO)
		return 0;
	if (store_set_number(terminal->store, WAKE_SETTING_DOWN, WAKE_DOWN_NO, err) < 0)
		return -1;
	return record(terminal, "stopped", "somebody is there: the machine stays on", err);
}

static int run_command(struct terminal *terminal, bool to_sleep, struct error *err)
{
	const char *const argv[] = {
		terminal->config->power_down_command_path, to_sleep ? "suspend" : "poweroff", NULL};
	struct process_request request = {.argv = argv, .timeout_ms = COMMAND_TIMEOUT_MS};
	struct process_result result;

	if (!*argv[0] && *terminal->config->root)
		return error_set(err, ERROR_FAILED,
			"a terminal below a folder of its own does not power the machine down; name a program ([power] "
			"down_command)");
	if (!*argv[0])
		return platform_power_down(terminal->env->processes, to_sleep, err);
	if (terminal->env->processes->run(terminal->env->processes, &request, &result, err) < 0)
		return -1;
	if (result.timed_out || result.exit_status)
		return error_set(err, ERROR_FAILED, "'%s' ended with %d", argv[0], result.exit_status);
	return 0;
}

int wake_power_down(struct terminal *terminal, struct error *err)
{
	struct error why = {0};
	int64_t down;
	bool in_use;

	if (store_number(terminal->store, WAKE_SETTING_DOWN, &down, err) < 0 ||
		store_set_number(terminal->store, WAKE_SETTING_DOWN, WAKE_DOWN_NO, err) < 0)
		return -1;
	if (down == WAKE_DOWN_NO || terminal->config->power_wake != CONFIG_YES)
		return 0; /* somebody came, or it is wanted no more */
	if (in_use_ask_strictly(terminal, &in_use, err) < 0)
		return -1;
	if (in_use)
		return record(terminal, "stopped", "the terminal is in use: it stays on", err);
	if (record(terminal, "done", down == WAKE_DOWN_SLEEP ? "its night is done: back to sleep" : "its night is done: switched off again",
		    err) < 0)
		return -1;
	if (run_command(terminal, down == WAKE_DOWN_SLEEP, &why) == 0)
		return 0;
	if (record(terminal, "failed", why.text, err) < 0)
		return -1;
	*err = why;
	return -1;
}
