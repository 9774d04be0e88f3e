#include "rollback/guard.h"

#include <string.h>

#include "common/disk/disk.h"
#include "rollback/activation.h"
#include "rollback/links.h"
#include "rollback/run.h"
#include "rollback/trial.h"
#include "rollback/way_back.h"

static void set_plan_aside(struct run *run, const struct error *damage)
{
	struct error failed = {0};

	log_line(run->env->log, LOG_LEVEL_ERROR, "%s; it is set aside, and what is current stays so", damage->text);
	if (plan_set_aside(run->env->fs, run->options->boot_dir_fd, &failed) < 0)
		run_note(run, &failed);
	run_tell_machine(run, JOURNAL_PLAN_LOST, damage->text);
}

/* Reads what there is. The run goes on with an empty plan where the file is damaged; without a boot identity it only
 * finishes what was begun. */
static int begin(struct run *run, struct error *err)
{
	const struct clock *clock = run->env->clock;
	struct error failed = {0};

	if (clock->boot_id(clock, run->boot_id, &failed) < 0) {
		*run->boot_id = '\0';
		run_note(run, &failed);
	}
	if (plan_read(run->env->fs, run->options->boot_dir_fd, &run->plan, &failed) < 0) {
		if (failed.code != ERROR_DAMAGED)
			return error_set(err, failed.code, "%s", failed.text);
		set_plan_aside(run, &failed);
	}
	run->is_new_boot = *run->boot_id && strcmp(run->boot_id, run->plan.boot_id) != 0;
	if (run->plan.count == 0)
		return 0;
	if (journal_last_number(run->env->fs, run->options->boot_dir_fd, &run->last_line, err) < 0)
		return -1;
	plan_each (&run->plan, entry)
		if (entry->line > run->last_line)
			run->last_line = entry->line;
	return 0;
}

/* What could not be told gets a number behind all that was: the agent may forget up to there before the next run. */
static void renumber_untold(struct run *run)
{
	plan_each (&run->plan, entry)
		if (entry->line && entry->state != PLAN_STAGED)
			run_keep_line(run, entry);
}

/* The end of every run: what is condemned by now goes (7 and 8 below). */
static int finish(struct run *run, struct guard_result *ret_result, struct error *err)
{
	way_back_take(run); /* CONDEMNED -> gone */
	renumber_untold(run);
	(void)run_save(run, NULL);
	if (run->is_repaired && run->ret == 0)
		run_tell_machine(run, JOURNAL_REPAIRED, "finished what an interruption had left");
	plan_each (&run->plan, entry)
		run->result.on_trial += entry->state == PLAN_TRIAL;
	*ret_result = run->result;
	if (run->ret < 0 && err)
		*err = run->first;
	return run->ret;
}

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
 * without the way back on disk nothing is activated, and what an interruption left of a group goes back. */
static void boot(struct run *run)
{
	struct error failed = {0};
	bool may_activate;

	if (run->is_new_boot)
		trial_count_start(run); /* TRIAL for too long -> CONDEMNED */
	activation_choose(run);		/* STAGED: the way back noted, a journal line kept */
	may_activate = run_save(run, &failed) == 0;
	way_back_take(run); /* CONDEMNED -> gone */
	if (may_activate)
		activation_switch(run); /* STAGED -> TRIAL; CONDEMNED with its group if it cannot be */
	else
		activation_leave(run, &failed); /* TRIAL of a group that is not whole -> CONDEMNED */
	(void)run_save(run, NULL);
	trial_settle_data(run); /* TRIAL: migrated; CONDEMNED with its group if that fails */
	(void)run_save(run, NULL);
	trial_self_test(run); /* TRIAL: tested; CONDEMNED with its group if it fails */
	(void)run_save(run, NULL);
}

/* What the machine does not let happen says nothing about a release: nothing becomes current at this start, and no start counts.
 * What is current is there as before. */
static bool is_put_off(struct run *run)
{
	char reason[PLAN_REASON_SIZE];
	struct disk disk;

	if (disk_look_at_mount(run->env->fs, run->options->packages_dir_fd, ".", &disk, NULL) < 0 ||
		(!disk.is_read_only && !disk.is_noexec))
		return false;
	(void)snprintf(reason, sizeof(reason), "the disk of %.100s is mounted %s; what is staged waits",
		run->options->packages_path, disk.is_read_only ? "read-only" : "noexec");
	log_line(run->env->log, LOG_LEVEL_ERROR, "%s", reason);
	run_tell_machine(run, JOURNAL_PUT_OFF, reason);
	return true;
}

static void condemn_package(struct run *run, const char *package, const char *reason)
{
	struct plan_entry *entry = plan_find(&run->plan, package);
	struct error why = {0};

	if (!entry || entry->state == PLAN_STAGED)
		return;
	(void)error_set(&why, ERROR_REFUSED, "%s", reason);
	run_condemn(run, entry, &why);
	(void)run_save(run, NULL);
}

/* Takes PACKAGE back; where it is NULL, all that is due at boot is done. */
static int go(const struct env *env, const struct guard_options *options, const char *package, const char *reason,
	struct guard_result *ret_result, struct error *err)
{
	AUTO(fd) int lock_fd = -1;
	AUTO(free) struct run *run = calloc(1, sizeof(*run));

	*ret_result = (struct guard_result){0};
	if (!run)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	run->env = env;
	run->options = options;
	if (!fs_exists(env->fs, options->boot_dir_fd, "plan") && (package || !links_are_odd(env, options)))
		return 0;
	if ((lock_fd = plan_lock(env->fs, options->boot_dir_fd, err)) < 0 || begin(run, err) < 0)
		return -1;
	run->is_new_boot = run->is_new_boot && !package; /* the start is guard_boot's to count */
	if (!package)
		links_mend(run);
	if (run->plan.count && !package && is_put_off(run))
		return 0;
	activation_finish_interrupted(run);
	if (package)
		condemn_package(run, package, reason);
	else if (run->plan.count)
		boot(run);
	return finish(run, ret_result, err);
}

int guard_boot(const struct env *env, const struct guard_options *options, struct guard_result *ret_result,
	struct error *err)
{
	return go(env, options, NULL, NULL, ret_result, err);
}

int guard_take_back(const struct env *env, const struct guard_options *options, const char *package,
	const char *reason, struct guard_result *ret_result, struct error *err)
{
	return go(env, options, package, reason, ret_result, err);
}
