#include "tools/repo/metadata/publication.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/repo/metadata/catalog_draft.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/online.h"
#include "tools/repo/metadata/roles.h"
#include "tools/repo/metadata/state.h"

/* What the new root's keys sign, clients with the former root must be able to check too: they see it before the new
 * root. */
static int sign_targets_for_former_root(const struct workspace *workspace, struct keyring *keyring, struct error *err)
{
	AUTO(json) json_t *document = NULL;
	int64_t missing; /* their former threshold may be out of reach by now */

	if (documents_staged(workspace, "targets", &document, err) < 0)
		return -1;
	if (!document)
		return 0;
	if (signing_for_former(workspace, "targets", document, keyring, &missing, err) < 0)
		return -1;
	return documents_put_staged(workspace, "targets", document, err);
}

/* Signs every staged role; the first that lacks signatures ends it. */
static int complete_staged(
	const struct workspace *workspace, const json_t *roles, struct keyring *keyring, struct error *err)
{
	const json_t *role;
	size_t i;

	json_array_foreach (roles, i, role) {
		const char *name = json_string_value(role);
		int64_t missing;

		if (signing_staged(workspace, name, keyring, &missing, err) < 0)
			return -1;
		if (missing)
			return error_set(err, ERROR_INPUT,
				"'%s' lacks %lld signature%s: give the folder of its keys with --keys, or use export, "
				"sign and import",
				name, (long long)missing, missing == 1 ? "" : "s");
	}
	return sign_targets_for_former_root(workspace, keyring, err);
}

static int check_target_files(
	const struct workspace *workspace, const char *role, const json_t *body, struct error *err)
{
	const char *path;
	const json_t *target;

	json_object_foreach (json_object_get(body, "targets"), path, target) {
		char file[ROLES_TARGET_FILE_SIZE];
		char staged[ROLES_TARGET_FILE_SIZE + 32];
		char published[ROLES_TARGET_FILE_SIZE + 32];
		struct sha256 digest;

		(void)target;
		if (!roles_target_digest(body, path, &digest))
			return error_set(err, ERROR_INPUT, "'%s' lists '%s' without a SHA-256", role, path);
		roles_target_file(path, &digest, file);
		(void)snprintf(staged, sizeof(staged), WORKSPACE_STAGED_TARGETS "/%s", file);
		(void)snprintf(published, sizeof(published), WORKSPACE_TARGETS "/%s", file);
		if (!fs_exists(workspace->fs, workspace->dir_fd, staged) &&
			!fs_exists(workspace->fs, workspace->dir_fd, published))
			return error_set(err, ERROR_INPUT,
				"'%s' lists '%s', but its file '%s' is not there; add the release again", role, path,
				file);
	}
	return 0;
}

static int check_all_target_files(const struct workspace *workspace, const json_t *roles, struct error *err)
{
	const json_t *role;
	size_t i;

	json_array_foreach (roles, i, role) {
		AUTO(json) json_t *document = NULL;

		if (documents_staged(workspace, json_string_value(role), &document, err) < 0 ||
			check_target_files(
				workspace, json_string_value(role), json_object_get(document, "signed"), err) < 0)
			return -1;
	}
	return 0;
}

static int move_targets(const struct workspace *workspace, const char *folder, struct error *err);

struct moving {
	const struct workspace *workspace;
	const char *folder; /* below staged/targets and repository/targets: "" or "/PATH" */
};

static int move_entry(void *context, int dir_fd, const char *name, struct error *err)
{
	const struct moving *moving = context;
	const struct workspace *workspace = moving->workspace;
	char path[1 + ROLES_TARGET_FILE_SIZE];
	char from[ROLES_TARGET_FILE_SIZE + 32];
	char to[ROLES_TARGET_FILE_SIZE + 32];
	struct stat st;

	if (name[0] == '.')
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", moving->folder, name) >= (int)sizeof(path))
		return error_set(err, ERROR_INPUT,
			"'" WORKSPACE_STAGED_TARGETS "%s/%s' is too long a path for a target; move it away",
			moving->folder, name);
	(void)snprintf(from, sizeof(from), WORKSPACE_STAGED_TARGETS "%s", path);
	(void)snprintf(to, sizeof(to), WORKSPACE_TARGETS "%s", path);
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_system(err, errno, "cannot look at '%s'", from);
	if (!S_ISDIR(st.st_mode))
		return fs_rename(workspace->fs, workspace->dir_fd, from, to, err);
	if (fs_make_dirs(workspace->fs, workspace->dir_fd, to, 0755, err) < 0)
		return -1;
	return move_targets(workspace, path, err);
}

