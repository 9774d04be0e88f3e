#include "tools/repo/metadata/state.h"

#include <stdio.h>
#include <string.h>

#include "manifests/catalog/catalog.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/roles.h"

static int add_document(const struct workspace *workspace, json_t *into, const char *role, struct error *err)
{
	AUTO(json) json_t *document = NULL;

	if (documents_published(workspace, role, &document, err) < 0)
		return -1;
	if (document && json_object_set(into, role, json_object_get(document, "signed")) < 0)
		return error_set(err, ERROR_FAILED, "no memory for the state of the repository");
	return 0;
}

static int add_targets_roles(const struct workspace *workspace, json_t *state, struct error *err)
{
	const json_t *meta = json_object_get(json_object_get(state, "snapshot"), "meta");
	json_t *roles = json_object_get(state, "roles");
	const char *file;
	const json_t *entry;

	json_object_foreach ((json_t *)meta, file, entry) {
		char role[DOCUMENTS_ROLE_FILE_SIZE];

		(void)entry;
		(void)snprintf(role, sizeof(role), "%.*s", (int)(strlen(file) - strlen(".json")), file);
		if (add_document(workspace, roles, role, err) < 0)
			return -1;
	}
	return 0;
}

/* Finds a target in the roles of a state: its entry {"length", "hashes", "custom"}, and the role; NULL where no role
 * lists it. */
static const json_t *find_target(const json_t *state, const char *path, const char **ret_role)
{
	const char *role;
	const json_t *body;

	json_object_foreach (json_object_get(state, "roles"), role, body) {
		const json_t *target = json_object_get(json_object_get(body, "targets"), path);

		if (target) {
			*ret_role = role;
			return target;
		}
	}
	return NULL;
}

static int add_catalog(const struct workspace *workspace, json_t *state, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(CATALOG_MAX_BYTES);
	const char *role;
	const json_t *target = find_target(state, CATALOG_TARGET, &role);
	char file[ROLES_TARGET_FILE_SIZE];
	char path[ROLES_TARGET_FILE_SIZE + 32];
	struct sha256 digest;
	json_t *catalog;

	if (!target ||
		!roles_target_digest(json_object_get(json_object_get(state, "roles"), role), CATALOG_TARGET, &digest))
		return 0;
	roles_target_file(CATALOG_TARGET, &digest, file);
	(void)snprintf(path, sizeof(path), "%s/targets/%s", workspace->repository, file);
	if (fs_read_file(workspace->fs, workspace->dir_fd, path, &bytes, err) < 0 ||
		!(catalog = json_parse(bytes.data, bytes.len, err)))
		return error_context(err, "catalog");
	return json_object_set_new(state, "catalog", catalog) < 0 ? error_set(err, ERROR_FAILED, "no memory") : 0;
}

int state_load(const struct workspace *workspace, json_t **ret_state, struct error *err)
{
	AUTO(json) json_t *state = JSON_OBJECT({json_take("roles", json_object())});

	if (!state)
		return error_set(err, ERROR_FAILED, "no memory for the state of the repository");
	if (add_document(workspace, state, "root", err) < 0 || add_document(workspace, state, "timestamp", err) < 0 ||
		add_document(workspace, state, "snapshot", err) < 0 || add_targets_roles(workspace, state, err) < 0 ||
		add_catalog(workspace, state, err) < 0)
		return -1;
	*ret_state = take_ptr(&state);
	return 0;
}
