#include <string.h>

#include "agent/control/method.h"
#include "agent/resident/resident_job.h"
#include "agent/restart/condemn.h"
#include "agent/restart/notice.h"
#include "agent/store/delivery.h"
#include "agent/store/history.h"
#include "agent/store/quarantine.h"
#include "rollback/plan.h"

/* One wish to go back. */
struct wish {
	struct resident *resident;
	const char *package;
	struct plan *plan; /* as it is afterwards */
	char who[METHOD_WHO_SIZE];
	struct plan_entry entry; /* of the release to leave */
	bool restart;		 /* it is left at the next restart only */
	bool is_known;		 /* it was to be left already: nothing changes */
};

static bool others_go_with(const struct plan *plan, const struct plan_entry *entry)
{
	for (int i = 0; i < plan->count; i++)
		if (&plan->entries[i] != entry && plan_go_together(&plan->entries[i], entry))
			return true;
	return false;
}

/* The release that waits for a restart is taken out of the plan; what is current stays. */
static int drop_staged(struct wish *wish, const struct plan_entry *entry, struct error *err)
{
	char version[VERSION_TEXT_SIZE];

	package_folder_version(entry->folder, version);
	if (others_go_with(wish->plan, entry))
		return error_set(err, ERROR_BUSY,
			"%s %s waits for a restart together with other packages that need it; restart first",
			wish->package, version);
	wish->entry = *entry;
	plan_drop(wish->plan, wish->package);
	return 0;
}

static int condemn_current(struct wish *wish, struct error *err)
{
	char reason[PLAN_REASON_SIZE];

	(void)snprintf(reason, sizeof(reason), "%.64s asked for it", wish->who);
	if (condemn(wish->resident->terminal, wish->plan, wish->package, reason, err) < 0)
		return -1;
	wish->entry = *plan_find(wish->plan, wish->package);
	wish->restart = true;
	return 0;
}

static int change_plan(struct wish *wish, struct error *err)
{
	struct terminal *terminal = wish->resident->terminal;
	const struct env *env = terminal->env;
	struct plan *plan = wish->plan;
	AUTO(fd) int lock_fd = -1;
	struct plan_entry *entry;
	int ret;

	if ((lock_fd = plan_lock(env->fs, terminal->boot_dir_fd, err)) < 0 ||
		plan_read(env->fs, terminal->boot_dir_fd, plan, err) < 0 ||
		env->clock->boot_id(env->clock, plan->boot_id, err) < 0)
		return -1;
	entry = plan_find(plan, wish->package);
	if (entry && entry->state == PLAN_CONDEMNED) {
		wish->entry = *entry;
		wish->restart = wish->is_known = true;
		return 0;
	}
	if (entry && entry->state == PLAN_STAGED && !plan_has_begun(plan, entry))
		ret = drop_staged(wish, entry, err);
	else
		ret = condemn_current(wish, err);
	return ret < 0 ? -1 : plan_write(env->fs, terminal->boot_dir_fd, plan, err);
}

/* A staged release that was dropped is offered no more until the catalog names another, like one that was rolled
 * back. */
static int end_delivery(const struct wish *wish, const char *why, struct error *err)
{
	struct store *store = wish->resident->terminal->store;
	struct delivery delivery;
	bool found;

	if (delivery_of_folder(store, wish->package, wish->entry.folder, &delivery, &found, err) < 0)
		return -1;
	if (!found || delivery.state != DELIVERY_STAGED)
		return 0;
	if (delivery_fail(store, &delivery, why, err) < 0 ||
		quarantine_add(store, wish->package, delivery.version, delivery.digest, why, err) < 0)
		return -1;
	return 0;
}

static int record_one(const struct wish *wish, const struct plan_entry *leaving,
	char ret_detail[static STORE_TEXT_SIZE], struct error *err)
{
	bool at_restart = wish->restart && wish->resident->terminal->config->rollback == CONFIG_ROLLBACK_RESTART;
	char version[VERSION_TEXT_SIZE], former[VERSION_TEXT_SIZE];
	struct history_entry row = {
		.operation = "roll-back",
		.package = leaving->package,
		.version = version,
		.outcome = "begun",
		.detail = ret_detail,
	};
	bool is_other = strcmp(leaving->package, wish->package) != 0;

	package_folder_version(leaving->folder, version);
	package_folder_version(leaving->former, former);
	(void)snprintf(ret_detail, STORE_TEXT_SIZE, "asked for by %s: back to %s%s%s%s", wish->who, former,
		at_restart ? " at the next restart" : "", is_other ? ", together with " : "",
		is_other ? wish->package : "");
	return history_add(wish->resident->terminal->store, &row, err);
}

