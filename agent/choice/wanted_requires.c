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

void wanted_pass_requirements(const struct plan *plan, const struct wanted_list *list)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < list->count; i++) {
			struct wanted *wanted = &list->items[i];

			for (size_t k = 0; wanted->outcome == WANTED_DELIVER && !wanted->repairs && k < wanted->offer.release->requires_count; k++) {
				const struct release_requirement *requirement = &wanted->offer.release->requires[k];

				if (requirement_is_met(plan, list, wanted, requirement))
					continue;
				wanted_shut(wanted, WANTED_REQUIRES,
					"requires %s %s or later, which is neither proven here nor on its way",
					requirement->package, requirement->version);
				changed = true;
			}
		}
	}
}
