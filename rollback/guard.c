#include "rollback/guard.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "rollback/data.h"
#include "rollback/journal.h"
#include "rollback/plan.h"
#include "rollback/program.h"
#include "rollback/versions.h"

/* The order of durable steps, and what a cut after each leaves. Invariant throughout: every package's current leads
 * to its complete old or new release (versions.c sees to each switch), and everything the next run needs stands in
 * the plan.
 *
 *   1. plan: the way back of each entry to be activated, and     current: old. Nothing is lost
 *      a journal line kept for it
 *   2. switch of each entry                                      old or new; the next run sees which, and goes on
 *   3. the kept journal lines, in one write                      told once: their numbers show it
 *   4. plan: these entries are on trial, this start counts       new; self-tests still to be run
 *   5. data/ of each entry that migrates it (rollback/data.h)    new; its names show how far it has come
 *   6. plan: migrated, tested; or their whole group condemned,   new; to be taken back
 *      each with a journal line kept
 *   7. data/ and switch back of each condemned entry, journal    as 5, 2 and 3
 *      lines
 *   8. plan: without them                                        old
 *
 * A group is decided on as a whole by one write of the plan (4, 6), so it is activated together or taken back
 * together whatever is cut, before the applications start. A write that fails is no reason to stop, except the first:
 * without the way back on disk nothing is activated. */
struct run {
	const struct env *env;
	const struct guard_options *options;
	struct plan *plan;
	bool is_new_boot; /* this start is not counted yet */
	bool is_changed;  /* the plan in memory is ahead of the file */
	bool is_repaired; /* an interrupted run was finished */
	char boot_id[BOOT_ID_SIZE];
	uint64_t last_line;	    /* of the journal, used or kept */
	struct journal_line *lines; /* to be told, one for each entry at most */
	size_t lines_count;
	int ret; /* -1 and the first error, once anything failed */
	struct error first;
	struct guard_result result;
};

/* Remembers a failure, and goes on. */
static void note(struct run *run, const struct error *failed)
{
	log_line(run->env->log, LOG_LEVEL_ERROR, "%s", failed->text);
	if (run->ret == 0)
		run->first = *failed;
	run->ret = -1;
}

/* False where the plan on disk is not the one in memory. */
static bool save(struct run *run)
{
	struct error failed = {0};

	if (run->is_changed && plan_write(run->env->fs, run->options->boot_dir_fd, run->plan, &failed) < 0) {
		note(run, &failed);
		return false;
	}
	run->is_changed = false;
	return true;
}

static int open_versions(struct run *run, const struct plan_entry *entry, struct versions **ret_versions,
	char ret_current[static VERSIONS_FOLDER_SIZE], struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;

	if (versions_open(run->env->fs, run->options->packages_dir_fd, entry->package, &versions, err) < 0 ||
		versions_current(versions, ret_current, err) < 0)
		return error_context(err, "%s", entry->package);
	*ret_versions = take_ptr(&versions);
	return 0;
}

/* Where the disk cannot be asked, the answer is OTHERWISE. */
static bool is_current(struct run *run, const struct plan_entry *entry, bool otherwise)
{
	AUTO(versions) struct versions *versions = NULL;
	char current[VERSIONS_FOLDER_SIZE];

	if (open_versions(run, entry, &versions, current, NULL) < 0)
		return otherwise;
	return strcmp(current, entry->folder) == 0;
}

/* The entry with the lowest journal line above AFTER and up to LAST; NULL where there is none: the order in which
 * lines are told. */
static struct plan_entry *next_by_line(struct run *run, uint64_t after, uint64_t last)
{
	struct plan_entry *next = NULL;

	for (struct plan_entry *entry = run->plan->entries; entry < run->plan->entries + run->plan->count; entry++)
		if (entry->line > after && entry->line <= last && (!next || entry->line < next->line))
			next = entry;
	return next;
}

static uint64_t keep_line(struct run *run)
{
	run->is_changed = true;
	return ++run->last_line;
}

static void log_event(struct run *run, const struct journal_line *line)
{
	log_line(run->env->log, line->event == JOURNAL_ACTIVATED ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
		"%s %s: %s%s%s%s%s", line->package, line->folder, journal_event_name(line->event),
		*line->former ? ", former release " : "", line->former, *line->reason ? ": " : "", line->reason);
}

