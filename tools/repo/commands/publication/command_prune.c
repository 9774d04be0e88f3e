#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auto.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/target_walk.h"

#define DAY_S 86400
#define USUAL_DAYS 30

static const struct args_option options[] = {
	OPTION_REPO,
	{"older-than", "DAYS", "keep every state that clients could see in these last days; default 30"},
	{"dry-run", NULL, "tell what would go, and change nothing"},
	OPTION_JSON,
	OPTIONS_END,
};

/* Whole states are kept: metadata that was current within the days, and every target file that any of it names. So a
 * client in the middle of an update, or a cache that is a little behind, finds what it asks for. */
struct pruning {
	const struct workspace *workspace;
	int64_t before_s;
	bool dry_run;
	json_t *current;  /* a role as files spell it -> the version that clients see */
	json_t *versions; /* the same -> {version as text -> time of its file} */
	json_t *named;	  /* target files */
	json_t *removed;  /* paths */
	uint64_t bytes;
};

static void pruning_clear(struct pruning *pruning)
{
	json_decref(pruning->current);
	json_decref(pruning->versions);
	json_decref(pruning->named);
	json_decref(pruning->removed);
}
DEFINE_AUTO(pruning, struct pruning, pruning_clear);

static int no_memory(struct error *err)
{
	return error_set(err, ERROR_FAILED, "no memory for a list of files");
}

/* "N.ROLE.json"; false for anything else. RET_ROLE is as files spell it. */
static bool parse_name(const char *name, int64_t *ret_version, char ret_role[static DOCUMENTS_ROLE_FILE_SIZE])
{
	size_t digits = strspn(name, "0123456789");
	size_t len = strlen(name);

	if (digits == 0 || digits > 18 || name[digits] != '.' || len < digits + 1 + strlen("x.json") ||
		strcmp(name + len - strlen(".json"), ".json") != 0)
		return false;
	len -= digits + 1 + strlen(".json");
	if (len >= DOCUMENTS_ROLE_FILE_SIZE)
		return false;
	memcpy(ret_role, name + digits + 1, len);
	ret_role[len] = '\0';
	*ret_version = strtoll(name, NULL, 10);
	return true;
}

/* Adds the versions that timestamp or snapshot list. */
static int read_listing(struct pruning *pruning, const char *listing, struct error *err)
{
	AUTO(json) json_t *document = NULL;
	const char *file;
	const json_t *entry;

	if (documents_published(pruning->workspace, listing, &document, err) < 0)
		return -1;
	if (!document)
		return error_set(err, ERROR_NOT_FOUND, "nothing is published yet");
	json_object_foreach (json_object_get(json_object_get(document, "signed"), "meta"), file, entry) {
		char role[DOCUMENTS_ROLE_FILE_SIZE];
		char name[DOCUMENTS_ROLE_FILE_SIZE];

		(void)snprintf(role, sizeof(role), "%.*s", (int)(strlen(file) - strlen(".json")), file);
		if (documents_role_file(role, name, err) < 0)
			return -1;
		if (json_object_set(pruning->current, name, json_object_get(entry, "version")) < 0)
			return no_memory(err);
	}
	return 0;
}

static int list_version(void *context, int dir_fd, const char *name, struct error *err)
{
	struct pruning *pruning = context;
	char role[DOCUMENTS_ROLE_FILE_SIZE];
	char text[32];
	struct stat st;
	int64_t version;
	json_t *versions;

	if (!parse_name(name, &version, role) || !json_object_get(pruning->current, role))
		return 0;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_system(err, errno, "cannot look at '" WORKSPACE_METADATA "/%s'", name);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (!(versions = json_object_get(pruning->versions, role))) {
		versions = json_object();
		if (json_object_set_new(pruning->versions, role, versions) < 0)
			return no_memory(err);
	}
	(void)snprintf(text, sizeof(text), "%018lld", (long long)version);
	return json_object_set_new(versions, text, json_integer(st.st_mtime)) < 0 ? no_memory(err) : 0;
}

static int list_versions(struct pruning *pruning, struct error *err)
{
	const struct workspace *workspace = pruning->workspace;
	int fd = fs_open_dir(workspace->fs, workspace->dir_fd, WORKSPACE_METADATA, err);

	return fd < 0 ? -1 : fs_each_in(workspace->fs, fd, WORKSPACE_METADATA, list_version, pruning, err);
}

static int take_away(struct pruning *pruning, const char *path, uint64_t bytes, struct error *err)
{
	if (!pruning->dry_run && fs_remove(pruning->workspace->fs, pruning->workspace->dir_fd, path, err) < 0)
		return -1;
	pruning->bytes += bytes;
	return json_array_append_new(pruning->removed, json_string(path)) < 0 ? no_memory(err) : 0;
}

