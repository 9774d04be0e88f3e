#include "tools/repo/workspace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define SETTINGS "haishin-repo.json"
#define LOCK ".lock"
#define DAY_S 86400
#define FILE_SIZE 512

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

static void auto_dir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

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

int workspace_role_file(const char *role, char ret_name[static WORKSPACE_ROLE_FILE_SIZE], struct error *err)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	size_t used = 0;

	if (!*role || strlen(role) > 64)
		return error_set(err, ERROR_INPUT, "role '%.80s' is not 1 to 64 bytes long", role);
	for (const char *c = role; *c; c++)
		used += (size_t)snprintf(ret_name + used, WORKSPACE_ROLE_FILE_SIZE - used,
			strchr(plain, *c) ? "%c" : "%%%02X", (unsigned char)*c);
	return 0;
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
	if (!(json = json_pack("{s:o}", "expiry_days", days)))
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

void workspace_release(struct workspace *workspace)
{
	if (workspace->lock_fd > 0)
		(void)close(workspace->lock_fd);
	if (workspace->dir_fd > 0)
		(void)close(workspace->dir_fd);
}

/* NULL in RET_DOCUMENT where there is no such file. */
static int read_document(
	const struct workspace *workspace, const char *path, json_t **ret_document, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(WORKSPACE_METADATA_MAX_BYTES);
	struct error why = {0};
	const json_t *part;

	*ret_document = NULL;
	if (fs_read_file(workspace->fs, workspace->dir_fd, path, &bytes, &why) < 0)
		return why.code == ERROR_NOT_FOUND ? 0 : error_set(err, why.code, "%s", why.text);
	if (!(*ret_document = json_parse(bytes.data, bytes.len, err)) ||
		json_want_object(*ret_document, "signed", &part, err) < 0 ||
		json_want_array(*ret_document, "signatures", &part, err) < 0) {
		json_decref(*ret_document);
		*ret_document = NULL;
		return error_context(err, "%s", path);
	}
	return 0;
}

static int read_published(const struct workspace *workspace, int64_t version, const char *role, json_t **ret_document,
	struct error *err)
{
	char name[WORKSPACE_ROLE_FILE_SIZE];
	char path[FILE_SIZE];

	if (workspace_role_file(role, name, err) < 0)
		return -1;
	if (version)
		(void)snprintf(path, sizeof(path), "%s/metadata/%lld.%s.json", workspace->repository,
			(long long)version, name);
	else
		(void)snprintf(path, sizeof(path), "%s/metadata/%s.json", workspace->repository, name);
	return read_document(workspace, path, ret_document, err);
}

static int newest_root(const struct workspace *workspace, json_t **ret_document, struct error *err)
{
	AUTO(json) json_t *newest = NULL;
	json_t *next;

	for (int64_t version = 1;; version++) {
		if (read_published(workspace, version, "root", &next, err) < 0)
			return -1;
		if (!next)
			break;
		json_decref(newest);
		newest = next;
	}
	*ret_document = take_ptr(&newest);
	return 0;
}

/* The version that DOCUMENT lists for a role; 0 where it lists none. */
static int64_t listed_version(const json_t *document, const char *role)
{
	char member[WORKSPACE_ROLE_FILE_SIZE];
	const json_t *meta = json_object_get(json_object_get(document, "signed"), "meta");

	(void)snprintf(member, sizeof(member), "%s.json", role);
	return json_integer_value(json_object_get(json_object_get(meta, member), "version"));
}

int workspace_published(const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err)
{
	AUTO(json) json_t *timestamp = NULL;
	AUTO(json) json_t *snapshot = NULL;
	int64_t version;

	*ret_document = NULL;
	if (strcmp(role, "root") == 0)
		return newest_root(workspace, ret_document, err);
	if (read_published(workspace, 0, "timestamp", &timestamp, err) < 0)
		return -1;
	if (!timestamp)
		return 0;
	if (strcmp(role, "timestamp") == 0) {
		*ret_document = take_ptr(&timestamp);
		return 0;
	}
	if (read_published(workspace, listed_version(timestamp, "snapshot"), "snapshot", &snapshot, err) < 0)
		return -1;
	if (!snapshot)
		return error_set(
			err, ERROR_DAMAGED, "the snapshot that repository/metadata/timestamp.json names is missing");
	if (strcmp(role, "snapshot") == 0) {
		*ret_document = take_ptr(&snapshot);
		return 0;
	}
	if (!(version = listed_version(snapshot, role)))
		return 0;
	if (read_published(workspace, version, role, ret_document, err) < 0)
		return -1;
	if (!*ret_document)
		return error_set(err, ERROR_DAMAGED,
			"metadata of '%s' version %lld, which the snapshot names, is missing", role,
			(long long)version);
	return 0;
}

static int staged_path(const char *role, char ret_path[static FILE_SIZE], struct error *err)
{
	char name[WORKSPACE_ROLE_FILE_SIZE];

	if (workspace_role_file(role, name, err) < 0)
		return -1;
	(void)snprintf(ret_path, FILE_SIZE, WORKSPACE_STAGED "/%s.json", name);
	return 0;
}

