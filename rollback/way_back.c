#include "rollback/way_back.h"

#include <string.h>

#include "rollback/data.h"

/* The former release, or, where that is gone, the previous one. True if there is somewhere to go; having had no
 * release at all is such a place. */
static bool has_way_back(
	struct versions *versions, const struct plan_entry *entry, char ret_former[static VERSIONS_FOLDER_SIZE])
{
	char previous[VERSIONS_FOLDER_SIZE];

	(void)strcpy(ret_former, entry->former);
	if (versions_has(versions, entry->former) && strcmp(entry->former, entry->folder) != 0)
		return true;
	if (versions_previous(versions, previous, NULL) < 0 || !*previous || strcmp(previous, entry->folder) == 0)
		return !*entry->former;
	(void)strcpy(ret_former, previous);
	return true;
}

/* Switches back where the disk says that it has to be; *RET_EVENT is what there is to tell. */
static int switch_back(struct run *run, struct plan_entry *entry, enum journal_event *ret_event, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	char current[VERSIONS_FOLDER_SIZE], former[VERSIONS_FOLDER_SIZE];
	bool is_current;

	if (run_open(run, entry, &versions, current, err) < 0)
		return -1;
	is_current = strcmp(current, entry->folder) == 0;
	if (is_current && !entry->starts)
		entry->starts = 1; /* activated after all */
	*ret_event = !entry->starts ? JOURNAL_DROPPED : entry->blameless ? JOURNAL_PUT_BACK : JOURNAL_ROLLED_BACK;
	if (is_current && !has_way_back(versions, entry, former)) {
		*ret_event = JOURNAL_KEPT;
		return 0;
	}
	/* First, as more can go wrong with it: a release and its data go together. */
	if (data_restore(run->env->fs, versions_package_dir_fd(versions), entry->folder, err) < 0)
		return error_context(err, "%s: data as it was before %s", entry->package, entry->folder);
	if (!is_current)
		return 0;
	(void)strcpy(entry->former, former);
	if (versions_take_back(versions, former, err) < 0 && run_is_current(run, entry, true))
		return error_context(err, "%s %s could not be taken back", entry->package, entry->folder);
	return 0;
}

static void try_to_take_back(struct run *run)
{
	plan_each (&run->plan, entry) {
		enum journal_event event;
		struct error failed = {0};

		if (entry->state != PLAN_CONDEMNED || !entry->line)
			continue;
		if (switch_back(run, entry, &event, &failed) < 0)
			run_note(run, &failed); /* it stays in the plan */
		else
			run_remember(run, entry, event);
	}
	run_tell(run);
}

/* A second try for what failed: a group must not stay half taken back for one bad moment of the disk. */
void way_back_take(struct run *run)
{
	try_to_take_back(run);
	try_to_take_back(run);
}