/* Every package that goes back because of it. */
static int record_all(const struct wish *wish, struct error *err)
{
	char detail[STORE_TEXT_SIZE];

	if (!wish->restart)
		return record_one(wish, &wish->entry, detail, err) < 0 ? -1 : end_delivery(wish, detail, err);
	plan_each (wish->plan, entry)
		if (plan_go_together(entry, &wish->entry) && record_one(wish, entry, detail, err) < 0)
			return -1;
	return 0;
}

static int note_wish(const struct wish *wish, const struct plan_entry *leaving, struct error *err)
{
	struct store *store = wish->resident->terminal->store;
	const char *dash = strrchr(leaving->folder, '-'), *digits = dash ? dash + 1 : "";
	struct delivery delivery;
	bool found;

	if (delivery_of_folder(store, leaving->package, leaving->folder, &delivery, &found, err) < 0)
		return -1;
	return quarantine_note_wish(store, leaving->package, found ? delivery.digest : digits, err);
}

/* So that it is told of as what somebody wanted, and can be taken back. */
static int note_wishes(const struct wish *wish, struct error *err)
{
	if (!wish->restart)
		return note_wish(wish, &wish->entry, err);
	plan_each (wish->plan, entry)
		if (plan_go_together(entry, &wish->entry) && note_wish(wish, entry, err) < 0)
			return -1;
	return 0;
}

static int record(const struct wish *wish, struct error *err)
{
	struct store *store = wish->resident->terminal->store;

	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store, record_all(wish, err) < 0 ? -1 : note_wishes(wish, err), err);
}

/* Where a release is taken back without waiting for a restart, a job does it: applications have to be stopped. */
static bool begin_now(const struct wish *wish)
{
	const struct terminal *terminal = wish->resident->terminal;
	struct error err = {0};

	if (!wish->restart || terminal->config->rollback != CONFIG_ROLLBACK_NOW)
		return false;
	if (resident_job_start(wish->resident, JOB_CONFIRM, &err) == 0)
		return true;
	log_line(terminal->env->log, LOG_LEVEL_WARNING, "%s; %s goes back at the next restart", err.text,
		wish->package);
	return false;
}

/* ---- The answer ---- */

static json_t *version_or_null(const char *folder)
{
	char version[VERSION_TEXT_SIZE];

	package_folder_version(folder, version);
	return *version ? json_string(version) : json_null();
}

/* The other packages that go back together with it. */
static json_t *list_others(const struct wish *wish)
{
	json_t *others = json_array();

	if (!wish->restart)
		return others;
	plan_each (wish->plan, entry)
		if (plan_go_together(entry, &wish->entry) && strcmp(entry->package, wish->package) != 0)
			(void)json_array_append_new(others, JSON_OBJECT({
								    json_text("package", entry->package),
								    json_take("from", version_or_null(entry->folder)),
								    json_take("to", version_or_null(entry->former)),
							    }));
	return others;
}

static int roll_back(struct wish *wish, struct varlink_call *call, struct error *err)
{
	bool is_begun;

	if (change_plan(wish, err) < 0 || (!wish->is_known && record(wish, err) < 0))
		return -1;
	notice_update(wish->resident->terminal);
	resident_plan_next(wish->resident);
	is_begun = begin_now(wish);
	varlink_reply(call, JSON_OBJECT({
				    json_text("package", wish->package),
				    json_take("from", version_or_null(wish->entry.folder)),
				    json_take("to", version_or_null(wish->entry.former)),
				    json_flag("restart", wish->restart && !is_begun),
				    json_flag("begun", is_begun),
				    json_take("with", list_others(wish)),
			    }));
	return 0;
}

static int rollback(struct resident *resident, struct varlink_call *call, struct error *err)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct wish wish = {.resident = resident, .package = method_text(call, "package"), .plan = plan};
	bool waits;

	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	method_who(call, wish.who);
	if (method_check_package(resident, wish.package, err) < 0)
		return -1;
	if (method_end_delivery(resident, call, &waits, err) < 0)
		return -1;
	if (waits)
		return 0;
	if (roll_back(&wish, call, err) == 0)
		return 0;
	if (err->code != ERROR_NOT_FOUND)
		return -1;
	varlink_fail(call, err, JSON_OBJECT({json_flag("no_former", true)}));
	return 0;
}

const struct method method_rollback = {
	.name = "Rollback",
	.change = CHANGE_ROLLBACK,
	.parameters = {{"package", JSON_STRING, true}},
	.meaning = "Returns to the former release, at the next restart where the newer one is current already. With: "
		   "the other packages that go back because they need it.",
	.result = "package: string, from: string, to: ?string, restart: bool, begun: bool, with: [](package: "
		  "string, from: string, to: ?string)",
	.answer = rollback,
};