int workspace_staged(const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err)
{
	char path[FILE_SIZE];

	return staged_path(role, path, err) < 0 ? -1 : read_document(workspace, path, ret_document, err);
}

int workspace_current(const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err)
{
	if (workspace_staged(workspace, role, ret_document, err) < 0)
		return -1;
	return *ret_document ? 0 : workspace_published(workspace, role, ret_document, err);
}

/* The role behind a file name, undoing %XX; false where it is no role's file. */
static bool role_of_file(const char *name, char ret_role[static WORKSPACE_ROLE_FILE_SIZE])
{
	size_t len = strlen(name);
	size_t used = 0;
	unsigned int byte;

	if (name[0] == '.' || len < 6 || len >= WORKSPACE_ROLE_FILE_SIZE || strcmp(name + len - 5, ".json") != 0)
		return false;
	for (size_t i = 0; i < len - 5; i++) {
		if (name[i] == '%' && sscanf(name + i + 1, "%2X", &byte) == 1) {
			ret_role[used++] = (char)byte;
			i += 2;
		} else {
			ret_role[used++] = name[i];
		}
	}
	ret_role[used] = '\0';
	return true;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

json_t *workspace_staged_roles(const struct workspace *workspace, struct error *err)
{
	AUTO(json) json_t *roles = json_array();
	AUTO(dir) DIR *dir = NULL;
	char *names[1024];
	size_t count = 0;
	struct dirent *entry;
	int fd = fs_open_dir(workspace->fs, workspace->dir_fd, WORKSPACE_STAGED, err);
	bool failed = !roles;

	if (fd < 0 || !(dir = fdopendir(fd)))
		return NULL;
	while ((entry = readdir(dir))) {
		char role[WORKSPACE_ROLE_FILE_SIZE];

		if (count < ARRAY_SIZE(names) && role_of_file(entry->d_name, role) && (names[count] = strdup(role)))
			count++;
	}
	qsort(names, count, sizeof(*names), compare_texts);
	for (size_t i = 0; i < count; i++) {
		failed |= json_array_append_new(roles, json_string(names[i])) < 0;
		free(names[i]);
	}
	if (!failed)
		return take_ptr(&roles);
	(void)error_set(err, ERROR_FAILED, "no memory for a list of roles");
	return NULL;
}

int workspace_edit(const struct workspace *workspace, const char *role, json_t **ret_signed, struct error *err)
{
	AUTO(json) json_t *document = NULL;

	*ret_signed = NULL;
	if (workspace_current(workspace, role, &document, err) < 0)
		return -1;
	if (document && !(*ret_signed = json_deep_copy(json_object_get(document, "signed"))))
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	return 0;
}

json_t *workspace_new_body(const char *type)
{
	return json_pack(
		"{s:s, s:s, s:i, s:s}", "_type", type, "spec_version", "1.0.34", "version", 1, "expires", "");
}

int workspace_date(
	const struct workspace *workspace, const char *role, json_t *body, int64_t version, struct error *err)
{
	int64_t now_s = workspace->clock->now_s(workspace->clock);
	char issued[CLOCK_TEXT_SIZE];
	char expires[CLOCK_TEXT_SIZE];

	(void)clock_text(now_s, issued);
	(void)clock_text(now_s + workspace_lifetime_s(workspace, role), expires);
	if (json_object_set_new(body, "version", json_integer(version)) < 0 ||
		json_object_set_new(body, "expires", json_string(expires)) < 0 ||
		json_object_set_new(body, "haishin", json_pack("{s:s}", "issued", issued)) < 0)
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	return 0;
}

int workspace_stage(const struct workspace *workspace, const char *role, json_t *body, struct error *err)
{
	AUTO(json) json_t *published = NULL;
	AUTO(json) json_t *document = NULL;
	int64_t version;

	if (workspace_published(workspace, role, &published, err) < 0)
		return -1;
	version = json_integer_value(json_object_get(json_object_get(published, "signed"), "version"));
	if (workspace_date(workspace, role, body, version + 1, err) < 0)
		return -1;
	if (!(document = json_pack("{s:[], s:O}", "signatures", "signed", body)))
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	return workspace_put_staged(workspace, role, document, err);
}

int workspace_put_staged(
	const struct workspace *workspace, const char *role, const json_t *document, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(WORKSPACE_METADATA_MAX_BYTES);
	char path[FILE_SIZE];

	if (staged_path(role, path, err) < 0 || json_write(document, &text, err) < 0)
		return -1;
	return fs_write_file(workspace->fs, workspace->dir_fd, path, text.data, text.len, 0644, err);
}

int workspace_drop_staged(const struct workspace *workspace, const char *role, struct error *err)
{
	char path[FILE_SIZE];

	return staged_path(role, path, err) < 0 ? -1 : fs_remove(workspace->fs, workspace->dir_fd, path, err);
}
