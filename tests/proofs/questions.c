#include "tests/proofs/questions.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/restart/boot.h"
#include "agent/store/delivery.h"
#include "agent/store/history.h"
#include "agent/store/installed.h"
#include "manifests/release/release.h"
#include "rollback/plan.h"
#include "rollback/versions.h"
#include "updater/stage/stage_verify.h"

#define PATH_SIZE 1024
#define PROGRAM_TIMEOUT_MS 20000

/* A package's folder on the terminal. */
static void package_path(const struct subject *subject, int package, char ret_path[static PATH_SIZE])
{
	(void)snprintf(
		ret_path, PATH_SIZE, "%s/%s", subject->world->config.packages_path, subject->packages[package].name);
}

/* ---- The releases ---- */

/* The folder is exactly the release that the publisher signed, and so is what describes it. */
static int check_clear(struct subject *subject, int package, int versions_fd, const char *folder,
	const char *version, struct error *err)
{
	AUTO(buf) struct buf kept = BUF_INIT(RELEASE_MAX_BYTES);
	AUTO(release) struct release *release = NULL;
	AUTO(free) char *json = NULL;
	char name[PACKAGE_FOLDER_SIZE + 8];
	size_t len;

	json = subject_release_json(subject, package, version, &len);
	(void)snprintf(name, sizeof(name), "%s.json", folder);
	if (release_parse(json, len, &release, err) < 0 ||
		stage_verify(&subject->world->env, versions_fd, folder, release, err) < 0 ||
		fs_read_file(&subject->world->fs, versions_fd, name, &kept, err) < 0)
		return -1;
	if (kept.len != len || memcmp(buf_text(&kept), json, len) != 0)
		return error_set(err, ERROR_DAMAGED, "'%s' is not the release that was signed", name);
	return 0;
}

/* The package's folder and that of its releases. */
static int open_folders(
	struct subject *subject, int package, int *ret_folder_fd, int *ret_versions_fd, struct error *err)
{
	char path[PATH_SIZE];

	package_path(subject, package, path);
	if ((*ret_folder_fd = fs_open_dir(&subject->world->fs, AT_FDCWD, path, err)) < 0 ||
		(*ret_versions_fd = fs_open_dir(&subject->world->fs, *ret_folder_fd, "versions", err)) < 0)
		return -1;
	return 0;
}

/* What is current must be the old release or the new one; which, tells *RET_IS_NEW. */
static int check_current(struct subject *subject, int package, bool *ret_is_new, struct error *err)
{
	const struct subject_package *expected = &subject->packages[package];
	AUTO(buf) struct buf target = BUF_INIT(PATH_SIZE);
	AUTO(fd) int folder_fd = -1;
	AUTO(fd) int versions_fd = -1;
	const char *folder;

	if (open_folders(subject, package, &folder_fd, &versions_fd, err) < 0 ||
		fs_read_link(&subject->world->fs, folder_fd, "current", &target, err) < 0)
		return -1;
	folder = strrchr(buf_text(&target), '/') ? strrchr(buf_text(&target), '/') + 1 : "";
	*ret_is_new = strcmp(folder, expected->new_folder) == 0;
	if (!*ret_is_new && strcmp(folder, expected->old_folder) != 0)
		return error_set(err, ERROR_DAMAGED, "current leads to '%s': neither old nor new", buf_text(&target));
	return check_clear(subject, package, versions_fd, folder, *ret_is_new ? SUBJECT_NEW : SUBJECT_OLD, err);
}

/* The way back of a new release is the old one, whole. */
static int check_way_back(struct subject *subject, int package, struct error *err)
{
	AUTO(fd) int folder_fd = -1;
	AUTO(fd) int versions_fd = -1;

	if (open_folders(subject, package, &folder_fd, &versions_fd, err) < 0 ||
		check_clear(
			subject, package, versions_fd, subject->packages[package].old_folder, SUBJECT_OLD, err) < 0)
		return error_context(err, "the way back");
	return 0;
}