/* ---- Taking it back ---- */

static int record_stay(const struct wish *wish, const struct plan_entry *entry, struct error *err)
{
	char version[VERSION_TEXT_SIZE], detail[STORE_TEXT_SIZE];
	struct history_entry row = {
		.operation = "roll-back",
		.package = entry->package,
		.version = version,
		.outcome = "stopped",
		.detail = detail,
	};
	bool is_other = strcmp(entry->package, wish->package) != 0;

	package_folder_version(entry->folder, version);
	(void)snprintf(detail, sizeof(detail), "asked for by %s: stays as it is%s%s", wish->who,
		is_other ? ", together with " : "", is_other ? wish->package : "");
	return history_add(wish->resident->terminal->store, &row, err);
}

/* What was confirmed long ago leaves the plan as it came into it; what was on trial is so again. */
static int forgive_entry(const struct wish *wish, const char *package, struct error *err)
{
	struct store *store = wish->resident->terminal->store;
	struct plan_entry *entry = plan_find(wish->plan, package);
	struct delivery delivery;
	bool found;

	if (delivery_of_folder(store, package, entry->folder, &delivery, &found, err) < 0 ||
		quarantine_lift(store, package, wish->who, err) < 0 || record_stay(wish, entry, err) < 0)
		return -1;
	if (!found || delivery.state != DELIVERY_ACTIVATED) {
		plan_drop(wish->plan, package);
		return 0;
	}
	entry->state = PLAN_TRIAL;
	*entry->reason = '\0';
	return 0;
}

static int forgive_group(struct wish *wish, struct error *err)
{
	char package[PLAN_NAME_SIZE];

	for (int i = wish->plan->count - 1; i >= 0; i--) { /* from the end: an entry may go */
		const struct plan_entry *entry = &wish->plan->entries[i];

		if (entry->state != PLAN_CONDEMNED || !plan_go_together(entry, &wish->entry))
			continue;
		(void)strcpy(package, entry->package);
		if (forgive_entry(wish, package, err) < 0)
			return -1;
	}
	return 0;
}

/* *RET_STAYS: it was to go back, and the guard had not begun with it. */
static int forgive(struct wish *wish, bool *ret_stays, struct error *err)
{
	struct terminal *terminal = wish->resident->terminal;
	const struct env *env = terminal->env;
	AUTO(fd) int lock_fd = -1;
	const struct plan_entry *entry;

	if ((lock_fd = plan_lock(env->fs, terminal->boot_dir_fd, err)) < 0 ||
		plan_read(env->fs, terminal->boot_dir_fd, wish->plan, err) < 0)
		return -1;
	entry = plan_find(wish->plan, wish->package);
	if (!(*ret_stays = entry && entry->state == PLAN_CONDEMNED && !entry->line))
		return quarantine_lift(terminal->store, wish->package, wish->who, err);
	wish->entry = *entry;
	if (store_begin(terminal->store, err) < 0 || store_end(terminal->store, forgive_group(wish, err), err) < 0)
		return -1;
	return plan_write(env->fs, terminal->boot_dir_fd, wish->plan, err);
}

static int let_come_again(struct wish *wish, struct varlink_call *call, struct error *err)
{
	struct terminal *terminal = wish->resident->terminal;
	char digest[SHA256_HEX_SIZE];
	bool stays;

	if (quarantine_wish(terminal->store, wish->package, digest, err) < 0)
		return -1;
	if (!*digest) {
		(void)error_set(err, ERROR_NOT_FOUND,
			"no release of %s was taken back because somebody here asked for it", wish->package);
		varlink_fail(call, err, JSON_OBJECT({json_flag("no_wish", true)}));
		return 0;
	}
	if (forgive(wish, &stays, err) < 0)
		return -1;
	notice_update(terminal);
	resident_plan_next(wish->resident);
	varlink_reply(call, JSON_OBJECT({json_text("package", wish->package), json_flag("stays", stays)}));
	return 0;
}

static int release(struct resident *resident, struct varlink_call *call, struct error *err)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct wish wish = {.resident = resident, .package = method_text(call, "package"), .plan = plan};
	bool waits;

	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	method_who(call, wish.who);
	if (method_check_package(resident, wish.package, err) < 0 ||
		method_end_delivery(resident, call, &waits, err) < 0)
		return -1;
	return waits ? 0 : let_come_again(&wish, call, err);
}

const struct method method_release = {
	.name = "Release",
	.change = CHANGE_ROLLBACK,
	.parameters = {{"package", JSON_STRING, true}},
	.meaning = "Takes a Rollback back: before the restart the release stays; after it, it may come again.",
	.result = "package: string, stays: bool",
	.answer = release,
};
