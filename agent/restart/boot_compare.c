#include "agent/restart/boot_compare.h"

#include <string.h>

#include "agent/store/installed.h"
#include "common/text.h"

#define STARTS_MAX 3

/* One package, as disk, plan and store have it. */
struct comparison {
	struct boot *boot;
	const char *package;
	struct versions *versions;
	char current[VERSIONS_FOLDER_SIZE];
	char previous[VERSIONS_FOLDER_SIZE];
};

static int note_repair(struct comparison *comparison, const char *detail, struct error *err)
{
	comparison->boot->result->repaired++;
	return boot_record(comparison->boot, "repair", comparison->package, "done", detail, NULL, err);
}

static int drop_entry(struct comparison *comparison, const char *why, struct error *err)
{
	plan_drop(comparison->boot->plan, comparison->package);
	comparison->boot->plan_changed = true;
	return note_repair(comparison, why, err);
}

static int fail_delivery(struct boot *boot, struct delivery *delivery, const char *why, struct error *err)
{
	boot->result->repaired++;
	return delivery_fail(boot->store, delivery, why, err);
}

/* ---- What is current ---- */

static int compare_installed(struct comparison *comparison, struct error *err)
{
	struct boot *boot = comparison->boot;
	struct installed_row row;
	char detail[STORE_TEXT_SIZE], digest[SHA256_HEX_SIZE];
	bool found;

	if (installed_find(boot->store, comparison->package, &row, &found, err) < 0)
		return -1;
	if (strcmp(found ? row.folder : "", comparison->current) == 0 ||
		(*comparison->current &&
			!boot_folder_digest(boot->env->fs, comparison->versions, comparison->current, digest)))
		return 0;
	(void)snprintf(detail, sizeof(detail), "on disk '%s' is current; the store had '%s'", comparison->current,
		found ? row.folder : "");
	if (boot_record_installed(boot, comparison->versions, comparison->package, comparison->current,
		    boot->env->clock->now_s(boot->env->clock), err) < 0)
		return -1;
	return note_repair(comparison, detail, err);
}

/* The guard activated it and could not tell. */
static int compare_current_delivery(struct comparison *comparison, struct error *err)
{
	struct boot *boot = comparison->boot;
	struct delivery delivery;
	bool found;

	if (!*comparison->current)
		return 0;
	if (delivery_of_folder(boot->store, comparison->package, comparison->current, &delivery, &found, err) < 0)
		return -1;
	if (!found || delivery.state > DELIVERY_STAGED)
		return 0;
	boot->result->repaired++;
	if (boot_bring_to_staged(boot, &delivery, err) < 0)
		return -1;
	return delivery_activated(boot->store, &delivery, NULL, err);
}

/* The guard took it back and could not tell, or its folder is lost, which is not the release's fault. */
static int end_former_trial(struct comparison *comparison, struct delivery *delivery, struct error *err)
{
	struct boot *boot = comparison->boot;

	if (!versions_has(comparison->versions, delivery->folder))
		return fail_delivery(comparison->boot, delivery, "its folder is lost from disk", err);
	boot->result->repaired++;
	return delivery_rolled_back(boot->store, delivery, "another release is current on disk", NULL, err);
}