/* What there is to tell about an entry, under the number kept for it. */
static void remember(struct run *run, const struct plan_entry *entry, enum journal_event event)
{
	struct journal_line *line = &run->lines[run->lines_count++];

	*line = (struct journal_line){.number = entry->line, .event = event};
	line->at_s = run->env->clock->now_s(run->env->clock);
	(void)strcpy(line->boot_id, run->boot_id);
	(void)strcpy(line->package, entry->package);
	(void)strcpy(line->folder, entry->folder);
	(void)strcpy(line->former, entry->former);
	(void)strcpy(line->reason, entry->reason);
	log_event(run, line);
}

/* Tells all that was remembered, with one write. Where that fails the entries keep their lines for the next run. */
static bool tell(struct run *run)
{
	struct error failed = {0};

	if (run->lines_count == 0)
		return true;
	if (journal_append_all(run->env->fs, run->options->boot_dir_fd, run->lines, run->lines_count, &failed) == 0)
		return true;
	note(run, &failed);
	run->lines_count = 0;
	return false;
}

/* Ends the line of each activated entry that was told; one condemned meanwhile has got another. */
static void tell_activated(struct run *run)
{
	if (!tell(run))
		return;
	for (size_t i = 0; i < run->lines_count; i++) {
		struct plan_entry *entry = plan_find(run->plan, run->lines[i].package);

		if (entry->line == run->lines[i].number)
			entry->line = 0;
	}
	run->lines_count = 0;
}

/* Ends each condemned entry that was told. */
static void tell_taken_back(struct run *run)
{
	if (!tell(run))
		return;
	for (size_t i = 0; i < run->lines_count; i++) {
		run->result.rolled_back +=
			run->lines[i].event == JOURNAL_ROLLED_BACK || run->lines[i].event == JOURNAL_PUT_BACK;
		run->is_changed = true;
		plan_drop(run->plan, run->lines[i].package);
	}
	run->lines_count = 0;
}

static void condemn_one(struct run *run, struct plan_entry *entry, const char *reason)
{
	entry->state = PLAN_CONDEMNED;
	entry->line = keep_line(run);
	if (!*entry->reason)
		text_printable(reason, entry->reason, sizeof(entry->reason));
}

/* The entry failed, and its whole group with it. */
static void condemn(struct run *run, struct plan_entry *failed, const char *reason)
{
	char with_it[PLAN_REASON_SIZE + PLAN_NAME_SIZE + 16];

	condemn_one(run, failed, reason);
	(void)snprintf(with_it, sizeof(with_it), "together with %s: %s", failed->package, failed->reason);
	for (struct plan_entry *entry = run->plan->entries; entry < run->plan->entries + run->plan->count; entry++)
		if (failed->group && entry->group == failed->group && entry != failed &&
			(entry->state != PLAN_CONDEMNED || !entry->line))
			condemn_one(run, entry, with_it);
}

static void set_plan_aside(struct run *run, const struct error *damage)
{
	struct journal_line line = {.at_s = run->env->clock->now_s(run->env->clock), .event = JOURNAL_PLAN_LOST};
	struct error failed = {0};

	(void)strcpy(line.boot_id, run->boot_id);
	text_printable(damage->text, line.reason, sizeof(line.reason));
	log_line(run->env->log, LOG_LEVEL_ERROR, "%s; it is set aside, and what is current stays so", damage->text);
	if (plan_set_aside(run->env->fs, run->options->boot_dir_fd, &failed) < 0)
		note(run, &failed);
	if (journal_append(run->env->fs, run->options->boot_dir_fd, &line, &failed) < 0)
		note(run, &failed);
}

/* Reads what there is. The run goes on with an empty plan where the file is damaged; without a boot identity it only
 * finishes what was begun. */
static int begin(struct run *run, struct error *err)
{
	struct fs *fs = run->env->fs;
	int boot_dir_fd = run->options->boot_dir_fd;
	struct error failed = {0};

	if (run->env->clock->boot_id(run->env->clock, run->boot_id, &failed) < 0) {
		*run->boot_id = '\0';
		note(run, &failed);
	}
	if (plan_read(fs, boot_dir_fd, run->plan, &failed) < 0) {
		if (failed.code != ERROR_DAMAGED)
			return error_set(err, failed.code, "%s", failed.text);
		set_plan_aside(run, &failed);
	}
	run->is_new_boot = *run->boot_id && strcmp(run->boot_id, run->plan->boot_id) != 0;
	if (run->plan->count == 0)
		return 0;
	if (journal_last_number(fs, boot_dir_fd, &run->last_line, err) < 0)
		return -1;
	for (int i = 0; i < run->plan->count; i++)
		if (run->plan->entries[i].line > run->last_line)
			run->last_line = run->plan->entries[i].line;
	return 0;
}

