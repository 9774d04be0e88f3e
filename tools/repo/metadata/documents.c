#include "tools/repo/metadata/documents.h"

#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "common/clock.h"
#include "common/fs.h"

#define FILE_SIZE 512

int documents_role_file(const char *role, char ret_name[static DOCUMENTS_ROLE_FILE_SIZE], struct error *err)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	size_t used = 0;

	if (!*role || strlen(role) > 64)
		return error_set(err, ERROR_INPUT, "role '%.80s' is not 1 to 64 bytes long", role);
	for (const char *c = role; *c; c++)
		used += (size_t)snprintf(ret_name + used, DOCUMENTS_ROLE_FILE_SIZE - used,
			strchr(plain, *c) ? "%c" : "%%%02X", (unsigned char)*c);
	return 0;
}

/* NULL in RET_DOCUMENT where there is no such file. */
static int read_document(
	const struct workspace *workspace, const char *path, json_t **ret_document, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(DOCUMENTS_MAX_BYTES);
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

/* VERSION is 0 for the one document that has none in its name, timestamp. */
static int published_path(const struct workspace *workspace, int64_t version, const char *role,
	char ret_path[static FILE_SIZE], struct error *err)
{
	char name[DOCUMENTS_ROLE_FILE_SIZE];

	if (documents_role_file(role, name, err) < 0)
		return -1;
	if (version)
		(void)snprintf(ret_path, FILE_SIZE, "%s/metadata/%lld.%s.json", workspace->repository,
			(long long)version, name);
	else
		(void)snprintf(ret_path, FILE_SIZE, "%s/metadata/%s.json", workspace->repository, name);
	return 0;
}

static int read_published(const struct workspace *workspace, int64_t version, const char *role, json_t **ret_document,
	struct error *err)
{
	char path[FILE_SIZE];

	return published_path(workspace, version, role, path, err) < 0
		       ? -1
		       : read_document(workspace, path, ret_document, err);
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
	char member[DOCUMENTS_ROLE_FILE_SIZE];
	const json_t *meta = json_object_get(json_object_get(document, "signed"), "meta");

	(void)snprintf(member, sizeof(member), "%s.json", role);
	return json_integer_value(json_object_get(json_object_get(meta, member), "version"));
}

int documents_published(const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err)
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
	char name[DOCUMENTS_ROLE_FILE_SIZE];

	if (documents_role_file(role, name, err) < 0)
		return -1;
	(void)snprintf(ret_path, FILE_SIZE, WORKSPACE_STAGED "/%s.json", name);
	return 0;
}

int documents_staged(const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err)
{
	char path[FILE_SIZE];

	return staged_path(role, path, err) < 0 ? -1 : read_document(workspace, path, ret_document, err);
}

int documents_current(const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err)
{
	if (documents_staged(workspace, role, ret_document, err) < 0)
		return -1;
	return *ret_document ? 0 : documents_published(workspace, role, ret_document, err);
}

