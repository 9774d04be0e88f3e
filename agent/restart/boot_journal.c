#include "agent/restart/boot_journal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/sound/sound_repair.h"
#include "common/text.h"
#include "manifests/base/package.h"
#include "rollback/journal.h"

/* The last line that was taken over: "NUMBER TIME BOOT". In the store in the same transaction as what the lines told,
 * so that no cut makes a line count twice. */
#define SETTING_TAKEN "journal_taken"
#define MARK_SIZE 160

struct taking {
	struct boot *boot;
	char mark[MARK_SIZE]; /* as the store has it; then of the last line read */
	uint64_t taken;	      /* lines up to this number are in the store already */
	bool has_taken_lines; /* the journal holds lines up to that number */
	bool has_marked_line; /* and that very line */
	uint64_t last;	      /* number of the last line */
};

static void print_mark(const struct journal_line *line, char ret_mark[static MARK_SIZE])
{
	(void)snprintf(ret_mark, MARK_SIZE, "%" PRIu64 " %" PRId64 " %s", line->number, line->at_s, line->boot_id);
}

static int compare_mark(void *context, const struct journal_line *line, struct error *err)
{
	struct taking *taking = context;
	char mark[MARK_SIZE];

	(void)err;
	print_mark(line, mark);
	taking->has_taken_lines = taking->has_taken_lines || line->number <= taking->taken;
	taking->has_marked_line = taking->has_marked_line || strcmp(mark, taking->mark) == 0;
	taking->last = line->number;
	return 0;
}

/* A journal that was lost counts from 1 again: it holds low numbers, and not the line that was taken last. */
static int find_where_to_begin(struct taking *taking, struct error *err)
{
	struct boot *boot = taking->boot;
	AUTO(buf) struct buf mark = BUF_INIT(MARK_SIZE);

	if (store_setting(boot->store, SETTING_TAKEN, &mark, err) < 0)
		return -1;
	text_cut(buf_text(&mark), taking->mark, sizeof(taking->mark));
	taking->taken = strtoull(taking->mark, NULL, 10);
	if (journal_read(boot->env->fs, boot->options->boot_dir_fd, compare_mark, taking, err) < 0)
		return -1;
	if (taking->has_taken_lines && !taking->has_marked_line)
		taking->taken = 0;
	return 0;
}

/* ---- One line ---- */

static int find(struct boot *boot, const struct journal_line *line, struct delivery *ret_delivery, bool *ret_found,
	struct error *err)
{
	return delivery_of_folder(boot->store, line->package, line->folder, ret_delivery, ret_found, err);
}

static int take_activated(struct boot *boot, struct versions *versions, const struct journal_line *line,
	const struct history_moment *when, struct error *err)
{
	struct delivery delivery;
	bool found;

	boot->result->activated++;
	if (find(boot, line, &delivery, &found, err) < 0)
		return -1;
	if ((!found || delivery_is_over(delivery.state)) &&
		boot_adopt(boot, versions, line->package, line->folder, DELIVERY_STAGED, &delivery, err) < 0)
		return -1;
	if (delivery.state != DELIVERY_ACTIVATED &&
		(boot_bring_to_staged(boot, &delivery, err) < 0 ||
			delivery_activated(boot->store, &delivery, when, err) < 0))
		return -1;
	return boot_record_installed(boot, versions, line->package, line->folder, line->at_s, err);
}

static int roll_back(struct boot *boot, struct versions *versions, const struct journal_line *line,
	const struct history_moment *when, struct error *err)
{
	struct delivery delivery;
	bool found;

	if (find(boot, line, &delivery, &found, err) < 0)
		return -1;
	if (found && delivery.state == DELIVERY_ROLLED_BACK)
		return 0;
	if ((!found ||
		    !(delivery_may_go(delivery.state, DELIVERY_ROLLED_BACK) || !delivery_is_over(delivery.state))) &&
		boot_adopt(boot, versions, line->package, line->folder, DELIVERY_ACTIVATED, &delivery, err) < 0)
		return -1;
	if (delivery.state <= DELIVERY_STAGED && (boot_bring_to_staged(boot, &delivery, err) < 0 ||
							 delivery_activated(boot->store, &delivery, when, err) < 0))
		return -1;
	return delivery_rolled_back(boot->store, &delivery, line->reason, when, err);
}

/* A repaired copy that goes leaves the damaged one current, and must not take the release before it along. */
static int keep_way_back(
	struct boot *boot, struct versions *versions, const struct journal_line *line, struct error *err)
{
	if (!package_folder_is_same_release(line->folder, line->former))
		return 0;
	return sound_repair_restore(boot->store, line->package, versions, err);
}