static int run_current(struct subject *subject, int package, const char *program, struct error *err)
{
	char path[PATH_SIZE], full[PATH_SIZE + 64];
	const char *const argv[] = {full, NULL};
	struct process_request request = {.argv = argv, .timeout_ms = PROGRAM_TIMEOUT_MS};
	struct process_result result;

	package_path(subject, package, path);
	(void)snprintf(full, sizeof(full), "%s/current/bin/%s", path, program);
	if (subject->world->processes.run(&subject->world->processes, &request, &result, err) < 0)
		return -1;
	return result.exit_status ? error_set(err, ERROR_FAILED, "its %s ended with %d", program, result.exit_status)
				  : 0;
}

int questions_releases(struct subject *subject, bool runs, struct error *err)
{
	bool is_new;

	for (int i = 0; i < SUBJECT_PACKAGES; i++) {
		bool may_fail = subject->story == SUBJECT_FAILS_SELF_TEST && subject->packages[i].outcome == SUBJECT_ENDS_OLD;

		if (check_current(subject, i, &is_new, err) < 0 || check_way_back(subject, i, err) < 0 ||
			(runs && !(may_fail && is_new) && run_current(subject, i, "self-test", err) < 0))
			return error_context(err, "%s", subject->packages[i].name);
	}
	return 0;
}

/* ---- Agreement ---- */

static int check_installed(struct subject *subject, int package, bool *ret_is_new, struct error *err)
{
	struct store *store = subject->world->terminal.store;
	const struct subject_package *expected = &subject->packages[package];
	struct installed_row row;
	struct delivery delivery;
	bool found;

	if (check_current(subject, package, ret_is_new, err) < 0 ||
		installed_find(store, expected->name, &row, &found, err) < 0)
		return -1;
	if (!found || strcmp(row.folder, *ret_is_new ? expected->new_folder : expected->old_folder) != 0)
		return error_set(err, ERROR_DAMAGED, "the store has '%s' as current", found ? row.folder : "");
	if (delivery_of_folder(store, expected->name, row.folder, &delivery, &found, err) < 0)
		return -1;
	if (!found || (delivery.state != DELIVERY_ACTIVATED && delivery.state != DELIVERY_CONFIRMED))
		return error_set(err, ERROR_DAMAGED, "is current, and its delivery is %s",
			found ? delivery_state_name(delivery.state) : "missing");
	return 0;
}

static int check_text(struct subject *subject, int package, const char *name, const char *wanted, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(256);
	char path[PATH_SIZE], full[PATH_SIZE + 64];

	package_path(subject, package, path);
	(void)snprintf(full, sizeof(full), "%s/data/%s", path, name);
	if (fs_read_file(&subject->world->fs, AT_FDCWD, full, &text, err) < 0)
		return -1;
	if (strncmp(buf_text(&text), wanted, strlen(wanted)) != 0)
		return error_set(
			err, ERROR_DAMAGED, "data/%s is '%.20s' instead of '%s'", name, buf_text(&text), wanted);
	return 0;
}

/* What is kept across releases has the form that the current one knows, and is as staff left it. */
static int check_data(struct subject *subject, int package, bool is_new, struct error *err)
{
	bool is_migrated = is_new && subject->packages[package].migrates;

	if (check_text(subject, package, "form", is_migrated ? SUBJECT_NEW : SUBJECT_OLD, err) < 0)
		return -1;
	return check_text(subject, package, "mode", SUBJECT_MODE, err);
}

/* Disk, plan and store are compared once more: there is nothing left to do. */
static int check_settled(struct subject *subject, struct error *err)
{
	const struct world *world = subject->world;
	struct boot_options options = {
		.boot_dir_fd = world->terminal.boot_dir_fd,
		.packages_dir_fd = world->terminal.packages_dir_fd,
		.packages = (const char *const *)world->config.packages.items,
		.starts_max = (int)world->config.starts_max,
	};
	struct boot_result result;

	if (boot_reconcile(&world->env, world->terminal.store, &options, &result, err) < 0)
		return -1;
	if (result.repaired + result.activated + result.rolled_back)
		return error_set(
			err, ERROR_DAMAGED, "disk, plan and store still disagreed after they were brought in line");
	return 0;
}