/* What an interrupted run switched, but did not tell or note: the disk shows it. */
static void finish_interrupted(struct run *run)
{
	struct plan_entry *entry;

	for (uint64_t line = 0, last = run->last_line; (entry = next_by_line(run, line, last));) {
		line = entry->line;
		if (entry->state == PLAN_CONDEMNED || (entry->state == PLAN_STAGED && !is_current(run, entry, false)))
			continue;
		if (entry->state == PLAN_STAGED)
			entry->starts = run->is_new_boot ? 0 : 1;
		entry->state = PLAN_TRIAL;
		remember(run, entry, JOURNAL_ACTIVATED);
		run->is_changed = run->is_repaired = true;
	}
	tell_activated(run);
}

/* A new start: it counts for every release on trial, and what the agent condemned is due. */
static void count_start(struct run *run)
{
	char reason[PLAN_REASON_SIZE];

	(void)strcpy(run->plan->boot_id, run->boot_id);
	run->is_changed = true;
	for (struct plan_entry *entry = run->plan->entries; entry < run->plan->entries + run->plan->count; entry++) {
		if (entry->state == PLAN_CONDEMNED && !entry->line) {
			condemn(run, entry, "the agent found it unhealthy");
		} else if (entry->state == PLAN_TRIAL && !is_current(run, entry, true)) {
			condemn(run, entry, "something else had been made current");
		} else if (entry->state == PLAN_TRIAL && ++entry->starts > entry->starts_max) {
			(void)snprintf(reason, sizeof(reason), "not confirmed within %d starts", entry->starts_max);
			condemn(run, entry, reason);
		}
	}
}

/* Notes the way back and keeps a journal line: the intent, before anything is switched. */
static void intend(struct run *run, struct plan_entry *entry)
{
	AUTO(versions) struct versions *versions = NULL;
	char current[VERSIONS_FOLDER_SIZE];
	struct error failed = {0};

	if (open_versions(run, entry, &versions, current, &failed) < 0) {
		condemn(run, entry, failed.text);
		return;
	}
	if (!versions_has(versions, entry->folder)) {
		condemn(run, entry, "its folder is missing");
		return;
	}
	if (strcmp(current, entry->folder) != 0)
		(void)strcpy(entry->former, current);
	else if (!*entry->former && versions_previous(versions, entry->former, &failed) < 0)
		note(run, &failed);
	entry->tested = false;
	entry->line = keep_line(run);
}

/* Those in UNIT's group, or itself alone. */
static bool is_of(const struct plan_entry *unit, const struct plan_entry *entry)
{
	return entry == unit || (unit->group && entry->group == unit->group);
}

/* STAGED, in the order of priority, as many as one restart may activate. At a later run of the same boot, when
 * applications may run already, only those that the first one had begun with. */
static void choose(struct run *run)
{
	struct plan_entry *end = run->plan->entries + run->plan->count;
	bool is_seen[PLAN_MAX_ENTRIES] = {false};
	int units = 0;

	for (struct plan_entry *unit = run->plan->entries; unit < end; unit++) {
		bool is_due = (run->is_new_boot && (!run->plan->per_restart || units < run->plan->per_restart)) ||
			      (!run->is_new_boot && unit->line);

		if (unit->state != PLAN_STAGED || is_seen[unit - run->plan->entries])
			continue;
		units += is_due;
		for (struct plan_entry *entry = unit; entry < end; entry++) {
			if (!is_of(unit, entry) || entry->state != PLAN_STAGED)
				continue;
			is_seen[entry - run->plan->entries] = true;
			entry->line = 0;
			if (is_due)
				intend(run, entry);
		}
	}
}

/* A disk that is full, failing or read-only says nothing about a release. */
static bool is_the_disks_fault(const struct error *failed)
{
	return failed->code == ERROR_NO_SPACE || failed->sys == ENOSPC || failed->sys == EIO || failed->sys == EROFS;
}

/* As condemn(), but what failed is the disk: the group may come again. */
static void condemn_blameless(struct run *run, struct plan_entry *failed, const char *reason)
{
	for (struct plan_entry *entry = run->plan->entries; entry < run->plan->entries + run->plan->count; entry++)
		entry->blameless |= is_of(failed, entry) && entry->state != PLAN_CONDEMNED;
	condemn(run, failed, reason);
}

