#include <string.h>

#include "agent/delivery.h"
#include "agent/history.h"
#include "agent/methods.h"
#include "agent/notice.h"
#include "agent/quarantine.h"
#include "rollback/plan.h"
#include "rollback/versions.h"

/* One wish to go back. */
struct wish {
	struct resident *resident;
	const char *package;
	char who[METHODS_WHO_SIZE];
	char from[VERSIONS_FOLDER_SIZE]; /* the release to leave */
	char to[VERSIONS_FOLDER_SIZE];	 /* "" for none: nothing was current before */
	bool restart;			 /* it is left at the next restart only */
};

/* "5.1.0-0a1b2c3d" is version 5.1.0. */
static int version_length(const char *folder)
{
	const char *dash = strrchr(folder, '-');

	return (int)(dash ? dash - folder : 0);
}

static int priority_of(const struct resident *resident, const char *package)
{
	const struct config_list *names = &resident->terminal->config->packages;
	int priority = 1;

	for (size_t i = 0; i < names->count && strcmp(names->items[i], package) != 0; i++)
		priority++;
	return priority;
}

static bool others_go_with(const struct plan *plan, const struct plan_entry *entry)
{
	for (int i = 0; entry->group && i < plan->count; i++)
		if (plan->entries[i].group == entry->group && strcmp(plan->entries[i].package, entry->package) != 0)
			return true;
	return false;
}

/* The release that waits for a restart is taken out of the plan; what is current stays. */
static int drop_staged(struct wish *wish, struct plan *plan, const struct plan_entry *entry, struct error *err)
{
	(void)snprintf(wish->from, sizeof(wish->from), "%s", entry->folder);
	(void)snprintf(wish->to, sizeof(wish->to), "%s", entry->former);
	if (others_go_with(plan, entry))
		return error_set(err, ERROR_BUSY,
			"%s %.*s waits for a restart together with other packages that need it; restart first",
			wish->package, version_length(entry->folder), entry->folder);
	plan_drop(plan, wish->package);
	return 0;
}

static int no_way_back(const struct wish *wish, struct error *err)
{
	return error_set(
		err, ERROR_NOT_FOUND, "%s has no former release on this terminal to go back to", wish->package);
}

static int condemn(struct wish *wish, struct plan_entry *entry, struct error *err)
{
	if (!*entry->former)
		return no_way_back(wish, err);
	(void)snprintf(wish->from, sizeof(wish->from), "%s", entry->folder);
	(void)snprintf(wish->to, sizeof(wish->to), "%s", entry->former);
	wish->restart = true;
	if (entry->state == PLAN_CONDEMNED)
		return 0;
	entry->state = PLAN_CONDEMNED;
	(void)snprintf(entry->reason, sizeof(entry->reason), "%.64s asked for it", wish->who);
	return 0;
}

/* What was confirmed long ago has no entry any more: it gets one that sends it back to the previous release. */
static int condemn_current(struct wish *wish, struct plan *plan, struct error *err)
{
	struct terminal *terminal = wish->resident->terminal;
	AUTO(versions) struct versions *versions = NULL;
	struct plan_entry entry = {
		.priority = priority_of(wish->resident, wish->package), .state = PLAN_TRIAL, .starts = 1};

	(void)snprintf(entry.package, sizeof(entry.package), "%s", wish->package);
	if (versions_open(terminal->env->fs, terminal->packages_dir_fd, wish->package, &versions, err) < 0 ||
		versions_current(versions, entry.folder, err) < 0 ||
		versions_previous(versions, entry.former, err) < 0)
		return -1;
	if (!*entry.folder || strcmp(entry.folder, entry.former) == 0)
		return no_way_back(wish, err);
	if (condemn(wish, &entry, err) < 0)
		return -1;
	return plan_put(plan, &entry, err);
}

