#include "agent/restart/take_back.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "agent/restart/applications.h"
#include "agent/restart/boot.h"
#include "rollback/guard.h"

/* The start of the machine in which something could not be taken back at once: the next one does it. */
#define SETTING_WAITS "take-back.waits"

/* What goes back together. */
struct group {
	struct terminal *terminal;
	const struct plan_entry *first;
	struct application *applications; /* by priority; the agent's own package has none: it is we who use it */
	int count;
	bool has_agent;
};

static bool is_agent(const struct plan_entry *entry)
{
	return strcmp(entry->package, GUARD_AGENT_PACKAGE) == 0;
}

/* ---- One group ---- */

static int find_applications(struct group *group, const struct plan *plan, struct error *err)
{
	for (const struct plan_entry *entry = plan->entries; entry < plan->entries + plan->count; entry++) {
		if (!plan_go_together(entry, group->first))
			continue;
		if (is_agent(entry))
			group->has_agent = true;
		else if (application_find(group->terminal, entry, &group->applications[group->count++], err) < 0)
			return -1;
	}
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
		.network_packages = terminal->config->network_packages,
	};
	struct guard_result result;

	return guard_take_back(terminal->env, &options, group->first->package, group->first->reason, &result, err);
}

/* A signal to stop waits until the applications run again. */
static int take_back(const struct group *group, struct error *err)
{
	struct error failed = {0};
	sigset_t stop_signals, before;
	int ret;

	(void)sigemptyset(&stop_signals);
	(void)sigaddset(&stop_signals, SIGTERM);
	(void)sigaddset(&stop_signals, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &stop_signals, &before);
	if ((ret = applications_stop(group->terminal, group->applications, group->count, err)) == 0) {
		ret = switch_back(group, err);
		if (applications_start(group->terminal, group->applications, group->count, &failed) < 0)
			log_line(group->terminal->env->log, LOG_LEVEL_ERROR, "%s", failed.text);
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return ret;
}

/* What cannot be done now, the next restart does: then *RET_WAITS is true. */
static void take_back_group(struct terminal *terminal, const struct plan *plan, const struct plan_entry *first,
	bool *ret_agent, bool *ret_waits)
{
	AUTO(free) struct application *applications = calloc((size_t)plan->count, sizeof(*applications));
	struct group group = {.terminal = terminal, .first = first, .applications = applications};
	struct error err = {0};

	if (!applications)
		(void)error_set(&err, ERROR_FAILED, "no memory for a group of packages");
	else if (find_applications(&group, plan, &err) == 0 && take_back(&group, &err) == 0) {
		*ret_agent = *ret_agent || group.has_agent;
		return;
	}
	*ret_waits = true;
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

static int take_back_all(
	struct terminal *terminal, const struct plan *plan, bool *ret_agent, bool *ret_any, struct error *err)
{
	const struct clock *clock = terminal->env->clock;
	char boot_id[BOOT_ID_SIZE];
	bool waits = false;

	for (const struct plan_entry *entry = plan->entries; entry < plan->entries + plan->count; entry++)
		if (leads(plan, entry)) {
			*ret_any = true;
			take_back_group(terminal, plan, entry, ret_agent, &waits);
		}
	if (!waits)
		return 0;
	return clock->boot_id(clock, boot_id, err) < 0
		       ? -1
		       : store_set_setting(terminal->store, SETTING_WAITS, boot_id, err);
}

int take_back_condemned(struct terminal *terminal, bool *ret_agent, struct error *err)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct boot_result result;
	bool any = false;

	*ret_agent = false;
	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if (terminal->config->rollback == CONFIG_ROLLBACK_NOW &&
		(plan_read(terminal->env->fs, terminal->boot_dir_fd, plan, err) < 0 ||
			take_back_all(terminal, plan, ret_agent, &any, err) < 0))
		return -1;
	if (applications_start_stopped(terminal, err) < 0)
		return -1;
	return any ? boot_reconcile_terminal(terminal, &result, err) : 0;
}

/* It was tried in this start of the machine, and could not be done. */
static int waits_for_restart(struct terminal *terminal, bool *ret_waits, struct error *err)
{
	AUTO(buf) struct buf value = BUF_INIT(BOOT_ID_SIZE);
	const struct clock *clock = terminal->env->clock;
	char boot_id[BOOT_ID_SIZE];

	if (store_setting(terminal->store, SETTING_WAITS, &value, err) < 0 || clock->boot_id(clock, boot_id, err) < 0)
		return -1;
	*ret_waits = strcmp(buf_text(&value), boot_id) == 0;
	return 0;
}

int take_back_is_due(struct terminal *terminal, const struct plan *plan, bool *ret_due, struct error *err)
{
	bool waits;

	if (applications_are_stopped(terminal, ret_due, err) < 0 || waits_for_restart(terminal, &waits, err) < 0)
		return -1;
	if (waits || terminal->config->rollback != CONFIG_ROLLBACK_NOW)
		return 0;
	for (const struct plan_entry *entry = plan->entries; entry < plan->entries + plan->count; entry++)
		*ret_due = *ret_due || leads(plan, entry);
	return 0;
}