/* The role behind a file name, undoing %XX; false where it is no role's file. */
static bool role_of_file(const char *name, char ret_role[static DOCUMENTS_ROLE_FILE_SIZE])
{
	size_t len = strlen(name);
	size_t used = 0;
	unsigned int byte;

	if (name[0] == '.' || len < 6 || len >= DOCUMENTS_ROLE_FILE_SIZE || strcmp(name + len - 5, ".json") != 0)
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

/* Keeps the array of CONTEXT sorted. */
static int add_staged_role(void *context, int dir_fd, const char *name, struct error *err)
{
	json_t *roles = context;
	char role[DOCUMENTS_ROLE_FILE_SIZE];
	size_t at = json_array_size(roles);

	(void)dir_fd;
	if (!role_of_file(name, role))
		return 0;
	while (at > 0 && strcmp(json_string_value(json_array_get(roles, at - 1)), role) > 0)
		at--;
	if (json_array_insert_new(roles, at, json_string(role)) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a list of roles");
	return 0;
}

json_t *documents_staged_roles(const struct workspace *workspace, struct error *err)
{
	AUTO(json) json_t *roles = json_array();
	int fd;

	if (!roles) {
		(void)error_set(err, ERROR_FAILED, "no memory for a list of roles");
		return NULL;
	}
	fd = fs_open_dir(workspace->fs, workspace->dir_fd, WORKSPACE_STAGED, err);
	if (fd < 0 || fs_each_in(workspace->fs, fd, WORKSPACE_STAGED, add_staged_role, roles, err) < 0)
		return NULL;
	return take_ptr(&roles);
}

int documents_edit(const struct workspace *workspace, const char *role, json_t **ret_signed, struct error *err)
{
	AUTO(json) json_t *document = NULL;

	*ret_signed = NULL;
	if (documents_current(workspace, role, &document, err) < 0)
		return -1;
	if (document && !(*ret_signed = json_deep_copy(json_object_get(document, "signed"))))
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	return 0;
}

json_t *documents_new_body(const char *type)
{
	return JSON_OBJECT({
		json_text("_type", type),
		json_text("spec_version", "1.0.34"),
		json_number("version", 1),
		json_text("expires", ""),
	});
}

int64_t documents_version(const json_t *document)
{
	return json_integer_value(json_object_get(json_object_get(document, "signed"), "version"));
}

int documents_date(
	const struct workspace *workspace, const char *role, json_t *body, int64_t version, struct error *err)
{
	int64_t now_s = workspace->clock->now_s(workspace->clock);
	int64_t ahead = workspace_kind(role) == WORKSPACE_ROOT ? 0 : workspace->ahead;
	char issued[CLOCK_TEXT_SIZE];
	char expires[CLOCK_TEXT_SIZE];

	(void)clock_text(now_s, issued);
	(void)clock_text(now_s + workspace_lifetime_s(workspace, role), expires);
	if (json_object_set_new(body, "version", json_integer(version + ahead)) < 0 ||
		json_object_set_new(body, "expires", json_string(expires)) < 0 ||
		json_object_set_new(body, "haishin", JSON_OBJECT({json_text("issued", issued)})) < 0)
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	return 0;
}

int documents_stage(const struct workspace *workspace, const char *role, json_t *body, struct error *err)
{
	AUTO(json) json_t *published = NULL;
	AUTO(json) json_t *document = NULL;

	if (documents_published(workspace, role, &published, err) < 0 ||
		documents_date(workspace, role, body, documents_version(published) + 1, err) < 0)
		return -1;
	if (!(document = JSON_OBJECT({json_take("signatures", json_array()), json_share("signed", body)})))
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	return documents_put_staged(workspace, role, document, err);
}

static int write_document(
	const struct workspace *workspace, const char *path, const json_t *document, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(DOCUMENTS_MAX_BYTES);

	if (json_write(document, &text, err) < 0)
		return -1;
	return fs_write_file(workspace->fs, workspace->dir_fd, path, text.data, text.len, 0644, err);
}

int documents_put_staged(
	const struct workspace *workspace, const char *role, const json_t *document, struct error *err)
{
	char path[FILE_SIZE];

	return staged_path(role, path, err) < 0 ? -1 : write_document(workspace, path, document, err);
}

int documents_drop_staged(const struct workspace *workspace, const char *role, struct error *err)
{
	char path[FILE_SIZE];

	return staged_path(role, path, err) < 0 ? -1 : fs_remove(workspace->fs, workspace->dir_fd, path, err);
}

int documents_publish(const struct workspace *workspace, const char *role, const json_t *document, struct error *err)
{
	int64_t version = strcmp(role, "timestamp") == 0 ? 0 : documents_version(document);
	char path[FILE_SIZE];

	return published_path(workspace, version, role, path, err) < 0
		       ? -1
		       : write_document(workspace, path, document, err);
}
