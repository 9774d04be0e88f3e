#include "tools/repo/base/workspace.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "common/json.h"

#define SETTINGS "haishin-repo.json"
#define LOCK ".lock"
#define DAY_S 86400

static const struct {
	const char *name; /* in the settings */
	int64_t days;
} expiries[WORKSPACE_ROLE_KINDS] = {
	[WORKSPACE_ROOT] = {"root", 365},
	[WORKSPACE_TARGETS_ROLE] = {"targets", 180},
	[WORKSPACE_DELEGATED] = {"delegated", 180},
	[WORKSPACE_SNAPSHOT] = {"snapshot", 14},
	[WORKSPACE_TIMESTAMP] = {"timestamp", 7},
};

enum workspace_role_kind workspace_kind(const char *role)
{
	static const char *const names[] = {[WORKSPACE_ROOT] = "root",
		[WORKSPACE_TARGETS_ROLE] = "targets",
		[WORKSPACE_DELEGATED] = "",
		[WORKSPACE_SNAPSHOT] = "snapshot",
		[WORKSPACE_TIMESTAMP] = "timestamp"};

	for (int i = 0; i < WORKSPACE_ROLE_KINDS; i++)
		if (strcmp(names[i], role) == 0)
			return (enum workspace_role_kind)i;
	return WORKSPACE_DELEGATED;
}

int64_t workspace_lifetime_s(const struct workspace *workspace, const char *role)
{
	return workspace->expiry_days[workspace_kind(role)] * DAY_S;
}

static int read_settings(struct workspace *workspace, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(65536);
	AUTO(json) json_t *json = NULL;
	const json_t *days = NULL;

	if (fs_read_file(workspace->fs, workspace->dir_fd, SETTINGS, &text, err) < 0)
		return -1;
	if (!(json = json_parse(text.data, text.len, err)) || json_may_object(json, "expiry_days", &days, err) < 0)
		return error_context(err, SETTINGS);
	for (int i = 0; i < WORKSPACE_ROLE_KINDS; i++) {
		workspace->expiry_days[i] = expiries[i].days;
		if (days && json_may_integer(days, expiries[i].name, 1, 36500, &workspace->expiry_days[i], err) < 0)
			return error_context(err, SETTINGS);
	}
	return 0;
}

int workspace_save_settings(const struct workspace *workspace, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(65536);
	AUTO(json) json_t *json = NULL;
	json_t *days = json_object();

	for (int i = 0; i < WORKSPACE_ROLE_KINDS; i++)
		if (json_object_set_new(days, expiries[i].name, json_integer(workspace->expiry_days[i])) < 0) {
			json_decref(days);
			return error_set(err, ERROR_FAILED, "no memory for settings");
		}
	if (!(json = JSON_OBJECT({json_take("expiry_days", days)})))
		return error_set(err, ERROR_FAILED, "no memory for settings");
	if (json_write_pretty(json, &text, err) < 0 || buf_append(&text, "\n", 1, err) < 0)
		return -1;
	return fs_write_file(workspace->fs, workspace->dir_fd, SETTINGS, text.data, text.len, 0644, err);
}

static struct workspace unopened(const struct tool *tool, const char *path)
{
	return (struct workspace){.fs = tool->fs,
		.clock = tool->clock,
		.path = path,
		.dir_fd = -1,
		.lock_fd = -1,
		.repository = "repository"};
}

static int open_folder(struct workspace *workspace, const struct tool *tool, const char *path, struct error *err)
{
	*workspace = unopened(tool, path);
	return (workspace->dir_fd = fs_open_dir(tool->fs, AT_FDCWD, path, err)) < 0 ? -1 : 0;
}

static const char *path_of(const struct tool *tool)
{
	const char *path = args_get(tool->args, "repo");

	return path ? path : ".";
}

int workspace_open(struct workspace *workspace, const struct tool *tool, struct error *err)
{
	const char *path = path_of(tool);

	if (open_folder(workspace, tool, path, err) < 0)
		return -1;
	if (!fs_exists(tool->fs, workspace->dir_fd, SETTINGS))
		return error_set(err, ERROR_NOT_FOUND,
			"'%s' is not a publisher's folder: it has no " SETTINGS "; \"haishin-repo init\" makes one",
			path);
	if ((workspace->lock_fd = fs_lock(tool->fs, workspace->dir_fd, LOCK, false, err)) < 0)
		return -1;
	return read_settings(workspace, err);
}

