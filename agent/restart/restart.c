#include "agent/restart/restart.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/restart/in_use.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "common/platform.h"
#include "common/process.h"
#include "rollback/plan.h"
#include "scheduler/schedule.h"

#define SETTING_TRIED "restart.tried_s" /* the last try */
#define SETTING_ASKED "restart.asked_s" /* for when somebody asked for one, once */
#define HOUR_OF_NIGHT "04:30"		/* where none is configured */
#define LATE_S 600			/* a try that comes later than this after its time does not come */
#define COMMAND_TIMEOUT_MS 60000

static int count_staged(struct terminal *terminal, int *ret_staged, struct error *err)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	*ret_staged = 0;
	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if (plan_read(terminal->env->fs, terminal->boot_dir_fd, plan, err) < 0)
		return -1;
	for (int i = 0; i < plan->count; i++)
		*ret_staged += plan->entries[i].state != PLAN_TRIAL;
	return 0;
}

/* The moment at which the wall shows AT (HH:MM), DAYS after today. */
static int64_t moment_s(const struct terminal *terminal, const char *at, int days)
{
	struct night_date date;
	int64_t second;

	zone_to_local(terminal->config->zone, terminal_now_s(terminal), &date, &second);
	night_date_of_days(night_date_days(&date) + days, &date);
	return zone_to_utc(terminal->config->zone, &date, (atoi(at) * 60 + atoi(at + 3)) * 60);
}

/* Neither too late, nor before the machine was there, nor tried already. */
static bool may_come(const struct terminal *terminal, int64_t due_s, int64_t boot_s, int64_t tried_s)
{
	return due_s + LATE_S > terminal_now_s(terminal) && boot_s <= due_s && tried_s < due_s;
}

int restart_due_s(struct terminal *terminal, int64_t boot_s, int64_t *ret_due_s, struct error *err)
{
	const char *at = terminal->config->restart_at;
	int64_t tried_s, asked_s;
	int staged;

	*ret_due_s = SCHEDULE_NEVER;
	if (count_staged(terminal, &staged, err) < 0 ||
		store_number(terminal->store, SETTING_TRIED, &tried_s, err) < 0 ||
		store_number(terminal->store, SETTING_ASKED, &asked_s, err) < 0)
		return -1;
	if (staged && may_come(terminal, asked_s, boot_s, tried_s))
		*ret_due_s = asked_s;
	for (int days = -1; staged && *at && days <= 1; days++) {
		int64_t due_s = moment_s(terminal, at, days);

		if (may_come(terminal, due_s, boot_s, tried_s)) {
			*ret_due_s = due_s < *ret_due_s ? due_s : *ret_due_s;
			break;
		}
	}
	return 0;
}

int restart_ask_tonight(struct terminal *terminal, int64_t *ret_due_s, struct error *err)
{
	const char *at = *terminal->config->restart_at ? terminal->config->restart_at : HOUR_OF_NIGHT;
	int64_t due_s = moment_s(terminal, at, 0);

	if (due_s <= terminal_now_s(terminal))
		due_s = moment_s(terminal, at, 1);
	if (store_set_number(terminal->store, SETTING_ASKED, due_s, err) < 0)
		return -1;
	*ret_due_s = due_s;
	return 0;
}

static int record(struct terminal *terminal, const char *outcome, const char *detail, struct error *err)
{
	struct history_entry entry = {.operation = "restart", .outcome = outcome, .detail = detail};

	return history_add(terminal->store, &entry, err);
}

static int run_command(struct terminal *terminal, struct error *err)
{
	const char *const argv[] = {terminal->config->restart_command_path, NULL};
	struct process_request request = {.argv = argv, .timeout_ms = COMMAND_TIMEOUT_MS};
	struct process_result result;

	if (!*argv[0] && *terminal->config->root)
		return error_set(err, ERROR_FAILED,
			"a terminal below a folder of its own does not restart the machine; name a program "
			"([restart] "
			"command)");
	if (!*argv[0])
		return platform_restart(terminal->env->processes, err);
	if (terminal->env->processes->run(terminal->env->processes, &request, &result, err) < 0)
		return -1;
	if (result.timed_out || result.exit_status)
		return error_set(err, ERROR_FAILED, "'%s' ended with %d", argv[0], result.exit_status);
	return 0;
}

int restart_now(struct terminal *terminal, struct error *err)
{
	struct error why = {0};

	if (run_command(terminal, &why) == 0)
		return 0;
	if (record(terminal, "failed", why.text, err) < 0)
		return -1;
	*err = why;
	return -1;
}

/* False where it may not come now, which is recorded. */
static int look_first(struct terminal *terminal, bool *ret_may_come, struct error *err)
{
	char who[IN_USE_WHO_SIZE], detail[128];
	bool in_use;

	*ret_may_come = false;
	if (in_use_ask(terminal, &in_use, err) < 0)
		return -1;
	if (in_use)
		return record(terminal, "stopped", "the terminal is in use; tried again tomorrow", err);
	if (in_use_is_held_up(terminal, who)) {
		(void)snprintf(detail, sizeof(detail), "a program holds the shutdown up (%s); tried again tomorrow",
			*who ? who : "systemd-inhibit");
		return record(terminal, "stopped", detail, err);
	}
	*ret_may_come = true;
	return 0;
}

int restart_run(struct terminal *terminal, struct error *err)
{
	bool may_come;
	int staged;

	if (store_set_number(terminal->store, SETTING_TRIED, terminal_now_s(terminal), err) < 0 ||
		count_staged(terminal, &staged, err) < 0)
		return -1;
	if (!staged)
		return 0;
	if (look_first(terminal, &may_come, err) < 0)
		return -1;
	if (!may_come)
		return 0;
	if (record(terminal, "begun", "at the configured time, since something is staged", err) < 0)
		return -1;
	return restart_now(terminal, err);
}
