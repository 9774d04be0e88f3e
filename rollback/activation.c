#include "rollback/activation.h"

#include <string.h>

void activation_finish_interrupted(struct run *run)
{
	plan_each (&run->plan, entry) {
		if (!entry->line || entry->state == PLAN_CONDEMNED ||
			(entry->state == PLAN_STAGED && !run_is_current(run, entry, false)))
			continue;
		if (entry->state == PLAN_STAGED)
			entry->starts = run->is_new_boot ? 0 : 1;
		entry->state = PLAN_TRIAL;
		run_remember(run, entry, JOURNAL_ACTIVATED);
		run->is_changed = run->is_repaired = true;
	}
	run_tell(run);
}

static int find_way_back(struct run *run, struct plan_entry *entry, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	char current[VERSIONS_FOLDER_SIZE];
	struct error failed = {0};

	if (run_open(run, entry, &versions, current, err) < 0)
		return -1;
	if (!versions_has(versions, entry->folder))
		return error_set(err, ERROR_NOT_FOUND, "its folder is missing");
	if (strcmp(current, entry->folder) != 0)
		(void)strcpy(entry->former, current);
	else if (!*entry->former && versions_previous(versions, entry->former, &failed) < 0)
		run_note(run, &failed);
	return 0;
}

static void intend(struct run *run, struct plan_entry *entry)
{
	struct error failed = {0};

	if (find_way_back(run, entry, &failed) < 0) {
		run_condemn(run, entry, &failed);
		return;
	}
	entry->tested = false;
	run_keep_line(run, entry);
}

/* The first STAGED entry of a group, which is asked for all of them; those without a group lead themselves. */
static const struct plan_entry *leader_of(const struct run *run, const struct plan_entry *entry)
{
	const struct plan_entry *leader = run->plan.entries;

	while (leader->state != PLAN_STAGED || !plan_go_together(entry, leader))
		leader++;
	return leader;
}

/* How many more may be begun at this restart. What an interrupted one has begun, with a line kept, takes its place first. */
static int count_room(const struct run *run)
{
	int room = run->plan.per_restart ? run->plan.per_restart : PLAN_MAX_ENTRIES;

	for (const struct plan_entry *entry = run->plan.entries; entry < run->plan.entries + run->plan.count; entry++)
		room -= entry->state == PLAN_STAGED && entry->line && leader_of(run, entry) == entry;
	return run->is_new_boot ? room : 0;
}

void activation_choose(struct run *run)
{
	int room = count_room(run);

	plan_each (&run->plan, entry) {
		const struct plan_entry *leader;
		bool is_due;

		if (entry->state != PLAN_STAGED)
			continue;
		leader = leader_of(run, entry);
		is_due = leader->line || (leader == entry && room-- > 0);
		entry->line = 0;
		if (is_due)
			intend(run, entry);
	}
}

static int activate(struct run *run, const struct plan_entry *entry, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	char current[VERSIONS_FOLDER_SIZE];

	if (run_open(run, entry, &versions, current, err) < 0)
		return -1;
	return versions_activate(versions, entry->folder, err);
}

void activation_switch(struct run *run)
{
	plan_each (&run->plan, entry) {
		struct error failed = {0};

		if (entry->state != PLAN_STAGED || !entry->line)
			continue;
		if (activate(run, entry, &failed) < 0) {
			run_note(run, &failed);
			run_condemn(run, entry, &failed);
			continue;
		}
		entry->state = PLAN_TRIAL;
		entry->starts = 1;
		run->is_changed = true;
		run->result.activated++;
		run_remember(run, entry, JOURNAL_ACTIVATED);
	}
	run_tell(run);
}

void activation_leave(struct run *run, const struct error *why)
{
	plan_each (&run->plan, entry)
		if (entry->state == PLAN_TRIAL && !plan_is_on_trial(&run->plan, entry))
			run_condemn(run, entry, why);
}
