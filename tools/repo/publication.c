#include "tools/repo/publication.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/repo/catalog_draft.h"
#include "tools/repo/documents.h"
#include "tools/repo/roles.h"
#include "tools/repo/state.h"

static void auto_dir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static int64_t version_of(const json_t *document)
{
	return json_integer_value(json_object_get(json_object_get(document, "signed"), "version"));
}

/* Signs with keys of the published root too, as far as they are here. */
static int add_former(const struct workspace *workspace, const char *role, json_t *document, struct keyring *keyring,
	struct error *err)
{
	AUTO(authority) struct authority former = {0};
	AUTO(json) json_t *root = NULL;
	size_t added;

	if (documents_published(workspace, "root", &root, err) < 0)
		return -1;
	if (!root)
		return 0;
	if (authority_find(&former, workspace, role, true, err) < 0)
		return -1;
	return signing_add(document, &former, keyring, &added, err);
}

/* What the new root's keys sign, clients with the former root must be able to check too: they see it before the new
 * root. */
static int sign_targets_for_former_root(const struct workspace *workspace, struct keyring *keyring, struct error *err)
{
	AUTO(json) json_t *document = NULL;

	if (documents_staged(workspace, "targets", &document, err) < 0)
		return -1;
	if (!document)
		return 0;
	if (add_former(workspace, "targets", document, keyring, err) < 0)
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
				"'%s' lacks %lld signatures: give the folder of its keys with --keys, or use export, "
				"sign and import",
				name, (long long)missing);
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

static int write_text(const json_t *document, struct buf *ret_text, struct error *err)
{
	return json_write(document, ret_text, err);
}

/* Lists a document by version, length and digest, so that no mirror can mix one state with another. */
static int list_document(json_t *meta, const char *role, const json_t *document, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(DOCUMENTS_MAX_BYTES);
	char member[DOCUMENTS_ROLE_FILE_SIZE];
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;

	if (write_text(document, &text, err) < 0)
		return -1;
	sha256_of(text.data, text.len, &digest);
	(void)snprintf(member, sizeof(member), "%s.json", role);
	if (json_object_set_new(meta, member,
		    json_pack("{s:I, s:I, s:{s:s}}", "version", (json_int_t)version_of(document), "length",
			    (json_int_t)text.len, "hashes", "sha256", sha256_hex(&digest, hex))) < 0)
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	return 0;
}

/* The published "signed" of snapshot or timestamp, or a new one, dated as its next version. */
static int next_online(const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err)
{
	AUTO(json) json_t *published = NULL;
	json_t *body;

	if (documents_published(workspace, role, &published, err) < 0)
		return -1;
	body = published ? json_deep_copy(json_object_get(published, "signed")) : documents_new_body(role);
	if (body && !json_object_get(body, "meta"))
		(void)json_object_set_new(body, "meta", json_object());
	*ret_document = json_pack("{s:[], s:o}", "signatures", "signed", body);
	if (!*ret_document)
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	return documents_date(workspace, role, body, version_of(published) + 1, err);
}

/* While root changes, clients with the former one must be able to go on: the former key signs too if it is here. */
static int sign_online(const struct workspace *workspace, const char *role, json_t *document, bool as_published,
	struct keyring *keyring, struct error *err)
{
	AUTO(authority) struct authority authority = {0};
	int64_t missing;
	size_t added;

	if (authority_find(&authority, workspace, role, as_published, err) < 0 ||
		signing_add(document, &authority, keyring, &added, err) < 0 ||
		signing_missing(document, &authority, &missing, err) < 0)
		return -1;
	if (missing)
		return error_set(err, ERROR_INPUT,
			"'%s' lacks %lld signatures: give the folder of its keys with --keys", role,
			(long long)missing);
	return as_published ? 0 : add_former(workspace, role, document, keyring, err);
}

/* The two documents that every publish makes anew. */
struct online {
	bool as_published; /* signed for clients as they are, whatever is staged */
	json_t *snapshot;
	json_t *timestamp;
};

static void online_release(struct online *online)
{
	json_decref(online->snapshot);
	json_decref(online->timestamp);
}
DEFINE_AUTO(online, struct online, online_release);

static json_t *meta_of(json_t *document)
{
	return json_object_get(json_object_get(document, "signed"), "meta");
}

static int make_snapshot(const struct workspace *workspace, const json_t *roles, struct keyring *keyring,
	struct online *online, struct error *err)
{
	const json_t *role;
	size_t i;

	if (next_online(workspace, "snapshot", &online->snapshot, err) < 0)
		return -1;
	json_array_foreach (roles, i, role) {
		AUTO(json) json_t *document = NULL;

		if (strcmp(json_string_value(role), "root") == 0)
			continue;
		if (documents_staged(workspace, json_string_value(role), &document, err) < 0 ||
			list_document(meta_of(online->snapshot), json_string_value(role), document, err) < 0)
			return -1;
	}
	return sign_online(workspace, "snapshot", online->snapshot, online->as_published, keyring, err);
}

static int make_timestamp(
	const struct workspace *workspace, struct keyring *keyring, struct online *online, struct error *err)
{
	if (next_online(workspace, "timestamp", &online->timestamp, err) < 0)
		return -1;
	if (online->snapshot && list_document(meta_of(online->timestamp), "snapshot", online->snapshot, err) < 0)
		return -1;
	return sign_online(workspace, "timestamp", online->timestamp, online->as_published, keyring, err);
}