static void activate_one(struct run *run, struct plan_entry *entry)
{
	AUTO(versions) struct versions *versions = NULL;
	char current[VERSIONS_FOLDER_SIZE];
	struct error failed = {0};

	if (open_versions(run, entry, &versions, current, &failed) < 0 ||
		versions_activate(versions, entry->folder, &failed) < 0) {
		note(run, &failed);
		entry->starts = is_current(run, entry, false) ? 1 : 0;
		(is_the_disks_fault(&failed) ? condemn_blameless : condemn)(run, entry, failed.text);
		return;
	}
	entry->state = PLAN_TRIAL;
	entry->starts = 1;
	run->is_changed = true;
	run->result.activated++;
	remember(run, entry, JOURNAL_ACTIVATED);
}

static void activate_chosen(struct run *run)
{
	struct plan_entry *entry;

	for (uint64_t line = 0, last = run->last_line; (entry = next_by_line(run, line, last));) {
		line = entry->line;
		if (entry->state == PLAN_STAGED)
			activate_one(run, entry);
	}
	tell_activated(run);
}

/* Data that is to be migrated is so before anything uses it; what earlier releases left of theirs goes. */
static int settle_data(struct run *run, const struct plan_entry *entry, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	struct data_place place = {
		.env = run->env,
		.packages_path = run->options->packages_path,
		.user = run->options->self_test_user,
	};

	if (versions_open(run->env->fs, run->options->packages_dir_fd, entry->package, &versions, err) < 0)
		return -1;
	place.package_dir_fd = versions_package_dir_fd(versions);
	return data_settle(&place, entry, err);
}

static bool has_settled_data(const struct plan_entry *entry)
{
	return *entry->migrate ? entry->migrated : entry->tested || entry->starts > 1;
}

static void settle_all_data(struct run *run)
{
	for (struct plan_entry *entry = run->plan->entries; entry < run->plan->entries + run->plan->count; entry++) {
		struct error failed = {0};

		if (entry->state != PLAN_TRIAL || has_settled_data(entry))
			continue;
		if (settle_data(run, entry, &failed) < 0) {
			(is_the_disks_fault(&failed) ? condemn_blameless : condemn)(run, entry, failed.text);
			if (failed.code != ERROR_REFUSED)
				note(run, &failed);
		} else if (*entry->migrate) {
			entry->migrated = run->is_changed = true;
		}
	}
}

static void run_self_tests(struct run *run)
{
	for (struct plan_entry *entry = run->plan->entries; entry < run->plan->entries + run->plan->count; entry++) {
		const struct program self_test = {.name = "the self-test",
			.command = entry->self_test,
			.timeout_s = entry->self_test_timeout_s,
			.data = "data"};
		struct error failed = {0};

		if (entry->state != PLAN_TRIAL || entry->tested || !*entry->self_test)
			continue;
		if (program_run(run->env, run->options->packages_path, run->options->self_test_user, entry,
			    &self_test, &failed) == 0) {
			entry->tested = true;
			run->is_changed = true;
		} else if (failed.code == ERROR_REFUSED) {
			condemn(run, entry, failed.text);
		} else {
			note(run, &failed); /* no verdict: the agent's health check has it */
		}
	}
}

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

	if (open_versions(run, entry, &versions, current, err) < 0)
		return -1;
	if (strcmp(current, entry->folder) == 0 && !entry->starts)
		entry->starts = 1; /* activated after all */
	*ret_event = !entry->starts ? JOURNAL_DROPPED : entry->blameless ? JOURNAL_PUT_BACK : JOURNAL_ROLLED_BACK;
	if (strcmp(current, entry->folder) == 0 && !has_way_back(versions, entry, former)) {
		*ret_event = JOURNAL_KEPT;
		return 0;
	}
	/* First, as more can go wrong with it: a release and its data go together. */
	if (data_restore(run->env->fs, versions_package_dir_fd(versions), entry->folder, err) < 0)
		return error_context(err, "%s: data as it was before %s", entry->package, entry->folder);
	if (strcmp(current, entry->folder) != 0)
		return 0;
	(void)strcpy(entry->former, former);
	if (versions_take_back(versions, former, err) < 0 && is_current(run, entry, true))
		return error_context(err, "%s %s could not be taken back", entry->package, entry->folder);
	return 0;
}

static void take_back_one(struct run *run, struct plan_entry *entry)
{
	enum journal_event event;
	struct error failed = {0};

	if (switch_back(run, entry, &event, &failed) < 0) {
		note(run, &failed); /* it stays in the plan */
		return;
	}
	remember(run, entry, event);
}

