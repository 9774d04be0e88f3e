#include "rollback/run.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"

void run_note(struct run *run, const struct error *failed)
{
	log_line(run->env->log, LOG_LEVEL_ERROR, "%s", failed->text);
	if (run->ret == 0)
		run->first = *failed;
	run->ret = -1;
}

int run_save(struct run *run, struct error *err)
{
	struct error failed = {0};

	if (run->is_changed && plan_write(run->env->fs, run->options->boot_dir_fd, &run->plan, &failed) < 0) {
		run_note(run, &failed);
		if (err)
			*err = failed;
		return -1;
	}
	run->is_changed = false;
	return 0;
}

int run_open(struct run *run, const struct plan_entry *entry, struct versions **ret_versions,
	char ret_current[static VERSIONS_FOLDER_SIZE], struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;

	if (versions_open(run->env->fs, run->options->packages_dir_fd, entry->package, &versions, err) < 0 ||
		versions_current(versions, ret_current, err) < 0)
		return error_context(err, "%s", entry->package);
	*ret_versions = take_ptr(&versions);
	return 0;
}

bool run_is_current(struct run *run, const struct plan_entry *entry, bool otherwise)
{
	AUTO(versions) struct versions *versions = NULL;
	char current[VERSIONS_FOLDER_SIZE];

	if (run_open(run, entry, &versions, current, NULL) < 0)
		return otherwise;
	return strcmp(current, entry->folder) == 0;
}

void run_keep_line(struct run *run, struct plan_entry *entry)
{
	entry->line = ++run->last_line;
	run->is_changed = true;
}

/* ---- The journal ---- */

static struct journal_line make_line(const struct run *run, enum journal_event event, const char *reason)
{
	struct journal_line line = {.at_s = run->env->clock->now_s(run->env->clock), .event = event};

	(void)strcpy(line.boot_id, run->boot_id);
	text_printable(reason, line.reason, sizeof(line.reason));
	return line;
}

void run_remember(struct run *run, const struct plan_entry *entry, enum journal_event event)
{
	struct journal_line line = make_line(run, event, entry->reason);
	size_t at = run->lines_count++;

	line.number = entry->line;
	(void)strcpy(line.package, entry->package);
	(void)strcpy(line.folder, entry->folder);
	(void)strcpy(line.former, entry->former);
	for (; at > 0 && run->lines[at - 1].number > line.number; at--)
		run->lines[at] = run->lines[at - 1];
	run->lines[at] = line;
	log_line(run->env->log, event == JOURNAL_ACTIVATED ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "%s %s: %s%s%s%s%s",
		line.package, line.folder, journal_event_name(event), *line.former ? ", former release " : "",
		line.former, *line.reason ? ": " : "", line.reason);
}

static bool append(struct run *run, struct journal_line *lines, size_t count)
{
	struct error failed = {0};

	if (count == 0 || journal_append(run->env->fs, run->options->boot_dir_fd, lines, count, &failed) == 0)
		return true;
	run_note(run, &failed);
	return false;
}

/* An entry that was condemned after it was activated has another line kept by now. */
static void settle_told(struct run *run, const struct journal_line *line)
{
	struct plan_entry *entry = plan_find(&run->plan, line->package);

	if (entry->line != line->number)
		return;
	entry->line = 0;
	run->is_changed = true;
	if (entry->state == PLAN_CONDEMNED) {
		run->result.rolled_back += line->event == JOURNAL_ROLLED_BACK || line->event == JOURNAL_PUT_BACK;
		plan_drop(&run->plan, line->package);
	}
}

void run_tell(struct run *run)
{
	bool told = append(run, run->lines, run->lines_count);

	for (size_t i = 0; told && i < run->lines_count; i++)
		settle_told(run, &run->lines[i]);
	run->lines_count = 0;
}

void run_tell_machine(struct run *run, enum journal_event event, const char *reason)
{
	struct journal_line line = make_line(run, event, reason);

	(void)append(run, &line, 1);
}

/* ---- Failures ---- */

static bool is_the_disks_fault(const struct error *failed)
{
	return failed->code == ERROR_NO_SPACE || failed->code == ERROR_MACHINE || failed->sys == ENOSPC || failed->sys == EIO || failed->sys == EROFS;
}

static void condemn_one(struct run *run, struct plan_entry *entry, bool is_blameless, const char *reason)
{
	entry->blameless |= is_blameless && entry->state != PLAN_CONDEMNED;
	entry->state = PLAN_CONDEMNED;
	run_keep_line(run, entry);
	if (!*entry->reason)
		text_printable(reason, entry->reason, sizeof(entry->reason));
}

void run_condemn(struct run *run, struct plan_entry *failed, const struct error *why)
{
	bool is_blameless = is_the_disks_fault(why);
	char with_it[PLAN_REASON_SIZE + PLAN_NAME_SIZE + 16];

	condemn_one(run, failed, is_blameless, why->text);
	(void)snprintf(with_it, sizeof(with_it), "together with %s: %s", failed->package, failed->reason);
	plan_each (&run->plan, entry)
		if (plan_go_together(failed, entry) && (entry->state != PLAN_CONDEMNED || !entry->line))
			condemn_one(run, entry, is_blameless, with_it);
}
