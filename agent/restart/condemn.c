#include "agent/restart/condemn.h"

#include <string.h>

#include "agent/restart/release_file.h"
#include "common/text.h"

struct condemning {
	const struct terminal *terminal;
	struct plan *plan;
	int group;	    /* of all that go back */
	const char *reason; /* of the first */
	char with_it[PLAN_REASON_SIZE];
};

static void mark(const struct condemning *condemning, struct plan_entry *entry, const char *reason)
{
	entry->group = condemning->group;
	if (entry->state == PLAN_CONDEMNED)
		return;
	entry->state = PLAN_CONDEMNED;
	entry->line = 0;
	text_printable(reason, entry->reason, sizeof(entry->reason));
}

/* ---- An entry to condemn ---- */

static int priority_of(const struct terminal *terminal, const char *package)
{
	const struct config_list *names = &terminal->config->packages;
	int priority = 1;

	for (size_t i = 0; i < names->count && strcmp(names->items[i], package) != 0; i++)
		priority++;
	return priority;
}

/* What was confirmed long ago has no entry any more: it gets one, with the previous release as its way back. */
static int make_entry(
	const struct terminal *terminal, const char *package, struct plan_entry *ret_entry, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;

	*ret_entry =
		(struct plan_entry){.priority = priority_of(terminal, package), .state = PLAN_TRIAL, .starts = 1};
	(void)snprintf(ret_entry->package, sizeof(ret_entry->package), "%s", package);
	if (versions_open(terminal->env->fs, terminal->packages_dir_fd, package, &versions, err) < 0 ||
		versions_current(versions, ret_entry->folder, err) < 0 ||
		versions_previous(versions, ret_entry->former, err) < 0)
		return -1;
	if (strcmp(ret_entry->folder, ret_entry->former) == 0)
		*ret_entry->former = '\0';
	return 0;
}

static bool has_way_back(const struct plan_entry *entry)
{
	return *entry->folder && *entry->former;
}

static int condemn_first(struct condemning *condemning, const char *package, struct error *err)
{
	struct plan_entry *entry = plan_find(condemning->plan, package), made;

	if (!entry && (make_entry(condemning->terminal, package, &made, err) < 0))
		return -1;
	if (!has_way_back(entry ? entry : &made))
		return error_set(
			err, ERROR_NOT_FOUND, "%s has no former release on this terminal to go back to", package);
	if (!entry && plan_put(condemning->plan, &made, err) < 0)
		return -1;
	entry = plan_find(condemning->plan, package);
	condemning->group = entry->group ? entry->group : plan_free_group(condemning->plan);
	mark(condemning, entry, condemning->reason);
	return 0;
}

/* ---- What goes with it ---- */

/* What only waits for a restart is taken out of the plan; what may be current goes back. */
static void condemn_group(const struct condemning *condemning, int group)
{
	struct plan *plan = condemning->plan;
	char package[PLAN_NAME_SIZE];

	for (int i = plan->count - 1; i >= 0; i--) { /* from the end: an entry may go */
		struct plan_entry *entry = &plan->entries[i];

		if (entry->group != group)
			continue;
		if (entry->state != PLAN_STAGED || plan_has_begun(plan, entry)) {
			mark(condemning, entry, condemning->with_it);
			continue;
		}
		(void)strcpy(package, entry->package);
		plan_drop(plan, package);
	}
}

static bool goes_below(const struct condemning *condemning, const struct release_requirement *requirement)
{
	const struct plan_entry *entry = plan_find(condemning->plan, requirement->package);
	char former[VERSION_TEXT_SIZE];

	if (!entry || entry->state != PLAN_CONDEMNED)
		return false;
	package_folder_version(entry->former, former);
	return version_compare(former, requirement->version) < 0;
}

/* The requirement that ENTRY's release can no longer have; NULL for none. One whose own bytes cannot be read requires
 * nothing: no damage keeps a terminal from going back. */
static bool misses(const struct condemning *condemning, const struct plan_entry *entry,
	struct release_requirement *ret_requirement, struct release **ret_release)
{
	const struct terminal *terminal = condemning->terminal;
	struct error err = {0};

	if (!*entry->folder)
		return false;
	if (release_file_read(terminal, entry->package, entry->folder, ret_release, &err) < 0) {
		log_line(terminal->env->log, LOG_LEVEL_WARNING, "%s %s: %s; what it requires is not looked at",
			entry->package, entry->folder, err.text);
		return false;
	}
	for (size_t i = 0; i < (*ret_release)->requires_count; i++)
		if (goes_below(condemning, &(*ret_release)->requires[i])) {
			*ret_requirement = (*ret_release)->requires[i];
			return true;
		}
	return false;
}

/* *RET_GOES tells if PACKAGE has to go back, too, and was not yet to. */
static int condemn_if_it_must(struct condemning *condemning, const char *package, bool *ret_goes, struct error *err)
{
	AUTO(release) struct release *release = NULL;
	struct release_requirement requirement;
	struct plan_entry *entry = plan_find(condemning->plan, package), made;
	struct error odd = {0};

	*ret_goes = false;
	if (entry && entry->state == PLAN_CONDEMNED)
		return 0;
	if (!entry && make_entry(condemning->terminal, package, &made, &odd) < 0) {
		log_line(condemning->terminal->env->log, LOG_LEVEL_WARNING, "%s; what it requires is not looked at", odd.text);
		return 0;
	}
	if (!misses(condemning, entry ? entry : &made, &requirement, &release))
		return 0;
	*ret_goes = true;
	if (entry && entry->group) {
		condemn_group(condemning, entry->group);
		return 0;
	}
	if (!has_way_back(entry ? entry : &made))
		return error_set(err, ERROR_NOT_FOUND,
			"%s requires %s %s or later, and has no former release on this terminal to go back to with "
			"it",
			package, requirement.package, requirement.version);
	if (!entry && plan_put(condemning->plan, &made, err) < 0)
		return -1;
	mark(condemning, plan_find(condemning->plan, package), condemning->with_it);
	return 0;
}

int condemn(const struct terminal *terminal, struct plan *plan, const char *package, const char *reason,
	struct error *err)
{
	const struct config_list *names = &terminal->config->packages;
	struct condemning condemning = {.terminal = terminal, .plan = plan, .reason = reason};
	bool goes = true;

	(void)snprintf(condemning.with_it, sizeof(condemning.with_it), "together with %s: %.80s", package, reason);
	if (condemn_first(&condemning, package, err) < 0)
		return -1;
	condemn_group(&condemning, condemning.group);
	while (goes) {
		goes = false;
		for (size_t i = 0; i < names->count && !goes; i++)
			if (condemn_if_it_must(&condemning, names->items[i], &goes, err) < 0)
				return -1;
	}
	return 0;
}