/* Moves staged target files into the repository; FOLDER is a path below staged/targets and repository/targets, or "".
 */
static int move_targets(const struct workspace *workspace, const char *folder, struct error *err)
{
	char from[ROLES_TARGET_FILE_SIZE + 32];
	AUTO(dir) DIR *dir = NULL;
	struct dirent *entry;
	int fd;

	(void)snprintf(from, sizeof(from), WORKSPACE_STAGED_TARGETS "%s", folder);
	if ((fd = fs_open_dir(workspace->fs, workspace->dir_fd, from, err)) < 0)
		return -1;
	if (!(dir = fdopendir(fd)))
		return error_system(err, errno, "cannot read '%s'", from);
	while ((entry = readdir(dir))) {
		char path[2 * ROLES_TARGET_FILE_SIZE];
		char to[2 * ROLES_TARGET_FILE_SIZE + 32];
		char source[2 * ROLES_TARGET_FILE_SIZE + 32];
		struct stat st;

		if (entry->d_name[0] == '.' || fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		(void)snprintf(path, sizeof(path), "%.380s/%.300s", folder, entry->d_name);
		(void)snprintf(to, sizeof(to), WORKSPACE_TARGETS "%s", path);
		(void)snprintf(source, sizeof(source), WORKSPACE_STAGED_TARGETS "%s", path);
		if (S_ISDIR(st.st_mode) ? fs_make_dirs(workspace->fs, workspace->dir_fd, to, 0755, err) < 0 ||
						  move_targets(workspace, path, err) < 0
					: fs_rename(workspace->fs, workspace->dir_fd, source, to, err) < 0)
			return -1;
	}
	return 0;
}

static int put_versioned(
	const struct workspace *workspace, const char *role, const json_t *document, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(DOCUMENTS_MAX_BYTES);
	char name[DOCUMENTS_ROLE_FILE_SIZE];
	char path[DOCUMENTS_ROLE_FILE_SIZE + 64];

	if (documents_role_file(role, name, err) < 0 || write_text(document, &text, err) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), WORKSPACE_METADATA "/%lld.%s.json", (long long)version_of(document), name);
	return fs_write_file(workspace->fs, workspace->dir_fd, path, text.data, text.len, 0644, err);
}

static int put_timestamp(const struct workspace *workspace, const json_t *document, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(DOCUMENTS_MAX_BYTES);

	if (write_text(document, &text, err) < 0)
		return -1;
	return fs_write_file(workspace->fs, workspace->dir_fd, WORKSPACE_METADATA "/timestamp.json", text.data,
		text.len, 0644, err);
}

static int put_staged_role(const struct workspace *workspace, const char *role, struct error *err)
{
	AUTO(json) json_t *document = NULL;

	if (documents_staged(workspace, role, &document, err) < 0)
		return -1;
	return document ? put_versioned(workspace, role, document, err) : 0;
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
	if (put_versioned(workspace, "snapshot", online->snapshot, err) < 0 ||
		put_timestamp(workspace, online->timestamp, err) < 0)
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
		make_snapshot(workspace, roles, keyring, &online, err) < 0 ||
		make_timestamp(workspace, keyring, &online, err) < 0)
		return -1;
	if (move_targets(workspace, "", err) < 0 || put_all(workspace, roles, &online, err) < 0 ||
		drop_staged(workspace, roles, err) < 0)
		return error_context(err, "publishing was cut off; run \"haishin-repo publish\" again");
	return print_changes(tool, workspace, before, err);
}

static bool is_half_over(const struct workspace *workspace, const json_t *document, const char *role)
{
	const char *expires = json_string_value(json_object_get(json_object_get(document, "signed"), "expires"));
	int64_t now_s = workspace->clock->now_s(workspace->clock);
	int64_t expires_s;

	return !expires || clock_parse(expires, &expires_s, NULL) < 0 ||
	       expires_s - now_s < workspace_lifetime_s(workspace, role) / 2;
}

int publication_refresh(const struct tool *tool, const struct workspace *workspace, struct keyring *keyring, bool all,
	struct error *err)
{
	AUTO(online) struct online online = {.as_published = true};
	AUTO(json) json_t *before = NULL;
	AUTO(json) json_t *snapshot = NULL;
	AUTO(json) json_t *no_roles = json_array();

	if (documents_published(workspace, "snapshot", &snapshot, err) < 0 || state_load(workspace, &before, err) < 0)
		return -1;
	if (!snapshot)
		return error_set(
			err, ERROR_NOT_FOUND, "nothing is published yet; run \"haishin-repo publish\" first");
	if ((all || is_half_over(workspace, snapshot, "snapshot")) &&
		make_snapshot(workspace, no_roles, keyring, &online, err) < 0)
		return -1;
	if (make_timestamp(workspace, keyring, &online, err) < 0)
		return -1;
	if (online.snapshot && put_versioned(workspace, "snapshot", online.snapshot, err) < 0)
		return -1;
	if (put_timestamp(workspace, online.timestamp, err) < 0)
		return -1;
	return print_changes(tool, workspace, before, err);
}
