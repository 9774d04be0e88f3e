#include "agent/restart/confirm.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "agent/restart/release_file.h"
#include "agent/restart/take_back.h"
#include "agent/sound/sound_repair.h"
#include "agent/store/delivery.h"
#include "agent/store/history.h"
#include "common/disk/disk.h"
#include "common/text.h"
#include "rollback/guard.h"
#include "rollback/health.h"
#include "rollback/plan.h"
#include "updater/fetch/fetch.h"

struct confirming {
	struct terminal *terminal;
	struct job_lines *lines;
	struct job_result *result;
	struct plan *plan;
	bool blameless; /* what was found wrong with the group at hand is none of its releases' fault */
};

/* What asks for a local HTTP answer: the worker, as this process opens no network socket. */
struct asking {
	char *program;
	struct fetch *fetch;
};

static void asking_clear(struct asking *asking)
{
	fetch_free(asking->fetch);
	free(asking->program);
}
DEFINE_AUTO(asking, struct asking, asking_clear);

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

/* The release's own health check. The agent's asks the agent. */
static int check_health(const struct terminal *terminal, const struct plan_entry *entry,
	const struct release *release, struct error *err)
{
	const struct config *config = terminal->config;
	const char *const agent[] = {config->run_path, NULL};
	const struct sandbox sandbox = {.packages_path = config->packages_path,
		.package = entry->package,
		.folder = entry->folder,
		.former = entry->former,
		.data = "data",
		.user = config->self_test_user,
		.has_network = release->wants_network && text_holds_word(config->network_packages, entry->package),
		.shown = strcmp(entry->package, GUARD_AGENT_PACKAGE) == 0 ? agent : NULL};
	AUTO(asking) struct asking asking = {0};
	struct env env = *terminal->env;

	if (release->health.kind == RELEASE_HEALTH_HTTP) {
		if (asking_open(terminal->config, release->health.check.timeout_s, &asking, err) < 0)
			return -1;
		env.transport = fetch_transport(asking.fetch);
	}
	return health_check(&env, &release->health, &sandbox, err);
}

/* The agent that answers must be that of the release on trial: one that was started from its folder, or is of its version. */
static int check_agent(const struct terminal *terminal, const struct plan_entry *entry, const struct release *release,
	struct error *err)
{
	char folder[PATH_MAX], whole[PATH_MAX];

	if (strcmp(entry->package, GUARD_AGENT_PACKAGE) != 0 || !terminal->program ||
		version_compare(release->version, HAISHIN_VERSION) == 0)
		return 0;
	(void)snprintf(folder, sizeof(folder), "%s/%s/versions/%s", terminal->config->packages_path, entry->package,
		entry->folder);
	if (realpath(folder, whole) && strncmp(terminal->program, whole, strlen(whole)) == 0 &&
		terminal->program[strlen(whole)] == '/')
		return 0;
	return error_set(err, ERROR_REFUSED,
		"the agent that answers is haishin " HAISHIN_VERSION " (%.100s), not that of this release",
		terminal->program);
}

/* ---- What it requires ---- */

static int read_current_version(const struct confirming *confirming, const char *package,
	char ret_version[static VERSION_TEXT_SIZE], struct error *err)
{
	const struct terminal *terminal = confirming->terminal;
	AUTO(versions) struct versions *versions = NULL;
	char current[VERSIONS_FOLDER_SIZE];

	if (versions_open(terminal->env->fs, terminal->packages_dir_fd, package, &versions, err) < 0 ||
		versions_current(versions, current, err) < 0)
		return -1;
	package_folder_version(current, ret_version);
	return 0;
}

/* A requirement that a package of the same group meets is met for as long as the group lasts; one that another package
 * meets whose own fate is open is not met yet, or no longer. */
static int check_requirement(struct confirming *confirming, const struct plan_entry *entry,
	const struct release_requirement *requirement, struct error *err)
{
	const struct plan_entry *other = plan_find(confirming->plan, requirement->package);
	char version[VERSION_TEXT_SIZE];

	if (read_current_version(confirming, requirement->package, version, err) < 0)
		return -1;
	if (version_compare(version, requirement->version) >= 0 && other && other->state != PLAN_STAGED &&
		!plan_go_together(other, entry)) {
		package_folder_version(other->former, version);
		if (other->state == PLAN_TRIAL && version_compare(version, requirement->version) < 0)
			return error_set(err, ERROR_BUSY, "it requires %s %s, which is on trial itself",
				requirement->package, requirement->version);
	}
	if (version_compare(version, requirement->version) >= 0)
		return 0;
	confirming->blameless = true;
	return error_set(err, ERROR_REFUSED, "it requires %s %s or later, and runs with %s", requirement->package,
		requirement->version, *version ? version : "none");
}

