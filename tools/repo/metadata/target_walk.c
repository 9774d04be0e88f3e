#include "tools/repo/metadata/target_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "common/digest.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/roles.h"

struct walk {
	const struct workspace *workspace;
	const char *folder;
	const char *below; /* path in it of the folder that is being read, or "" */
	const json_t *named;
	target_walk_visit *visit;
	void *context;
};

int target_walk_name(json_t *named, const json_t *body, struct error *err)
{
	const char *path;
	const json_t *target;

	json_object_foreach (json_object_get(body, "targets"), path, target) {
		char file[ROLES_TARGET_FILE_SIZE];
		struct sha256 digest;

		(void)target;
		if (!roles_target_digest(body, path, &digest))
			continue;
		roles_target_file(path, &digest, file);
		if (json_object_set_new(named, file, json_true()) < 0)
			return error_set(err, ERROR_FAILED, "no memory for the names of target files");
	}
	return 0;
}

int target_walk_name_staged(json_t *named, const struct workspace *workspace, struct error *err)
{
	AUTO(json) json_t *roles = documents_staged_roles(workspace, err);
	const json_t *role;
	size_t i;

	json_array_foreach (roles, i, role) {
		AUTO(json) json_t *document = NULL;

		if (documents_staged(workspace, json_string_value(role), &document, err) < 0 ||
			target_walk_name(named, json_object_get(document, "signed"), err) < 0)
			return -1;
	}
	return roles ? 0 : -1;
}

/* "SHA256.NAME": anything else is not ours. */
static bool is_called_like_a_target(const char *name)
{
	return strspn(name, "0123456789abcdef") == SHA256_HEX_SIZE - 1 && name[SHA256_HEX_SIZE - 1] == '.';
}

static int walk_folder(const struct walk *walk, const char *below, struct error *err);

static int visit_entry(void *context, int dir_fd, const char *name, struct error *err)
{
	const struct walk *walk = context;
	char path[TARGET_WALK_PATH_SIZE];
	struct stat st;

	if (name[0] == '.' || snprintf(path, sizeof(path), "%s%s%s", walk->below, *walk->below ? "/" : "", name) >=
				      (int)sizeof(path))
		return 0;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_system(err, errno, "cannot look at '%s/%s'", walk->folder, path);
	if (S_ISDIR(st.st_mode))
		return walk_folder(walk, path, err);
	if (!S_ISREG(st.st_mode) || !is_called_like_a_target(name) || json_object_get(walk->named, path))
		return 0;
	return walk->visit(walk->context, path, &st, err);
}

/* The folder BELOW the one of WALK. */
static int walk_folder(const struct walk *walk, const char *below, struct error *err)
{
	const struct workspace *workspace = walk->workspace;
	char folder[TARGET_WALK_PATH_SIZE + 64];
	struct walk inner = *walk;
	int fd;

	inner.below = below;
	(void)snprintf(folder, sizeof(folder), "%s%s%s", walk->folder, *below ? "/" : "", below);
	fd = fs_open_dir(workspace->fs, workspace->dir_fd, folder, err);
	return fd < 0 ? -1 : fs_each_in(workspace->fs, fd, folder, visit_entry, &inner, err);
}

int target_walk_unnamed(const struct workspace *workspace, const char *folder, const json_t *named,
	target_walk_visit *visit, void *context, struct error *err)
{
	struct walk walk = {
		.workspace = workspace, .folder = folder, .named = named, .visit = visit, .context = context};

	return walk_folder(&walk, "", err);
}