int questions_agreement(struct subject *subject, struct error *err)
{
	struct store *store = subject->world->terminal.store;
	bool is_new[SUBJECT_PACKAGES];
	int64_t rows;

	for (int i = 0; i < SUBJECT_PACKAGES; i++)
		if (check_installed(subject, i, &is_new[i], err) < 0 || check_data(subject, i, is_new[i], err) < 0)
			return error_context(err, "%s", subject->packages[i].name);
	if (is_new[2] != is_new[3])
		return error_set(err, ERROR_DAMAGED, "%s is %s, %s is not, and they need each other",
			subject->packages[2].name, is_new[2] ? "new" : "old", subject->packages[3].name);
	if (store_check(store, err) < 0 || history_verify(store, &rows, err) < 0)
		return -1;
	return check_settled(subject, err);
}

/* ---- Completion ---- */

static int count_row(void *context, const struct history_row *row, struct error *err)
{
	(void)err;
	*(int *)context += strcmp(row->version, SUBJECT_NEW) == 0;
	return 0;
}

static int check_told(
	struct subject *subject, int package, const char *operation, int least, bool once, struct error *err)
{
	struct history_filter filter = {
		.package = subject->packages[package].name, .operation = operation, .outcome = "done"};
	int count = 0;

	if (history_each(subject->world->terminal.store, &filter, count_row, &count, err) < 0)
		return -1;
	if (count < least || (once && count > 1))
		return error_set(err, ERROR_DAMAGED, "'%s' stands %d times in the history", operation, count);
	return 0;
}

/* Of a package whose new release was stopped or called back: there is nothing left of it but in records. */
static int check_stopped(struct subject *subject, int package, bool is_new, bool once, struct error *err)
{
	const struct subject_package *expected = &subject->packages[package];
	struct delivery delivery;
	bool found;

	if (is_new)
		return expected->outcome == SUBJECT_ENDS_EITHER
			       ? check_told(subject, package, "confirm", 1, once, err)
			       : error_set(err, ERROR_FAILED, "was called back, and is still there");
	if (delivery_latest(subject->world->terminal.store, expected->name, &delivery, &found, err) < 0)
		return -1;
	if (found && strcmp(delivery.version, SUBJECT_NEW) == 0 && delivery.state != DELIVERY_FAILED &&
		delivery.state != DELIVERY_ROLLED_BACK)
		return error_set(err, ERROR_FAILED, "was stopped, and its delivery is %s",
			delivery_state_name(delivery.state));
	return check_told(subject, package, "activate", 0, once, err) < 0
		       ? -1
		       : check_told(subject, package, "roll-back", 0, once, err);
}

/* Of a package that ends new: confirmed; of one that ends old: taken back. */
static int check_ended(struct subject *subject, int package, bool is_new, bool once, struct error *err)
{
	const struct subject_package *expected = &subject->packages[package];
	bool ends_old = expected->outcome == SUBJECT_ENDS_OLD;
	enum delivery_state wanted = ends_old ? DELIVERY_ROLLED_BACK : DELIVERY_CONFIRMED;
	struct delivery delivery;
	bool found;

	if (is_new == ends_old)
		return error_set(err, ERROR_FAILED, is_new ? "was not taken back" : "is not up to date");
	if (delivery_latest(subject->world->terminal.store, expected->name, &delivery, &found, err) < 0)
		return -1;
	if (!found || delivery.state != wanted || strcmp(delivery.version, SUBJECT_NEW) != 0)
		return error_set(err, ERROR_FAILED, "its delivery is %s",
			found ? delivery_state_name(delivery.state) : "missing");
	return check_told(subject, package, "activate", 1, once, err) < 0
		       ? -1
		       : check_told(subject, package, ends_old ? "roll-back" : "confirm", 1, once, err);
}

