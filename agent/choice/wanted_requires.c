#include "agent/choice/wanted_requires.h"

#include <string.h>

static struct wanted *find_wanted(const struct wanted_list *list, const char *package)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].package, package) == 0)
			return &list->items[i];
	return NULL;
}

static void join_groups(const struct wanted_list *list, int from, int to)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].group == from)
			list->items[i].group = to;
}

/* Where the release of another package is not proven, the requirement has to hold for its way back, too. */
static bool is_met_either_way(const struct plan_entry *planned, const char *required)
{
	char version[VERSION_TEXT_SIZE], former[VERSION_TEXT_SIZE];

	package_folder_version(planned->folder, version);
	package_folder_version(planned->former, former);
	return version_compare(version, required) >= 0 && version_compare(former, required) >= 0;
}

/* What a requirement says of this terminal: met by the current release, or by one that comes with it, or not at all.
 */
static bool requirement_is_met(const struct plan *plan, const struct wanted_list *list, struct wanted *wanted,
	const struct release_requirement *requirement)
{
	struct wanted *other = find_wanted(list, requirement->package);
	const struct plan_entry *planned = plan_find((struct plan *)plan, requirement->package);
	char version[VERSION_TEXT_SIZE];

	if (!other)
		return false;
	if (planned && plan_has_begun(plan, planned))
		return is_met_either_way(planned, requirement->version);
	if (version_compare(other->current_version, requirement->version) >= 0)
		return true;
	if (other->outcome == WANTED_DELIVER && version_compare(other->version, requirement->version) >= 0) {
		join_groups(list, wanted->group, other->group);
		return true;
	}
	if (other->outcome != WANTED_STAGED || !planned)
		return false;
	package_folder_version(planned->folder, version);
	if (version_compare(version, requirement->version) < 0)
		return false;
	if (planned->group)
		join_groups(list, wanted->group, planned->group);
	return planned->group != 0;
}

/* Nothing but its turn keeps what is required from coming. */
static bool comes_at_its_turn(const struct candidates *candidates, const struct wanted_list *list,
	const struct release_requirement *requirement)
{
	const struct candidate_here *here = candidates_of(candidates, requirement->package);
	const struct wanted *other = find_wanted(list, requirement->package);

	if (other && other->outcome == WANTED_NOT_YET && version_compare(other->version, requirement->version) >= 0)
		return true;
	return here && candidate_is_awaited(here) && version_compare(here->version, requirement->version) >= 0;
}

/* False where all that it requires is there, or comes with it. A turn that is waited for is told only where nothing else is missing. */
static bool shut_by_requirements(
	const struct plan *plan, const struct candidates *candidates, const struct wanted_list *list, struct wanted *wanted)
{
	const struct release *release = wanted->offer.release;
	const struct release_requirement *missing = NULL;
	bool waits = !version_is_broken(wanted->current_version);

	for (size_t k = 0; k < release->requires_count; k++) {
		const struct release_requirement *requirement = &release->requires[k];
		bool comes;

		if (requirement_is_met(plan, list, wanted, requirement))
			continue;
		comes = comes_at_its_turn(candidates, list, requirement);
		if (!missing || (waits && !comes))
			missing = requirement;
		waits &= comes;
	}
	if (missing && waits)
		wanted_shut(wanted, WANTED_NOT_YET, "requires %s %s or later, which is being introduced step by step",
			missing->package, missing->version);
	else if (missing)
		wanted_shut(wanted, WANTED_REQUIRES,
			"requires %s %s or later, which is neither proven here nor on its way", missing->package,
			missing->version);
	return missing != NULL;
}

void wanted_pass_requirements(const struct plan *plan, const struct candidates *candidates, const struct wanted_list *list)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < list->count; i++) {
			struct wanted *wanted = &list->items[i];

			if (wanted->outcome == WANTED_DELIVER && !wanted->repairs)
				changed |= shut_by_requirements(plan, candidates, list, wanted);
		}
	}
}