static void try_to_take_back(struct run *run)
{
	struct plan_entry *entry;

	for (uint64_t line = 0, last = run->last_line; (entry = next_by_line(run, line, last));) {
		line = entry->line;
		if (entry->state == PLAN_CONDEMNED)
			take_back_one(run, entry);
	}
	tell_taken_back(run);
}

/* A second try for what failed: a group must not stay half taken back for one bad moment of the disk. */
static void take_back_condemned(struct run *run)
{
	try_to_take_back(run);
	try_to_take_back(run);
}

/* What could not be told gets a number behind all that was: the agent may forget up to there before the next run. */
static void renumber_untold(struct run *run)
{
	for (struct plan_entry *entry = run->plan->entries; entry < run->plan->entries + run->plan->count; entry++)
		if (entry->line && entry->state != PLAN_STAGED)
			entry->line = keep_line(run);
}

static int finish(struct run *run, struct guard_result *ret_result, struct error *err)
{
	struct journal_line line = {.at_s = run->env->clock->now_s(run->env->clock),
		.event = JOURNAL_REPAIRED,
		.reason = "finished what an interruption had left"};
	struct error failed = {0};

	(void)strcpy(line.boot_id, run->boot_id);
	if (run->is_repaired && run->ret == 0 &&
		journal_append(run->env->fs, run->options->boot_dir_fd, &line, &failed) < 0)
		note(run, &failed);
	for (int i = 0; i < run->plan->count; i++)
		run->result.on_trial += run->plan->entries[i].state == PLAN_TRIAL;
	*ret_result = run->result;
	if (run->ret < 0 && err)
		*err = run->first;
	return run->ret;
}

static void go(struct run *run)
{
	bool may_activate;

	finish_interrupted(run);
	if (run->is_new_boot)
		count_start(run); /* TRIAL for too long -> CONDEMNED                      */
	choose(run);		  /* STAGED: the way back noted, a journal line kept      */
	may_activate = save(run);
	take_back_condemned(run); /* CONDEMNED -> gone                                    */
	if (may_activate)
		activate_chosen(run); /* STAGED -> TRIAL; CONDEMNED with its group if it cannot be */
	(void)save(run);
	settle_all_data(run); /* TRIAL: migrated; CONDEMNED with its group if that fails */
	(void)save(run);
	run_self_tests(run); /* TRIAL: tested; CONDEMNED with its group if it fails  */
	(void)save(run);
	take_back_condemned(run); /* CONDEMNED -> gone                                    */
	renumber_untold(run);
	(void)save(run);
}

int guard_boot(const struct env *env, const struct guard_options *options, struct guard_result *ret_result,
	struct error *err)
{
	AUTO(fd) int lock_fd = -1;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	AUTO(free) struct journal_line *lines = calloc(PLAN_MAX_ENTRIES, sizeof(*lines));
	struct run run = {.env = env, .options = options, .plan = plan, .lines = lines};

	*ret_result = run.result;
	if (!plan || !lines)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if (!fs_exists(env->fs, options->boot_dir_fd, "plan"))
		return 0;
	if ((lock_fd = plan_lock(env->fs, options->boot_dir_fd, err)) < 0 || begin(&run, err) < 0)
		return -1;
	if (plan->count)
		go(&run);
	return finish(&run, ret_result, err);
}

int guard_take_back(const struct env *env, const struct guard_options *options, const char *package,
	const char *reason, struct guard_result *ret_result, struct error *err)
{
	AUTO(fd) int lock_fd = -1;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	AUTO(free) struct journal_line *lines = calloc(PLAN_MAX_ENTRIES, sizeof(*lines));
	struct run run = {.env = env, .options = options, .plan = plan, .lines = lines};
	struct plan_entry *entry;

	*ret_result = run.result;
	if (!plan || !lines)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if (!fs_exists(env->fs, options->boot_dir_fd, "plan"))
		return 0;
	if ((lock_fd = plan_lock(env->fs, options->boot_dir_fd, err)) < 0 || begin(&run, err) < 0)
		return -1;
	run.is_new_boot = false; /* the start is guard_boot's to count */
	finish_interrupted(&run);
	if ((entry = plan_find(plan, package)) && entry->state != PLAN_STAGED)
		condemn(&run, entry, reason);
	(void)save(&run);
	take_back_condemned(&run);
	renumber_untold(&run);
	(void)save(&run);
	return finish(&run, ret_result, err);
}
