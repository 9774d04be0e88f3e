#include "agent/restart/notice.h"

#include <fcntl.h>

#include "agent/base/message_ids.h"
#include "agent/store/headline.h"
#include "rollback/plan.h"

#define COMMAND_TIMEOUT_MS 30000

/* One line: the package, what happens to it, the release's folder, and what its vendor says of it, where that is said. */
static int list_entry(
	struct terminal *terminal, const struct plan_entry *entry, struct buf *ret_text, struct error *err)
{
	AUTO(json) json_t *headline = NULL;
	const char *text;

	if (headline_find(terminal->store, entry->package, entry->folder, &headline, err) < 0)
		return -1;
	text = headline_text(entry->state == PLAN_STAGED ? headline : NULL);
	return buf_printf(ret_text, err, "%s %s %s%s%s\n", entry->package, plan_state_name(entry->state), entry->folder,
		*text ? " " : "", text);
}

/* One line for each package that the next restart changes. */
static int list_due(struct terminal *terminal, struct buf *ret_text, struct error *err)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if (plan_read(terminal->env->fs, terminal->boot_dir_fd, plan, err) < 0)
		return -1;
	for (int i = 0; i < plan->count; i++) {
		const struct plan_entry *entry = &plan->entries[i];

		if (entry->state != PLAN_TRIAL && list_entry(terminal, entry, ret_text, err) < 0)
			return -1;
	}
	return 0;
}

static void run_command(struct terminal *terminal)
{
	const char *const argv[] = {terminal->config->notice_command_path, NULL};
	struct process_request request = {.argv = argv, .timeout_ms = COMMAND_TIMEOUT_MS};
	struct process_result result = {0};
	struct error err = {0};

	if (terminal->env->processes->run(terminal->env->processes, &request, &result, &err) < 0)
		log_line(terminal->env->log, LOG_LEVEL_WARNING, "notice: %s, ignored", err.text);
	else if (result.timed_out || result.exit_status)
		log_line(terminal->env->log, LOG_LEVEL_WARNING, "notice: '%s' ended with %d, ignored", argv[0],
			result.exit_status);
}

/* Brings the file in line with TEXT; *RET_NEWLY_DUE is true where no restart was due before. */
static int update_file(struct terminal *terminal, const struct buf *text, bool *ret_newly_due, struct error *err)
{
	AUTO(fd) int run_fd = -1;

	*ret_newly_due = false;
	if ((run_fd = fs_open_dir(terminal->env->fs, AT_FDCWD, terminal->config->run_path, err)) < 0)
		return -1;
	if (!text->len)
		return fs_remove(terminal->env->fs, run_fd, NOTICE_FILE, err);
	*ret_newly_due = !fs_exists(terminal->env->fs, run_fd, NOTICE_FILE);
	return fs_write_file(terminal->env->fs, run_fd, NOTICE_FILE, buf_text(text), text->len, 0644, err);
}

/* A restart is due where none was before. */
static void tell(struct terminal *terminal)
{
	log_message(terminal->env->log, LOG_LEVEL_INFO, MESSAGE_RESTART_DUE, NULL, 0, "a restart is due");
	if (*terminal->config->notice_command_path)
		run_command(terminal);
}

void notice_update(struct terminal *terminal)
{
	AUTO(buf) struct buf text = BUF_INIT(PLAN_MAX_ENTRIES * 512);
	struct error err = {0};
	bool newly_due;

	if (list_due(terminal, &text, &err) < 0 || update_file(terminal, &text, &newly_due, &err) < 0)
		log_line(terminal->env->log, LOG_LEVEL_WARNING, "notice: %s, ignored", err.text);
	else if (newly_due)
		tell(terminal);
}