static int check_outcome(struct subject *subject, int package, bool once, struct error *err)
{
	enum subject_outcome outcome = subject->packages[package].outcome;
	bool is_new;

	if (check_current(subject, package, &is_new, err) < 0 ||
		(outcome == SUBJECT_ENDS_NEW || outcome == SUBJECT_ENDS_OLD
				? check_ended(subject, package, is_new, once, err)
				: check_stopped(subject, package, is_new, once, err)) < 0)
		return -1;
	return run_current(subject, package, "self-test", err);
}

/* Nothing in the folder but NAMES, which ends with NULL; NULL alone: nothing that is hidden, temporary or damaged. */
static int check_folder(const char *path, const char *const *names, struct error *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int ret = 0;

	if (!dir)
		return error_set(err, ERROR_NOT_FOUND, "there is no '%s'", path);
	while (ret == 0 && (entry = readdir(dir))) {
		const char *const *name = names;
		bool is_good = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;

		if (!is_good && !names)
			is_good = *entry->d_name != '.' && !strstr(entry->d_name, ".tmp") &&
				  !strstr(entry->d_name, "damaged") && strcmp(entry->d_name, "data.new") != 0 &&
				  strcmp(entry->d_name, "data.work") != 0 &&
				  strcmp(entry->d_name, "data.partial") != 0 &&
				  strcmp(entry->d_name, "data.back") != 0;
		while (!is_good && name && *name)
			is_good = strcmp(entry->d_name, *name++) == 0;
		if (!is_good)
			ret = error_set(err, ERROR_DAMAGED, "'%s/%s' was left behind", path, entry->d_name);
	}
	(void)closedir(dir);
	return ret;
}

/* What may be there of a package: two releases, the current one and the way back. Where it was taken back to its old
 * release, the way back is the older one. */
static int check_package_folder(struct subject *subject, int package, struct error *err)
{
	const struct subject_package *expected = &subject->packages[package];
	const char *const folders[] = {expected->old_folder, expected->new_folder, expected->older_folder};
	char json[ARRAY_SIZE(folders)][PACKAGE_FOLDER_SIZE + 8], path[PATH_SIZE];
	const char *releases[2 * ARRAY_SIZE(folders) + 1] = {NULL};
	size_t count = 0, len;

	for (size_t i = 0; i < (expected->outcome == SUBJECT_ENDS_NEW ? 2 : 3); i++) {
		(void)snprintf(json[i], sizeof(json[i]), "%s.json", folders[i]);
		releases[count++] = folders[i];
		releases[count++] = json[i];
	}
	package_path(subject, package, path);
	if (check_folder(path, NULL, err) < 0)
		return -1;
	len = strlen(path);
	(void)snprintf(path + len, sizeof(path) - len, "/versions");
	return check_folder(path, releases, err);
}

static int check_leftovers(struct subject *subject, struct error *err)
{
	static const char *const nothing[] = {NULL};
	const struct config *config = &subject->world->config;
	char boot[PATH_SIZE], tuf[PATH_SIZE];

	(void)snprintf(boot, sizeof(boot), "%s/boot", config->state_path);
	(void)snprintf(tuf, sizeof(tuf), "%s/tuf", config->state_path);
	for (int i = 0; i < SUBJECT_PACKAGES; i++)
		if (check_package_folder(subject, i, err) < 0)
			return -1;
	if (check_folder(config->state_path, NULL, err) < 0 || check_folder(boot, NULL, err) < 0 ||
		check_folder(tuf, NULL, err) < 0)
		return -1;
	return check_folder(config->cache_path, nothing, err);
}

static int check_plan(struct subject *subject, struct error *err)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	if (!plan || plan_read(&subject->world->fs, subject->world->terminal.boot_dir_fd, plan, err) < 0)
		return -1;
	return plan->count ? error_set(err, ERROR_FAILED, "the plan still has %d entries", plan->count) : 0;
}

int questions_completion(struct subject *subject, bool once, struct error *err)
{
	for (int i = 0; i < SUBJECT_PACKAGES; i++)
		if (check_outcome(subject, i, once, err) < 0)
			return error_context(err, "%s", subject->packages[i].name);
	if (check_plan(subject, err) < 0)
		return -1;
	return check_leftovers(subject, err);
}