static int compare_trials(struct comparison *comparison, struct error *err)
{
	const char *const texts[] = {
		comparison->package, delivery_state_name(DELIVERY_ACTIVATED), comparison->current};
	struct delivery delivery;
	bool found = true;

	while (found) {
		if (delivery_row_find(comparison->boot->store, STATEMENT_DELIVERY_IN_STATE, texts, 3, &delivery,
			    &found, err) < 0)
			return -1;
		if (found && end_former_trial(comparison, &delivery, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- What the plan says ---- */

static int look_if_current(
	const struct boot *boot, const struct plan_entry *entry, bool *ret_is_current, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	char current[VERSIONS_FOLDER_SIZE];

	if (versions_open(boot->env->fs, boot->options->packages_dir_fd, entry->package, &versions, err) < 0 ||
		versions_current(versions, current, err) < 0)
		return -1;
	*ret_is_current = strcmp(current, entry->folder) == 0;
	return 0;
}

/* ENTRY may not run without a member of its group: it goes back where it runs, and is staged again where it waits. It
 * is not to blame for that. */
static int leave_out(struct boot *boot, struct plan_entry *entry, const char *why, struct error *err)
{
	struct delivery delivery;
	bool runs, found;

	if (look_if_current(boot, entry, &runs, err) < 0)
		return -1;
	if (runs) {
		entry->blameless = entry->state != PLAN_CONDEMNED;
		entry->state = PLAN_CONDEMNED;
		entry->line = 0;
		text_cut(why, entry->reason, sizeof(entry->reason));
		return 0;
	}
	if (delivery_of_folder(boot->store, entry->package, entry->folder, &delivery, &found, err) < 0)
		return -1;
	plan_drop(boot->plan, entry->package);
	return found && delivery.state == DELIVERY_STAGED ? fail_delivery(boot, &delivery, why, err) : 0;
}

/* The package's entry goes, and with it whatever goes together with it. */
static int drop_group(struct comparison *comparison, const char *why, struct error *err)
{
	struct boot *boot = comparison->boot;
	const struct plan_entry dropped = *plan_find(boot->plan, comparison->package);
	char with_it[STORE_TEXT_SIZE];

	if (drop_entry(comparison, why, err) < 0)
		return -1;
	(void)snprintf(with_it, sizeof(with_it), "it goes together with %s: %s", dropped.package, why);
	for (int i = boot->plan->count - 1; i >= 0; i--) /* from the end: an entry may go */
		if (plan_go_together(&dropped, &boot->plan->entries[i]) &&
			leave_out(boot, &boot->plan->entries[i], with_it, err) < 0)
			return error_context(err, "%s", dropped.package);
	return 0;
}

static int compare_staged_entry(struct comparison *comparison, const struct plan_entry *entry, struct error *err)
{
	struct boot *boot = comparison->boot;
	struct delivery delivery;
	bool found, is_current, is_there = versions_has(comparison->versions, entry->folder);

	if (delivery_of_folder(boot->store, comparison->package, entry->folder, &delivery, &found, err) < 0)
		return -1;
	if (found && delivery.state == DELIVERY_ACTIVATED)
		return 0; /* the guard was cut short; it goes on at the next boot */
	if (found && delivery_is_over(delivery.state))
		return drop_group(comparison, "the plan had a release that is no longer wanted", err);
	if (!is_there) {
		if (found && delivery_fail(boot->store, &delivery, "its staged folder is missing", err) < 0)
			return -1;
		return drop_group(comparison, "the plan had a release that is not on disk", err);
	}
	if (found && delivery.state == DELIVERY_STAGED)
		return 0;
	boot->result->repaired++;
	if (found)
		return boot_bring_to_staged(boot, &delivery, err);
	is_current = strcmp(entry->folder, comparison->current) ==
		     0; /* activated; the guard was cut short before it said so */
	return boot_adopt(boot, comparison->versions, comparison->package, entry->folder,
		is_current ? DELIVERY_ACTIVATED : DELIVERY_STAGED, &delivery, err);
}

static int compare_active_entry(struct comparison *comparison, const struct plan_entry *entry, struct error *err)
{
	struct boot *boot = comparison->boot;
	struct delivery delivery;
	bool found;

	if (strcmp(entry->folder, comparison->current) != 0)
		return drop_group(comparison, "the plan had a release on trial that is not current", err);
	if (delivery_of_folder(boot->store, comparison->package, entry->folder, &delivery, &found, err) < 0)
		return -1;
	if (found && delivery.state == DELIVERY_CONFIRMED && entry->state == PLAN_TRIAL)
		return drop_entry(comparison, "the plan had a release on trial that is confirmed already", err);
	if (found && (delivery.state == DELIVERY_CONFIRMED || delivery.state == DELIVERY_ACTIVATED))
		return 0; /* condemned though it was confirmed: staff want it taken back */
	boot->result->repaired++;
	return boot_adopt(
		boot, comparison->versions, comparison->package, entry->folder, DELIVERY_ACTIVATED, &delivery, err);
}

static int compare_entry(struct comparison *comparison, struct error *err)
{
	const struct plan_entry *entry = plan_find(comparison->boot->plan, comparison->package);

	if (!entry)
		return 0;
	return entry->state == PLAN_STAGED ? compare_staged_entry(comparison, entry, err)
					   : compare_active_entry(comparison, entry, err);
}

/* ---- What the store says and the plan has lost ---- */

static int priority_of(const struct boot_options *options, const char *package)
{
	int priority = 1;

	for (size_t i = 0; options->packages && options->packages[i] && strcmp(options->packages[i], package) != 0;
		i++)
		priority++;
	return priority;
}

/* On trial, and the plan forgot: it goes on trial again, so that it is confirmed or taken back. Which of them go
 * together is forgotten, too; so all do. */
static int plan_trial_anew(struct comparison *comparison, struct error *err)
{
	const struct boot_options *options = comparison->boot->options;
	const struct clock *clock = comparison->boot->env->clock;
	struct plan *plan = comparison->boot->plan;
	struct plan_entry entry = {
		.priority = priority_of(options, comparison->package),
		.group = comparison->boot->lost_group ? comparison->boot->lost_group : plan_free_group(plan),
		.state = PLAN_TRIAL,
		.starts = 1,
		.starts_max = options->starts_max > 0 ? options->starts_max : STARTS_MAX,
		.tested = true,
		.migrated = true,
	};

	text_cut(comparison->package, entry.package, sizeof(entry.package));
	text_cut(comparison->current, entry.folder, sizeof(entry.folder));
	text_cut(comparison->previous, entry.former, sizeof(entry.former));
	if (plan_put(plan, &entry, err) < 0)
		return -1;
	if (!*plan->boot_id && clock->boot_id(clock, plan->boot_id, err) < 0) /* this start is counted */
		return -1;
	comparison->boot->lost_group = entry.group;
	comparison->boot->plan_changed = true;
	return note_repair(comparison, "the plan had lost the release on trial; it is on trial again", err);
}

static int compare_staged_delivery(struct comparison *comparison, const struct plan_entry *entry, struct error *err)
{
	const char *folder = entry ? entry->folder : "";
	const char *const texts[] = {comparison->package, delivery_state_name(DELIVERY_STAGED), folder};
	struct delivery delivery;
	bool found;

	if (delivery_row_find(
		    comparison->boot->store, STATEMENT_DELIVERY_IN_STATE, texts, 3, &delivery, &found, err) < 0)
		return -1;
	if (!found)
		return 0;
	return fail_delivery(comparison->boot, &delivery,
		"it has no place in the plan; it is staged again at the next chance", err);
}

/* A release on trial goes before one that is staged: its way back must not be lost. */
static int compare_lost(struct comparison *comparison, struct error *err)
{
	struct boot *boot = comparison->boot;
	const struct plan_entry *entry = plan_find(boot->plan, comparison->package);
	struct delivery delivery;
	bool found, is_lost;

	if (delivery_of_folder(boot->store, comparison->package, comparison->current, &delivery, &found, err) < 0)
		return -1;
	is_lost = found && delivery.state == DELIVERY_ACTIVATED &&
		  (!entry || strcmp(entry->folder, comparison->current) != 0);
	if (compare_staged_delivery(comparison, is_lost ? NULL : entry, err) < 0)
		return -1;
	return is_lost ? plan_trial_anew(comparison, err) : 0;
}

int boot_compare(struct boot *boot, const char *package, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	struct comparison comparison = {.boot = boot, .package = package};
	struct error odd = {0};

	if (versions_open(boot->env->fs, boot->options->packages_dir_fd, package, &versions, &odd) < 0 ||
		versions_current(versions, comparison.current, &odd) < 0 ||
		versions_previous(versions, comparison.previous, &odd) < 0 || versions_is_odd(versions)) {
		log_line(boot->env->log, LOG_LEVEL_ERROR, "%s is left as it is: %s", package,
			odd.code ? odd.text : "current or previous is no link");
		return 0;
	}
	comparison.versions = versions;
	if (compare_installed(&comparison, err) < 0 || compare_current_delivery(&comparison, err) < 0 ||
		compare_trials(&comparison, err) < 0 || compare_entry(&comparison, err) < 0)
		return -1;
	return compare_lost(&comparison, err);
}
