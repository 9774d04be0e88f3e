#include "tools/repo/target_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "common/digest.h"
#include "tools/repo/documents.h"
#include "tools/repo/roles.h"

struct walk {
	const struct workspace *workspace;
	const char *folder;
	const json_t *named;
	target_walk_visit *visit;
	void *context;
};

static void auto_dir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

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

static int visit_entry(const struct walk *walk, int dir_fd, const char *name, const char *below, struct error *err)
{
	char path[TARGET_WALK_PATH_SIZE];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s%s%s", below, *below ? "/" : "", name) >= (int)sizeof(path) ||
		fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return walk_folder(walk, path, err);
	if (!S_ISREG(st.st_mode) || !is_called_like_a_target(name) || json_object_get(walk->named, path))
		return 0;
	return walk->visit(walk->context, path, &st, err);
}

static int walk_folder(const struct walk *walk, const char *below, struct error *err)
{
	char folder[TARGET_WALK_PATH_SIZE + 64];
	AUTO(dir) DIR *dir = NULL;
	struct dirent *entry;
	int fd;

	(void)snprintf(folder, sizeof(folder), "%s%s%s", walk->folder, *below ? "/" : "", below);
	if ((fd = fs_open_dir(walk->workspace->fs, walk->workspace->dir_fd, folder, err)) < 0)
		return -1;
	if (!(dir = fdopendir(fd))) {
		(void)error_system(err, errno, "cannot read '%s'", folder);
		(void)close(fd);
		return -1;
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && visit_entry(walk, dirfd(dir), entry->d_name, below, err) < 0)
			return -1;
	return 0;
}

int target_walk_unnamed(const struct workspace *workspace, const char *folder, const json_t *named,
	target_walk_visit *visit, void *context, struct error *err)
{
	struct walk walk = {
		.workspace = workspace, .folder = folder, .named = named, .visit = visit, .context = context};

	return walk_folder(&walk, "", err);
}