/* Moves staged target files into the repository; FOLDER as in struct moving. */
static int move_targets(const struct workspace *workspace, const char *folder, struct error *err)
{
	struct moving moving = {.workspace = workspace, .folder = folder};
	char path[ROLES_TARGET_FILE_SIZE + 32];
	int fd;

	(void)snprintf(path, sizeof(path), WORKSPACE_STAGED_TARGETS "%s", folder);
	fd = fs_open_dir(workspace->fs, workspace->dir_fd, path, err);
	return fd < 0 ? -1 : fs_each_in(workspace->fs, fd, path, move_entry, &moving, err);
}

static int put_staged_role(const struct workspace *workspace, const char *role, struct error *err)
{
	AUTO(json) json_t *document = NULL;

	if (documents_staged(workspace, role, &document, err) < 0)
		return -1;
	return document ? documents_publish(workspace, role, document, err) : 0;
}

/* Files with a version in their name first: nobody asks for them until timestamp says so. Root comes last, when what
 * it appoints keys for is in place; whoever still has the former root finds signatures by both. */
static int put_all(
	const struct workspace *workspace, const json_t *roles, const struct online *online, struct error *err)
{
	const json_t *role;
	size_t i;

	json_array_foreach (roles, i, role)
		if (strcmp(json_string_value(role), "root") != 0 &&
			put_staged_role(workspace, json_string_value(role), err) < 0)
			return -1;
	if (online_publish(online, workspace, err) < 0)
		return -1;
	return put_staged_role(workspace, "root", err);
}

static int drop_staged(const struct workspace *workspace, const json_t *roles, struct error *err)
{
	const json_t *role;
	size_t i;

	json_array_foreach (roles, i, role)
		if (documents_drop_staged(workspace, json_string_value(role), err) < 0)
			return -1;
	return 0;
}

static int print_sentences(const struct tool *tool, const json_t *sentences, struct error *err)
{
	const json_t *sentence;
	size_t i;

	if (tool->json)
		return tool_print_json(sentences, err);
	json_array_foreach (sentences, i, sentence)
		(void)puts(json_string_value(sentence));
	if (json_array_size(sentences) == 0)
		(void)puts("Nothing changed.");
	return 0;
}

static int print_changes(
	const struct tool *tool, const struct workspace *workspace, const json_t *before, struct error *err)
{
	AUTO(json) json_t *after = NULL;
	AUTO(json) json_t *sentences = NULL;

	if (state_load(workspace, &after, err) < 0 || !(sentences = state_compare(before, after, err)))
		return -1;
	return print_sentences(tool, sentences, err);
}

int publication_publish(
	const struct tool *tool, const struct workspace *workspace, struct keyring *keyring, struct error *err)
{
	AUTO(online) struct online online = {0};
	AUTO(json) json_t *before = NULL;
	AUTO(json) json_t *roles = documents_staged_roles(workspace, err);

	if (!roles)
		return -1;
	if (json_array_size(roles) == 0)
		return print_sentences(tool, roles, err);
	if (state_load(workspace, &before, err) < 0 || complete_staged(workspace, roles, keyring, err) < 0 ||
		check_all_target_files(workspace, roles, err) < 0 || catalog_draft_check_offers(workspace, err) < 0 ||
		online_make_snapshot(&online, workspace, roles, keyring, err) < 0 ||
		online_make_timestamp(&online, workspace, keyring, err) < 0)
		return -1;
	if (move_targets(workspace, "", err) < 0 || put_all(workspace, roles, &online, err) < 0 ||
		drop_staged(workspace, roles, err) < 0)
		return error_context(err, "publishing was cut off; run \"haishin-repo publish\" again");
	return print_changes(tool, workspace, before, err);
}

int publication_refresh(const struct tool *tool, const struct workspace *workspace, struct keyring *keyring, bool all,
	struct error *err)
{
	AUTO(online) struct online online = {.as_published = true};
	AUTO(json) json_t *before = NULL;
	AUTO(json) json_t *snapshot = NULL;

	if (documents_published(workspace, "snapshot", &snapshot, err) < 0 || state_load(workspace, &before, err) < 0)
		return -1;
	if (!snapshot)
		return error_set(
			err, ERROR_NOT_FOUND, "nothing is published yet; run \"haishin-repo publish\" first");
	if ((all || online_snapshot_is_due(workspace, snapshot)) &&
		online_make_snapshot(&online, workspace, NULL, keyring, err) < 0)
		return -1;
	if (online_make_timestamp(&online, workspace, keyring, err) < 0 ||
		online_publish(&online, workspace, err) < 0)
		return -1;
	return print_changes(tool, workspace, before, err);
}