/* When the version behind VERSION came, which took its place; 0 where none has. */
static int64_t superseded_s(const json_t *versions, int64_t version)
{
	int64_t next = INT64_MAX, when_s = 0;
	const char *text;
	const json_t *time;

	json_object_foreach ((json_t *)versions, text, time) {
		int64_t other = strtoll(text, NULL, 10);

		if (other > version && other < next) {
			next = other;
			when_s = json_integer_value(time);
		}
	}
	return when_s;
}

/* Removes one version of a role, or takes down what it names. */
static int prune_version(struct pruning *pruning, const char *role, int64_t version, struct error *err)
{
	int64_t current = json_integer_value(json_object_get(pruning->current, role));
	int64_t when_s = superseded_s(json_object_get(pruning->versions, role), version);
	AUTO(buf) struct buf bytes = BUF_INIT(DOCUMENTS_MAX_BYTES);
	AUTO(json) json_t *document = NULL;
	char path[DOCUMENTS_ROLE_FILE_SIZE + 64];

	(void)snprintf(path, sizeof(path), WORKSPACE_METADATA "/%lld.%s.json", (long long)version, role);
	if (fs_read_file(pruning->workspace->fs, pruning->workspace->dir_fd, path, &bytes, err) < 0)
		return -1;
	if (version < current && when_s && when_s <= pruning->before_s)
		return take_away(pruning, path, bytes.len, err);
	if (!(document = json_parse(buf_text(&bytes), bytes.len, err)))
		return error_context(err, "%s", path);
	return target_walk_name(pruning->named, json_object_get(document, "signed"), err);
}

static int prune_metadata(struct pruning *pruning, struct error *err)
{
	const char *role;
	const json_t *versions;

	json_object_foreach (pruning->versions, role, versions) {
		const char *text;
		const json_t *time;

		json_object_foreach ((json_t *)versions, text, time) {
			(void)time;
			if (prune_version(pruning, role, strtoll(text, NULL, 10), err) < 0)
				return -1;
		}
	}
	return 0;
}

static int prune_target(void *context, const char *file, const struct stat *st, struct error *err)
{
	struct pruning *pruning = context;
	char path[TARGET_WALK_PATH_SIZE];

	if (st->st_mtime > pruning->before_s)
		return 0;
	(void)snprintf(path, sizeof(path), WORKSPACE_TARGETS "/%s", file);
	return take_away(pruning, path, (uint64_t)st->st_size, err);
}

static int print_result(const struct tool *tool, const struct pruning *pruning, struct error *err)
{
	const json_t *path;
	size_t i;

	if (tool->json)
		return tool_print_json(pruning->removed, err);
	json_array_foreach (pruning->removed, i, path)
		(void)puts(json_string_value(path));
	(void)printf("%s %zu files of %llu bytes that nobody names any more.\n",
		pruning->dry_run ? "Would remove" : "Removed", json_array_size(pruning->removed),
		(unsigned long long)pruning->bytes);
	return 0;
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(workspace) struct workspace workspace = WORKSPACE_INIT;
	AUTO(pruning)
	struct pruning pruning = {
		.workspace = &workspace,
		.dry_run = args_has(tool->args, "dry-run"),
		.current = json_object(),
		.versions = json_object(),
		.named = json_object(),
		.removed = json_array(),
	};
	int64_t days = USUAL_DAYS;

	if (args_want_positional(tool->args, 0, 0, "", err) < 0 ||
		args_integer(tool->args, "older-than", 0, 36500, &days, err) < 0 ||
		workspace_open(&workspace, tool, err) < 0)
		return -1;
	pruning.before_s = tool->clock->now_s(tool->clock) - days * DAY_S;
	if (read_listing(&pruning, "timestamp", err) < 0 || read_listing(&pruning, "snapshot", err) < 0 ||
		list_versions(&pruning, err) < 0 || prune_metadata(&pruning, err) < 0 ||
		target_walk_name_staged(pruning.named, &workspace, err) < 0 ||
		target_walk_unnamed(&workspace, WORKSPACE_TARGETS, pruning.named, prune_target, &pruning, err) < 0)
		return -1;
	return print_result(tool, &pruning, err);
}

const struct command command_prune = {
	.name = "prune",
	.arguments = "[--older-than DAYS] [--dry-run] [--repo DIR] [--json]",
	.summary = "Remove metadata and target files that nobody names any more",
	.help = "Every root stays, so that a terminal that was off for years finds its way. So does whatever was "
		"current within the\n"
		"days, with all its target files.\n",
	.options = options,
	.run = run,
};
