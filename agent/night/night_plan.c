#include "agent/night/night_plan.h"

#include <string.h>

#include "agent/store/delivery.h"
#include "agent/store/headline.h"
#include "manifests/release/release_notes.h"
#include "rollback/plan_programs.h"

/* ---- The group ---- */

static bool group_is_complete(const struct wanted_list *list, int group)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].group == group && list->items[i].outcome == WANTED_DELIVER &&
			!list->items[i].complete)
			return false;
	return true;
}

static int make_entry(
	const struct night *night, const struct wanted *wanted, struct plan_entry *ret_entry, struct error *err)
{
	*ret_entry = (struct plan_entry){
		.priority = wanted->priority,
		.group = wanted->group,
		.state = PLAN_STAGED,
		.starts_max = (int)night->terminal->config->starts_max,
	};
	(void)snprintf(ret_entry->package, sizeof(ret_entry->package), "%s", wanted->package);
	(void)snprintf(ret_entry->folder, sizeof(ret_entry->folder), "%s", wanted->offer.folder);
	(void)snprintf(ret_entry->former, sizeof(ret_entry->former), "%s", wanted->current);
	return plan_programs_write(wanted->offer.release, ret_entry, err);
}

/* Those that waited together with a release wait together with the one that takes its place. */
static void take_others_along(struct plan *plan, const struct plan_entry *entry)
{
	const struct plan_entry *former = plan_find(plan, entry->package);
	int group = former ? former->group : 0;

	plan_each (plan, other)
		if (group && other->group == group)
			other->group = entry->group;
}

static int put_entry(const struct night *night, const struct wanted *wanted, struct plan *plan, struct error *err)
{
	struct plan_entry entry;

	if (make_entry(night, wanted, &entry, err) < 0)
		return -1;
	take_others_along(plan, &entry);
	return plan_put(plan, &entry, err);
}

/* Leaves the guard a group that is complete: one change of the plan for all its members. */
static int plan_group(struct night *night, int group, struct error *err)
{
	const struct env *env = night->terminal->env;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	AUTO(fd) int lock_fd = -1;

	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if ((lock_fd = plan_lock(env->fs, night->terminal->boot_dir_fd, err)) < 0 ||
		plan_read(env->fs, night->terminal->boot_dir_fd, plan, err) < 0)
		return -1;
	for (size_t i = 0; i < night->wanted.count; i++) {
		const struct wanted *wanted = &night->wanted.items[i];

		if (wanted->group == group && wanted->complete && put_entry(night, wanted, plan, err) < 0)
			return error_context(err, "%s %s", wanted->package, wanted->version);
	}
	plan->per_restart = night->terminal->config->per_restart == CONFIG_PER_RESTART_ONE ? 1 : 0;
	if (env->clock->boot_id(env->clock, plan->boot_id, err) < 0)
		return -1;
	return plan_write(env->fs, night->terminal->boot_dir_fd, plan, err);
}

/* What its vendor says of it: kept for whoever asks, and told once. */
static int record_notes(struct night *night, const struct wanted *wanted, struct error *err)
{
	struct store *store = night->terminal->store;
	const struct release *release = wanted->offer.release;
	AUTO(json) json_t *lines = release_notes_headlines(release);
	AUTO(json) json_t *headline = NULL;
	char digest[SHA256_HEX_SIZE];
	struct history_entry entry = {
		.operation = "notes",
		.package = wanted->package,
		.version = wanted->version,
		.digest = digest,
		.outcome = "done",
	};

	if (!lines)
		return error_set(err, ERROR_FAILED, "no memory for notes");
	if (release_notes_digest(release, digest, err) < 0 ||
		headline_put(store, wanted->package, wanted->offer.folder, wanted->current, lines, digest, err) < 0 ||
		headline_find(store, wanted->package, wanted->offer.folder, &headline, err) < 0)
		return -1;
	entry.detail = headline_text(headline);
	return headline && !wanted->repairs ? history_add(store, &entry, err) : 0;
}

static int record_staged(struct night *night, int group, struct error *err)
{
	for (size_t i = 0; i < night->wanted.count; i++) {
		const struct wanted *wanted = &night->wanted.items[i];
		const struct stage_progress *progress = &wanted->progress;
		struct job_progress told = {
			.bytes = progress->wire_bytes,
			.total = progress->wire_bytes,
			.saved = progress->saved_bytes,
			.saved_by_delta = progress->saved_by_delta,
			.saved_by_resume = progress->saved_by_resume,
			.left_s = -1,
		};
		struct delivery delivery;

		if (wanted->group != group || !wanted->complete)
			continue;
		if (delivery_plan_in(night->terminal->store, wanted->package, wanted->version, wanted->offer.digest,
			    wanted->offer.folder, wanted->campaign, &delivery, err) < 0 ||
			delivery_staged(night->terminal->store, &delivery, (int64_t)progress->wire_bytes, err) < 0 ||
			record_notes(night, wanted, err) < 0)
			return error_context(err, "%s %s", wanted->package, wanted->version);
		night->result->staged++;
		night->lines->package = wanted->package;
		night->lines->version = wanted->version;
		job_lines_progress(night->lines, "staged", &told);
	}
	return 0;
}

int night_settle_group(struct night *night, const struct wanted *wanted, struct error *err)
{
	if (!group_is_complete(&night->wanted, wanted->group))
		return 0;
	if (plan_group(night, wanted->group, err) < 0)
		return -1;
	return record_staged(night, wanted->group, err);
}
