#include "agent/confirm.h"

#include <string.h>

#include "agent/delivery.h"
#include "agent/history.h"
#include "agent/release_file.h"
#include "agent/take_back.h"
#include "rollback/health.h"
#include "rollback/plan.h"
#include "updater/fetch.h"

struct confirming {
	struct terminal *terminal;
	struct job_report *report;
	struct job_result *result;
	struct plan *plan;
};

/* What asks for a local HTTP answer: the worker, as this process opens no network socket. */
struct asking {
	char *program;
	struct fetch *fetch;
};

static void asking_release(struct asking *asking)
{
	fetch_free(asking->fetch);
	free(asking->program);
}
DEFINE_AUTO(asking, struct asking, asking_release);

static int asking_open(const struct config *config, int64_t timeout_s, struct asking *asking, struct error *err)
{
	struct fetch_options options = {
		.user = config->fetch_user,
		.http = {.total_timeout_s = timeout_s, .stop_fd = -1},
	};

	if (asprintf(&asking->program, "%s/haishin-fetch", config->programs_path) < 0) {
		asking->program = NULL;
		return error_set(err, ERROR_FAILED, "no memory for a path");
	}
	options.program = asking->program;
	return fetch_open(&options, &asking->fetch, err);
}

/* The release's own health check, in its folder. */
static int check_health(
	const struct terminal *terminal, const struct release *release, const char *folder, struct error *err)
{
	AUTO(asking) struct asking asking = {0};
	struct env env = *terminal->env;

	if (release->health.kind == RELEASE_HEALTH_HTTP) {
		if (asking_open(terminal->config, release->health.check.timeout_s, &asking, err) < 0)
			return -1;
		env.transport = fetch_transport(asking.fetch);
	}
	return health_check(&env, &release->health, folder, terminal->config->self_test_user, err);
}

/* 0: healthy. ERROR_REFUSED: it is not. Other errors: it could not be told. */
static int check_entry(const struct confirming *confirming, const struct plan_entry *entry, struct error *err)
{
	AUTO(release) struct release *release = NULL;
	AUTO(free) char *folder = NULL;

	if (*entry->migrate && !entry->migrated)
		return error_set(err, ERROR_BUSY,
			"the guard was cut short before it had migrated the data; restart the terminal");
	if (release_file_read(confirming->terminal, entry->package, entry->folder, &release, err) < 0) {
		err->code = ERROR_REFUSED; /* a release that cannot even be read any more is not healthy */
		return -1;
	}
	if (asprintf(&folder, "%s/%s/versions/%s", confirming->terminal->config->packages_path, entry->package,
		    entry->folder) < 0) {
		folder = NULL;
		return error_set(err, ERROR_FAILED, "no memory for a path");
	}
	confirming->report->number++;
	confirming->report->package = entry->package;
	confirming->report->version = release->version;
	job_report_progress(confirming->report, "confirming", NULL);
	return check_health(confirming->terminal, release, folder, err);
}

static bool is_member(const struct plan_entry *entry, const struct plan_entry *of)
{
	return entry == of || (of->group && entry->group == of->group);
}

/* Reads the plan anew under its lock, changes the group's entries, and writes it. */
static int change_group(const struct confirming *confirming, const struct plan_entry *first,
	const char *condemned_why, struct error *err)
{
	const struct env *env = confirming->terminal->env;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	AUTO(fd) int lock_fd = -1;

	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if ((lock_fd = plan_lock(env->fs, confirming->terminal->boot_dir_fd, err)) < 0 ||
		plan_read(env->fs, confirming->terminal->boot_dir_fd, plan, err) < 0)
		return -1;
	for (int i = 0; i < confirming->plan->count; i++) {
		const struct plan_entry *member = &confirming->plan->entries[i];
		struct plan_entry *entry = plan_find(plan, member->package);

		if (!is_member(member, first) || !entry || entry->state != PLAN_TRIAL ||
			strcmp(entry->folder, member->folder) != 0)
			continue;
		if (!condemned_why) {
			plan_drop(plan, member->package);
			continue;
		}
		entry->state = PLAN_CONDEMNED;
		(void)snprintf(entry->reason, sizeof(entry->reason), "%.*s", PLAN_REASON_SIZE - 1, condemned_why);
	}
	return plan_write(env->fs, confirming->terminal->boot_dir_fd, plan, err);
}