static int check_requirements(struct confirming *confirming, const struct plan_entry *entry,
	const struct release *release, struct error *err)
{
	for (size_t i = 0; i < release->requires_count; i++)
		if (check_requirement(confirming, entry, &release->requires[i], err) < 0)
			return -1;
	return 0;
}

/* ---- One group ---- */

/* 0: healthy. ERROR_REFUSED: it is not. Other errors: it could not be told. */
static int check_entry(struct confirming *confirming, const struct plan_entry *entry, struct error *err)
{
	AUTO(release) struct release *release = NULL;

	if (*entry->migrate && !entry->migrated)
		return error_set(err, ERROR_BUSY,
			"the guard was cut short before it had migrated the data; restart the terminal");
	if (release_file_read(confirming->terminal, entry->package, entry->folder, &release, err) < 0) {
		err->code = ERROR_REFUSED; /* a release that cannot even be read any more is not healthy */
		return -1;
	}
	confirming->lines->number++;
	confirming->lines->package = entry->package;
	confirming->lines->version = release->version;
	job_lines_progress(confirming->lines, "confirming", NULL);
	if (check_requirements(confirming, entry, release, err) < 0 ||
		check_agent(confirming->terminal, entry, release, err) < 0)
		return -1;
	return check_health(confirming->terminal, entry, release, err);
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

		if (!plan_go_together(member, first) || !entry || entry->state != PLAN_TRIAL ||
			strcmp(entry->folder, member->folder) != 0)
			continue;
		if (!condemned_why) {
			plan_drop(plan, member->package);
			continue;
		}
		entry->state = PLAN_CONDEMNED;
		entry->blameless = confirming->blameless;
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

/* Where no program may start, an application that does not run says nothing about its release. */
static int check_mount(const struct confirming *confirming, struct error *err)
{
	const struct terminal *terminal = confirming->terminal;
	struct disk disk;

	if (disk_look(terminal->env->fs, terminal->packages_dir_fd, ".", &disk, err) < 0)
		return -1;
	return disk.is_noexec ? error_set(err, ERROR_MACHINE, "the disk of '%.200s' is mounted noexec",
					terminal->config->packages_path)
			      : 0;
}

/* Every member of the group that FIRST leads is looked at; the first that is unhealthy, or cannot be told, decides.
 */
static int check_group(struct confirming *confirming, const struct plan_entry *first, struct error *err)
{
	if (check_mount(confirming, err) < 0)
		return -1;
	for (int i = 0; i < confirming->plan->count; i++) {
		const struct plan_entry *entry = &confirming->plan->entries[i];

		if (plan_go_together(entry, first) && check_entry(confirming, entry, err) < 0)
			return error_context(err, "%s", entry->package);
	}
	return 0;
}

/* Before the plan forgets them. */
static int conclude_repairs(const struct confirming *confirming, const struct plan_entry *first, struct error *err)
{
	for (int i = 0; i < confirming->plan->count; i++) {
		const struct plan_entry *entry = &confirming->plan->entries[i];

		if (plan_go_together(entry, first) && sound_repair_is_one(entry) &&
			sound_repair_conclude(confirming->terminal, entry->package, err) < 0)
			return error_context(err, "%s", entry->package);
	}
	return 0;
}

static int confirm_group(struct confirming *confirming, const struct plan_entry *first, struct error *err)
{
	struct error why = {0};

	confirming->blameless = false;
	if (check_group(confirming, first, &why) < 0 && why.code != ERROR_REFUSED) {
		*err = why;
		return -1;
	}
	if (!why.code && conclude_repairs(confirming, first, err) < 0)
		return -1;
	if (change_group(confirming, first, why.code ? why.text : NULL, err) < 0)
		return -1;
	for (int i = 0; i < confirming->plan->count; i++) {
		const struct plan_entry *entry = &confirming->plan->entries[i];

		if (!plan_go_together(entry, first))
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
		if (plan_go_together(before, entry))
			return false;
	return true;
}

int confirm_run(struct terminal *terminal, struct job_lines *lines, struct job_result *ret_result, struct error *err)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct confirming confirming = {.terminal = terminal, .lines = lines, .result = ret_result, .plan = plan};
	struct error first = {0};

	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if (plan_read(terminal->env->fs, terminal->boot_dir_fd, plan, err) < 0)
		return -1;
	lines->packages = plan_count_trials(plan);
	for (int i = 0; i < plan->count; i++) {
		const struct plan_entry *entry = &plan->entries[i];
		struct error why = {0};

		if (plan_is_on_trial(plan, entry) && leads(plan, entry) &&
			confirm_group(&confirming, entry, &why) < 0 && !first.code)
			first = why;
	}
	if (take_back_condemned(terminal, &ret_result->agent_replaced, err) < 0)
		return -1;
	if (!first.code)
		return 0;
	*err = first;
	return -1;
}