static int take_rolled_back(struct boot *boot, struct versions *versions, const struct journal_line *line,
	const struct history_moment *when, struct error *err)
{
	boot->result->rolled_back++;
	if (roll_back(boot, versions, line, when, err) < 0 || keep_way_back(boot, versions, line, err) < 0)
		return -1;
	return boot_record_installed(boot, versions, line->package, line->former, line->at_s, err);
}

/* It was to be activated, or to be taken back, and was not. */
static int take_not_done(struct boot *boot, const char *operation, const struct journal_line *line,
	const struct history_moment *when, struct error *err)
{
	struct delivery delivery;
	bool found;

	if (find(boot, line, &delivery, &found, err) < 0)
		return -1;
	if (found && delivery_may_go(delivery.state, DELIVERY_FAILED))
		return delivery_fail(boot->store, &delivery, line->reason, err);
	return boot_record(boot, operation, line->package, "failed", line->reason, when, err);
}

/* It was current for a moment, and is not to blame for that it is no longer: it may come again. */
static int take_put_back(struct boot *boot, struct versions *versions, const struct journal_line *line,
	const struct history_moment *when, struct error *err)
{
	boot->result->rolled_back++;
	if (take_not_done(boot, "activate", line, when, err) < 0 || keep_way_back(boot, versions, line, err) < 0)
		return -1;
	return boot_record_installed(boot, versions, line->package, line->former, line->at_s, err);
}

static int take_event(
	struct boot *boot, struct versions *versions, const struct journal_line *line, struct error *err)
{
	struct history_moment when = {.at_s = line->at_s, .boot_id = line->boot_id};

	switch (line->event) {
	case JOURNAL_ACTIVATED:
		return take_activated(boot, versions, line, &when, err);
	case JOURNAL_ROLLED_BACK:
		return take_rolled_back(boot, versions, line, &when, err);
	case JOURNAL_DROPPED:
		return take_not_done(boot, "activate", line, &when, err);
	case JOURNAL_KEPT:
		return take_not_done(boot, "roll-back", line, &when, err);
	case JOURNAL_PUT_BACK:
		return take_put_back(boot, versions, line, &when, err);
	case JOURNAL_PUT_OFF:
		return boot_record(boot, "activate", NULL, "stopped", line->reason, &when, err);
	case JOURNAL_REPAIRED:
	case JOURNAL_PLAN_LOST:
		break;
	}
	return boot_record(boot, "repair", line->package, "done", line->reason, &when, err);
}

static bool is_about_a_release(const struct journal_line *line)
{
	return *line->package && *line->folder && line->event != JOURNAL_REPAIRED && line->event != JOURNAL_PLAN_LOST &&
	       line->event != JOURNAL_PUT_OFF;
}

static int take_line(void *context, const struct journal_line *line, struct error *err)
{
	struct taking *taking = context;
	struct boot *boot = taking->boot;
	AUTO(versions) struct versions *versions = NULL;
	struct error failed = {0};

	if (line->number <= taking->taken)
		return 0;
	print_mark(line, taking->mark);
	if (is_about_a_release(line) &&
		versions_open(boot->env->fs, boot->options->packages_dir_fd, line->package, &versions, &failed) < 0)
		return boot_record(boot, "repair", line->package, "failed", failed.text, NULL, err);
	if (take_event(boot, versions, line, &failed) == 0)
		return 0;
	if (failed.code == ERROR_NOT_FOUND) /* a folder that is none of ours: said, and passed over */
		return boot_record(boot, "repair", line->package, "failed", failed.text, NULL, err);
	return error_set(err, failed.code, "line %" PRIu64 " of the journal: %s", line->number, failed.text);
}

static int take_lines(struct taking *taking, struct error *err)
{
	struct boot *boot = taking->boot;

	if (journal_read(boot->env->fs, boot->options->boot_dir_fd, take_line, taking, err) < 0)
		return -1;
	return store_set_setting(boot->store, SETTING_TAKEN, taking->mark, err);
}

int boot_take_journal(struct boot *boot, struct error *err)
{
	struct taking taking = {.boot = boot};

	if (find_where_to_begin(&taking, err) < 0)
		return -1;
	if (taking.last == 0)
		return 0;
	if (taking.last > taking.taken &&
		(store_begin(boot->store, err) < 0 || store_end(boot->store, take_lines(&taking, err), err) < 0))
		return -1;
	return journal_forget(boot->env->fs, boot->options->boot_dir_fd, taking.last, err);
}