int workspace_may_begin(const struct tool *tool, struct error *err)
{
	AUTO(free) char *settings = NULL;

	if (asprintf(&settings, "%s/" SETTINGS, path_of(tool)) < 0) {
		settings = NULL;
		return error_set(err, ERROR_FAILED, "no memory for a path");
	}
	if (fs_exists(tool->fs, AT_FDCWD, settings))
		return error_set(err, ERROR_USAGE, "'%s' is a publisher's folder already", path_of(tool));
	return 0;
}

/* The end of the folder that PATH's first LEN bytes are in; 0 where they name no folder above. */
static size_t parent_of(const char *path, size_t len)
{
	while (len && path[len - 1] == '/')
		len--;
	while (len && path[len - 1] != '/')
		len--;
	return len;
}

/* How many bytes of PATH name something that is there. */
static size_t existing_part(struct fs *fs, const char *path)
{
	size_t len = strlen(path);

	for (; len; len = parent_of(path, len)) {
		AUTO(free) char *part = strndup(path, len);

		if (!part || fs_exists(fs, AT_FDCWD, part))
			break;
	}
	return len;
}

/* A folder that somebody else has put something into meanwhile stays. */
static void remove_made_folders(const struct workspace *workspace)
{
	size_t len = strlen(workspace->path);

	for (; len > workspace->existed; len = parent_of(workspace->path, len)) {
		AUTO(free) char *part = strndup(workspace->path, len);

		if (!part || fs_remove_dir(workspace->fs, AT_FDCWD, part, NULL) < 0)
			return;
	}
}

void workspace_abandon(struct workspace *workspace)
{
	if (workspace->made_lock)
		(void)!fs_remove(workspace->fs, workspace->dir_fd, LOCK, NULL);
	remove_made_folders(workspace);
}

static int begin(struct workspace *workspace, const struct tool *tool, struct error *err)
{
	if (fs_make_dirs(tool->fs, AT_FDCWD, workspace->path, 0755, err) < 0 ||
		(workspace->dir_fd = fs_open_dir(tool->fs, AT_FDCWD, workspace->path, err)) < 0)
		return -1;
	workspace->made_lock = !fs_exists(tool->fs, workspace->dir_fd, LOCK);
	if ((workspace->lock_fd = fs_lock(tool->fs, workspace->dir_fd, LOCK, false, err)) < 0)
		workspace->made_lock = false; /* it is another's, or none */
	return workspace->lock_fd < 0 ? -1 : workspace_may_begin(tool, err);
}

int workspace_create(struct workspace *workspace, const struct tool *tool, struct error *err)
{
	*workspace = unopened(tool, path_of(tool));
	workspace->existed = existing_part(tool->fs, workspace->path);
	for (int i = 0; i < WORKSPACE_ROLE_KINDS; i++)
		workspace->expiry_days[i] = expiries[i].days;
	if (begin(workspace, tool, err) == 0)
		return 0;
	workspace_abandon(workspace);
	return -1;
}

int workspace_make_folders(const struct workspace *workspace, struct error *err)
{
	static const char *const folders[] = {WORKSPACE_STAGED_TARGETS, WORKSPACE_METADATA, WORKSPACE_TARGETS};

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (fs_make_dirs(workspace->fs, workspace->dir_fd, folders[i], 0755, err) < 0)
			return -1;
	return 0;
}

int workspace_look(struct workspace *workspace, const struct tool *tool, const char *path, struct error *err)
{
	if (open_folder(workspace, tool, path, err) < 0)
		return -1;
	if (fs_exists(tool->fs, workspace->dir_fd, "metadata"))
		workspace->repository = ".";
	else if (!fs_exists(tool->fs, workspace->dir_fd, WORKSPACE_METADATA))
		return error_set(err, ERROR_NOT_FOUND,
			"'%s' holds no repository: neither metadata/ nor repository/metadata/", path);
	return 0;
}

void workspace_close(struct workspace *workspace)
{
	fd_close(&workspace->lock_fd);
	fd_close(&workspace->dir_fd);
}