static int change_plan(struct wish *wish, struct error *err)
{
	struct terminal *terminal = wish->resident->terminal;
	const struct env *env = terminal->env;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	AUTO(fd) int lock_fd = -1;
	struct plan_entry *entry;
	int ret;

	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if ((lock_fd = plan_lock(env->fs, terminal->boot_dir_fd, err)) < 0 ||
		plan_read(env->fs, terminal->boot_dir_fd, plan, err) < 0 ||
		env->clock->boot_id(env->clock, plan->boot_id, err) < 0)
		return -1;
	if (!(entry = plan_find(plan, wish->package)))
		ret = condemn_current(wish, plan, err);
	else if (entry->state == PLAN_STAGED)
		ret = drop_staged(wish, plan, entry, err);
	else
		ret = condemn(wish, entry, err);
	return ret < 0 ? -1 : plan_write(env->fs, terminal->boot_dir_fd, plan, err);
}

/* A staged release that was dropped is offered no more until the catalog names another, like one that was rolled
 * back. */
static int end_delivery(const struct wish *wish, const char *why, struct error *err)
{
	struct store *store = wish->resident->terminal->store;
	struct delivery delivery;
	bool found;

	if (delivery_of_folder(store, wish->package, wish->from, &delivery, &found, err) < 0)
		return -1;
	if (!found || delivery.state != DELIVERY_STAGED)
		return 0;
	if (delivery_fail(store, &delivery, why, err) < 0 ||
		quarantine_add(store, wish->package, delivery.version, delivery.digest, why, err) < 0)
		return -1;
	return 0;
}

static int record(const struct wish *wish, struct error *err)
{
	const struct config *config = wish->resident->terminal->config;
	struct store *store = wish->resident->terminal->store;
	char version[VERSION_TEXT_SIZE], detail[STORE_TEXT_SIZE];
	struct history_entry entry = {
		.operation = "roll-back",
		.package = wish->package,
		.version = version,
		.outcome = "begun",
		.detail = detail,
	};

	(void)snprintf(version, sizeof(version), "%.*s", version_length(wish->from), wish->from);
	(void)snprintf(detail, sizeof(detail), "asked for by %s: back to %.*s%s", wish->who, version_length(wish->to),
		wish->to, wish->restart && config->rollback == CONFIG_ROLLBACK_RESTART ? " at the next restart" : "");
	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store,
		history_add(store, &entry, err) < 0 || (!wish->restart && end_delivery(wish, detail, err) < 0) ? -1
													       : 0,
		err);
}

/* Where a release is taken back without waiting for a restart, a job does it: applications have to be stopped. */
static bool begin_now(const struct wish *wish)
{
	const struct terminal *terminal = wish->resident->terminal;
	struct error err = {0};

	if (!wish->restart || terminal->config->rollback != CONFIG_ROLLBACK_NOW)
		return false;
	if (resident_start_job(wish->resident, JOB_CONFIRM, &err) == 0)
		return true;
	log_line(terminal->env->log, LOG_LEVEL_WARNING, "%s; %s goes back at the next restart", err.text,
		wish->package);
	return false;
}

int method_rollback(struct resident *resident, struct varlink_call *call, struct error *err)
{
	struct wish wish = {.resident = resident, .package = methods_text(call, "package")};
	bool is_begun;

	methods_who(call, wish.who);
	if (methods_check_package(resident, wish.package, err) < 0)
		return -1;
	if (resident->job.running && resident->job.kind != JOB_CHECK)
		return error_set(err, ERROR_BUSY, "job %s is at work; try again when it has ended",
			job_kind_name(resident->job.kind));
	if (change_plan(&wish, err) < 0 || record(&wish, err) < 0)
		return -1;
	notice_update(resident->terminal);
	resident_plan_next(resident);
	is_begun = begin_now(&wish);
	varlink_reply(call, json_pack("{s:s, s:s%, s:o, s:b, s:b}", "package", wish.package, "from", wish.from,
				    (size_t)version_length(wish.from), "to",
				    *wish.to ? json_stringn(wish.to, (size_t)version_length(wish.to)) : json_null(),
				    "restart", wish.restart && !is_begun, "begun", is_begun));
	return 0;
}