static int record_confirmed(const struct confirming *confirming, const struct plan_entry *entry, struct error *err)
{
	struct delivery delivery;
	bool found;

	if (delivery_of_folder(confirming->terminal->store, entry->package, entry->folder, &delivery, &found, err) <
		0)
		return -1;
	confirming->result->confirmed++;
	if (!found || delivery.state != DELIVERY_ACTIVATED)
		return 0;
	return delivery_confirmed(confirming->terminal->store, &delivery, err);
}

static int record_condemned(
	const struct confirming *confirming, const struct plan_entry *entry, const char *why, struct error *err)
{
	struct history_entry row = {
		.operation = "health-check",
		.package = entry->package,
		.outcome = "failed",
		.error = ERROR_REFUSED,
		.detail = why,
	};
	struct delivery delivery;
	bool found;

	if (delivery_of_folder(confirming->terminal->store, entry->package, entry->folder, &delivery, &found, err) <
		0)
		return -1;
	if (found) {
		row.version = delivery.version;
		row.digest = delivery.digest;
	}
	confirming->result->rolled_back++;
	return history_add(confirming->terminal->store, &row, err);
}

/* Every member of the group that FIRST leads is looked at; the first that is unhealthy, or cannot be told, decides.
 */
static int check_group(const struct confirming *confirming, const struct plan_entry *first, struct error *err)
{
	for (int i = 0; i < confirming->plan->count; i++) {
		const struct plan_entry *entry = &confirming->plan->entries[i];

		if (entry->state == PLAN_TRIAL && is_member(entry, first) && check_entry(confirming, entry, err) < 0)
			return error_context(err, "%s", entry->package);
	}
	return 0;
}

static int confirm_group(const struct confirming *confirming, const struct plan_entry *first, struct error *err)
{
	struct error why = {0};

	if (check_group(confirming, first, &why) < 0 && why.code != ERROR_REFUSED) {
		*err = why;
		return -1;
	}
	if (change_group(confirming, first, why.code ? why.text : NULL, err) < 0)
		return -1;
	for (int i = 0; i < confirming->plan->count; i++) {
		const struct plan_entry *entry = &confirming->plan->entries[i];

		if (entry->state != PLAN_TRIAL || !is_member(entry, first))
			continue;
		if ((why.code ? record_condemned(confirming, entry, why.text, err)
			      : record_confirmed(confirming, entry, err)) < 0)
			return -1;
	}
	return 0;
}

/* True for the first entry of its group: it leads. */
static bool leads(const struct plan *plan, const struct plan_entry *entry)
{
	for (const struct plan_entry *before = plan->entries; before < entry; before++)
		if (before->state == PLAN_TRIAL && is_member(before, entry))
			return false;
	return true;
}

int confirm_run(
	struct terminal *terminal, struct job_report *report, struct job_result *ret_result, struct error *err)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct confirming confirming = {.terminal = terminal, .report = report, .result = ret_result, .plan = plan};
	struct error first = {0};

	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if (plan_read(terminal->env->fs, terminal->boot_dir_fd, plan, err) < 0)
		return -1;
	for (int i = 0; i < plan->count; i++)
		report->packages += plan->entries[i].state == PLAN_TRIAL;
	for (int i = 0; i < plan->count; i++) {
		const struct plan_entry *entry = &plan->entries[i];
		struct error why = {0};

		if (entry->state == PLAN_TRIAL && leads(plan, entry) && confirm_group(&confirming, entry, &why) < 0 &&
			!first.code)
			first = why;
	}
	if (take_back_condemned(terminal, &ret_result->agent_replaced, err) < 0)
		return -1;
	if (!first.code)
		return 0;
	*err = first;
	return -1;
}
