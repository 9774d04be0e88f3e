#include "agent/restart/clean_up.h"

#include "agent/sound/sound_files.h"
#include "agent/sound/sound_repair.h"
#include "agent/store/delivery.h"
#include "rollback/plan.h"
#include "rollback/versions.h"

/* How many stay besides the way back, which is the first of the former releases. */
static int count_others(
	const struct terminal *terminal, struct versions *versions, int *ret_others, struct error *err)
{
	char previous[VERSIONS_FOLDER_SIZE];

	if (versions_previous(versions, previous, err) < 0)
		return -1;
	*ret_others = (int)terminal->config->keep_former - (*previous ? 1 : 0);
	return 0;
}

static int clean_package(struct terminal *terminal, struct plan *plan, const char *package, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	const struct plan_entry *entry = plan_find(plan, package);
	const char *keep[5] = {NULL};
	char current[VERSIONS_FOLDER_SIZE], way_back[VERSIONS_FOLDER_SIZE] = "";
	struct delivery delivery;
	size_t count = 0;
	bool found;
	int others, removed = 0;

	if (delivery_latest(terminal->store, package, &delivery, &found, err) < 0)
		return -1;
	if (found && *delivery.folder && !delivery_is_over(delivery.state))
		keep[count++] = delivery.folder; /* complete perhaps, and waits for others of its group */
	if (entry)
		keep[count++] = entry->folder;
	if (entry && *entry->former)
		keep[count++] = entry->former;
	if (entry && sound_repair_is_one(entry) && sound_repair_way_back(terminal->store, package, way_back, err) < 0)
		return -1;
	if (*way_back)
		keep[count++] = way_back;
	if (versions_open(terminal->env->fs, terminal->packages_dir_fd, package, &versions, err) < 0 ||
		versions_current(versions, current, err) < 0 ||
		sound_files_drop_records(terminal, package, current, entry ? entry->folder : current, err) < 0 ||
		count_others(terminal, versions, &others, err) < 0 ||
		versions_clean_up(versions, keep, others, &removed, err) < 0)
		return -1;
	if (removed)
		log_line(terminal->env->log, LOG_LEVEL_INFO, "%s: removed %d former releases", package, removed);
	return 0;
}

void clean_up_run(struct terminal *terminal)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	AUTO(fd) int lock_fd = -1;
	struct error err = {0};

	if (!plan || (lock_fd = plan_lock(terminal->env->fs, terminal->boot_dir_fd, &err)) < 0 ||
		plan_read(terminal->env->fs, terminal->boot_dir_fd, plan, &err) < 0) {
		log_line(terminal->env->log, LOG_LEVEL_WARNING, "clean-up: %s, ignored", err.text);
		return;
	}
	for (size_t i = 0; i < terminal->config->packages.count; i++)
		if (clean_package(terminal, plan, terminal->config->packages.items[i], &err) < 0)
			log_line(terminal->env->log, LOG_LEVEL_WARNING, "clean-up of %s: %s, ignored",
				terminal->config->packages.items[i], err.text);
}
