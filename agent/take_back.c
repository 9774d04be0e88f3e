#include "agent/take_back.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "agent/boot.h"
#include "agent/release_file.h"
#include "common/platform.h"
#include "rollback/guard.h"

#define CONTROL_TIMEOUT_MS 90000
#define OUTPUT_LIMIT 4096
#define UNIT_SIZE 256

/* One package of a group that is to be taken back. */
struct member {
	const struct plan_entry *entry;
	char unit[UNIT_SIZE]; /* of its application, "" where none is known */
};

struct group {
	struct terminal *terminal;
	struct member *members; /* by priority */
	int count;
};

static bool is_agent(const struct plan_entry *entry)
{
	return strcmp(entry->package, GUARD_AGENT_PACKAGE) == 0;
}

static const char *command_of(const struct group *group)
{
	return group->terminal->config->applications_command_path;
}

/* ---- The applications ---- */

/* VERB is "stop" or "start". The agent's own package has no application: it is we who use it. */
static int control(const struct group *group, const struct member *member, const char *verb, struct error *err)
{
	const char *const by_command[] = {command_of(group), verb, member->entry->package, NULL};
	const char *const by_unit[] = {PLATFORM_SERVICE_CONTROL, verb, "--", member->unit, NULL};
	AUTO(buf) struct buf output = BUF_INIT(OUTPUT_LIMIT);
	struct process_request request = {
		.argv = *command_of(group) ? by_command : by_unit,
		.timeout_ms = CONTROL_TIMEOUT_MS,
		.output = &output,
	};
	struct processes *processes = group->terminal->env->processes;
	struct process_result result = {0};

	if (is_agent(member->entry))
		return 0;
	if (processes->run(processes, &request, &result, err) < 0)
		return error_context(err, "%s of the application of %s", verb, member->entry->package);
	if (result.timed_out || result.exit_status)
		return error_set(err, ERROR_FAILED, "'%s %s' for %s %s with %d: %.120s", request.argv[0], verb,
			member->entry->package, result.timed_out ? "was ended" : "ended", result.exit_status,
			process_last_line(&output));
	return 0;
}

/* In the order of priority. What does not start is in the log; the next restart starts it. */
static void start(const struct group *group, int from)
{
	for (int i = from; i < group->count; i++) {
		struct error failed = {0};

		if (control(group, &group->members[i], "start", &failed) < 0)
			log_line(group->terminal->env->log, LOG_LEVEL_ERROR, "%s; a restart starts it", failed.text);
	}
}

/* In the opposite order: all, or, after a failure, none. */
static int stop(const struct group *group, struct error *err)
{
	for (int i = group->count - 1; i >= 0; i--)
		if (control(group, &group->members[i], "stop", err) < 0) {
			start(group, i);
			return -1;
		}
	return 0;
}

/* A release that is checked through its unit has told which one its application is. */
static int find_unit(const struct group *group, struct member *member, struct error *err)
{
	AUTO(release) struct release *release = NULL;
	const struct plan_entry *entry = member->entry;

	if (is_agent(entry) || *command_of(group))
		return 0;
	if (release_file_read(group->terminal, entry->package, entry->folder, &release, err) < 0)
		return error_context(err, "%s", entry->package);
	if (release->health.kind != RELEASE_HEALTH_UNIT || strlen(release->health.unit) >= UNIT_SIZE)
		return error_set(err, ERROR_NOT_FOUND,
			"nothing here can stop and start the application of %s: its release names no unit, and "
			"[install] applications_command is empty",
			entry->package);
	(void)strcpy(member->unit, release->health.unit);
	return 0;
}

/* ---- One group ---- */

static int find_members(
	struct group *group, const struct plan *plan, const struct plan_entry *first, struct error *err)
{
	for (const struct plan_entry *entry = plan->entries; entry < plan->entries + plan->count; entry++)
		if (plan_go_together(entry, first))
			group->members[group->count++] = (struct member){.entry = entry};
	for (int i = 0; i < group->count; i++)
		if (find_unit(group, &group->members[i], err) < 0)
			return -1;
	return 0;
}

static int switch_back(const struct group *group, struct error *err)
{
	struct terminal *terminal = group->terminal;
	const struct guard_options options = {
		.boot_dir_fd = terminal->boot_dir_fd,
		.packages_dir_fd = terminal->packages_dir_fd,
		.packages_path = terminal->config->packages_path,
		.self_test_user = terminal->config->self_test_user,
	};
	const struct plan_entry *first = group->members[0].entry;
	struct guard_result result;

	return guard_take_back(terminal->env, &options, first->package, first->reason, &result, err);
}

/* A signal to stop waits until the applications run again. */
static int take_back(const struct group *group, struct error *err)
{
	sigset_t stop_signals, before;
	int ret;

	(void)sigemptyset(&stop_signals);
	(void)sigaddset(&stop_signals, SIGTERM);
	(void)sigaddset(&stop_signals, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &stop_signals, &before);
	if ((ret = stop(group, err)) == 0) {
		ret = switch_back(group, err);
		start(group, 0);
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return ret;
}

static bool has_agent(const struct group *group)
{
	for (int i = 0; i < group->count; i++)
		if (is_agent(group->members[i].entry))
			return true;
	return false;
}

/* What cannot be done now, the next restart does. */
static void take_back_group(
	struct terminal *terminal, const struct plan *plan, const struct plan_entry *first, bool *ret_agent)
{
	AUTO(free) struct member *members = calloc((size_t)plan->count, sizeof(*members));
	struct group group = {.terminal = terminal, .members = members};
	struct error err = {0};

	if (!members)
		(void)error_set(&err, ERROR_FAILED, "no memory for a group of packages");
	else if (find_members(&group, plan, first, &err) == 0 && take_back(&group, &err) == 0) {
		*ret_agent = *ret_agent || has_agent(&group);
		return;
	}
	log_line(terminal->env->log, LOG_LEVEL_WARNING, "%s; %s is taken back at the next restart", err.text,
		first->package);
}

/* True for the first entry of a group that is to be taken back and was never begun with. */
static bool leads(const struct plan *plan, const struct plan_entry *entry)
{
	if (entry->state != PLAN_CONDEMNED || !entry->starts)
		return false;
	for (const struct plan_entry *before = plan->entries; before < entry; before++)
		if (before->state == PLAN_CONDEMNED && plan_go_together(before, entry))
			return false;
	return true;
}

int take_back_condemned(struct terminal *terminal, bool *ret_agent, struct error *err)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct boot_result result;
	bool any = false;

	*ret_agent = false;
	if (terminal->config->rollback != CONFIG_ROLLBACK_NOW)
		return 0;
	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if (plan_read(terminal->env->fs, terminal->boot_dir_fd, plan, err) < 0)
		return -1;
	for (const struct plan_entry *entry = plan->entries; entry < plan->entries + plan->count; entry++)
		if (leads(plan, entry)) {
			any = true;
			take_back_group(terminal, plan, entry, ret_agent);
		}
	return any ? boot_reconcile_terminal(terminal, &result, err) : 0;
}
