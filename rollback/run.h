/* One run of the guard: the plan, what of it is to be told in the journal, and what went wrong. Inside rollback/ only:
 * guard.c puts activation, trial and way_back in order, which share this. */
#ifndef ROLLBACK_RUN_H
#define ROLLBACK_RUN_H

#include "common/env.h"
#include "rollback/guard_options.h"
#include "rollback/journal.h"
#include "rollback/plan.h"
#include "rollback/versions.h"

struct run {
	const struct env *env;
	const struct guard_options *options;
	bool is_new_boot; /* this start is not counted yet */
	bool is_changed;  /* the plan in memory is ahead of the file */
	bool is_repaired; /* an interrupted run was finished */
	char boot_id[BOOT_ID_SIZE];
	uint64_t last_line; /* of the journal, used or kept */
	int ret;	    /* -1 and the first error, once anything failed */
	struct error first;
	struct guard_result result;
	struct plan plan;
	struct journal_line lines[PLAN_MAX_ENTRIES]; /* to be told, one for each entry at most; by their numbers */
	size_t lines_count;
};

/* Remembers a failure, and goes on. */
void run_note(struct run *run, const struct error *failed);

/* Writes the plan where it has changed. -1, remembered as run_note() does, where the plan on disk is not the one in memory. */
int run_save(struct run *run, struct error *err);

/* The package's folder, open, and what is current in it. */
WARN_UNUSED int run_open(struct run *run, const struct plan_entry *entry, struct versions **ret_versions,
	char ret_current[static VERSIONS_FOLDER_SIZE], struct error *err);

/* If the entry's release is current; where the disk cannot be asked, the answer is OTHERWISE. */
bool run_is_current(struct run *run, const struct plan_entry *entry, bool otherwise);

/* Keeps a line of the journal for the step that the entry is about to take. */
void run_keep_line(struct run *run, struct plan_entry *entry);

/* What there is to tell about an entry, under the line kept for it. */
void run_remember(struct run *run, const struct plan_entry *entry, enum journal_event event);

/* Tells all that was remembered, with one write. What was activated needs its line no more, what was taken back leaves
 * the plan. Where the write fails the entries keep their lines for the next run. */
void run_tell(struct run *run);

/* Tells what is about no package. */
void run_tell_machine(struct run *run, enum journal_event event, const char *reason);

/* The entry failed, for the reason that WHY says, and its whole group with it: all are to be taken back. A disk that is
 * full, failing or read-only says nothing about a release: the group may come again then. */
void run_condemn(struct run *run, struct plan_entry *entry, const struct error *why);

#endif
