#include "rollback/data.h"

#include <errno.h>
#include <stdio.h>

#include "common/platform.h"
#include "rollback/copy_tree.h"
#include "rollback/program.h"

#define DATA "data"
#define WORK "data.work"
#define PARTIAL "data.partial"
#define NEW "data.new"
#define BACK "data.back"
#define UNDONE "data.undone"
#define BEFORE_SIZE (VERSIONS_FOLDER_SIZE + sizeof("data.before-"))

static const char *before_name(const char *folder, char ret_name[static BEFORE_SIZE])
{
	(void)snprintf(ret_name, BEFORE_SIZE, "data.before-%s", folder);
	return ret_name;
}

/* The program gets a copy of its own to work in; what it made of it is copied out of its reach before it counts. */
static int make_new(const struct data_place *place, const struct plan_entry *entry, struct error *err)
{
	struct fs *fs = place->env->fs;
	int dir_fd = place->package_dir_fd;
	const struct copy_tree_owner as_before = {.like = DATA};
	struct copy_tree_owner worker = {0};
	const struct program program = {
		.name = "the migration of its data",
		.command = entry->migrate,
		.timeout_s = entry->migrate_timeout_s,
		.has_network = place->has_network,
		.data = WORK,
	};

	if (platform_user_ids(place->user, &worker.uid, &worker.gid, err) < 0 ||
		copy_tree(fs, dir_fd, DATA, WORK, &worker, err) < 0 ||
		program_run(place->env, place->packages_path, place->user, entry, &program, err) < 0 ||
		copy_tree(fs, dir_fd, WORK, PARTIAL, &as_before, err) < 0 ||
		fs_remove_tree(fs, dir_fd, WORK, err) < 0 || fs_sync_tree(fs, dir_fd, ".", err) < 0)
		return -1;
	return fs_rename(fs, dir_fd, PARTIAL, NEW, err);
}

/* What may be there              the next step
 *   data                         make data.new
 *   data, data.new               data -> data.before-FOLDER
 *   data.before-FOLDER, data.new data.new -> data
 *   data.before-FOLDER, data     none: done */
static int migrate(const struct data_place *place, const struct plan_entry *entry, struct error *err)
{
	struct fs *fs = place->env->fs;
	int dir_fd = place->package_dir_fd;
	char name[BEFORE_SIZE];
	const char *before = before_name(entry->folder, name);

	if (!fs_exists(fs, dir_fd, before) && !fs_exists(fs, dir_fd, NEW) && make_new(place, entry, err) < 0)
		return -1;
	if (!fs_exists(fs, dir_fd, before) && fs_rename(fs, dir_fd, DATA, before, err) < 0)
		return -1;
	return fs_exists(fs, dir_fd, NEW) ? fs_rename(fs, dir_fd, NEW, DATA, err) : 0;
}

static int remove_work(struct fs *fs, int dir_fd, struct error *err)
{
	return fs_remove_tree(fs, dir_fd, WORK, err) < 0 || fs_remove_tree(fs, dir_fd, PARTIAL, err) < 0 ? -1 : 0;
}

int data_settle(const struct data_place *place, const struct plan_entry *entry, struct error *err)
{
	struct fs *fs = place->env->fs;
	int dir_fd = place->package_dir_fd;
	struct error failed = {0};
	char name[BEFORE_SIZE];

	if (fs_remove_tree(fs, dir_fd, UNDONE, &failed) < 0 || remove_work(fs, dir_fd, &failed) < 0 ||
		(*entry->former && fs_remove_tree(fs, dir_fd, before_name(entry->former, name), &failed) < 0))
		log_line(place->env->log, LOG_LEVEL_WARNING, "%s: %s, ignored", entry->package, failed.text);
	return *entry->migrate ? migrate(place, entry, err) : 0;
}

/* BACK becomes data; what data was until now is kept, unless it is empty. */
static int put_back(struct fs *fs, int dir_fd, struct error *err)
{
	struct error failed = {0};

	if (fs_rename(fs, dir_fd, BACK, DATA, &failed) == 0)
		return 0;
	if (failed.sys != ENOTEMPTY && failed.sys != EEXIST)
		return error_set(err, failed.code, "%s", failed.text);
	if (fs_remove_tree(fs, dir_fd, UNDONE, err) < 0 || fs_rename(fs, dir_fd, DATA, UNDONE, err) < 0)
		return -1;
	return fs_rename(fs, dir_fd, BACK, DATA, err);
}

/* What may be there              the next step
 *   data, data.before-FOLDER     data.before-FOLDER -> data.back
 *   data, data.back              data -> data.undone
 *   data.back, data.undone       data.back -> data
 *   data, data.undone            none: done */
int data_restore(struct fs *fs, int package_dir_fd, const char *folder, struct error *err)
{
	char name[BEFORE_SIZE];
	const char *before = before_name(folder, name);

	if (fs_exists(fs, package_dir_fd, before) && !fs_exists(fs, package_dir_fd, BACK) &&
		fs_rename(fs, package_dir_fd, before, BACK, err) < 0)
		return -1;
	if (fs_exists(fs, package_dir_fd, BACK) && put_back(fs, package_dir_fd, err) < 0)
		return -1;
	return fs_remove_tree(fs, package_dir_fd, NEW, err) < 0 ? -1 : remove_work(fs, package_dir_fd, err);
}
