#include "updater/stage/stage_verify.h"

#include <fcntl.h>

#include "common/auto.h"
#include "common/digest.h"
#include "updater/tree/needs.h"
#include "updater/tree/tree.h"

static int refuse_stray(void *context, const char *path, mode_t mode, struct error *err)
{
	const struct needs *needs = context;

	(void)mode;
	if (needs_find(needs, path) >= 0)
		return 0;
	return error_set(err, ERROR_DAMAGED, "'%s' is there, but not part of the release", path);
}

static int verify_file(struct tree *tree, const struct release_file *file, struct digest *digest, struct error *err)
{
	AUTO(fd) int fd = -1;
	struct sha256 found;

	if (tree_check_entry(tree, file, err) < 0)
		return -1;
	if (file->type != RELEASE_FILE)
		return 0;
	if ((fd = tree_open_file(tree, file->path, O_RDONLY, NULL, NULL, err)) < 0 ||
		tree_digest_file(fd, file->path, file->size, digest, err) < 0)
		return -1;
	digest_finish(digest, found.bytes);
	if (!sha256_equal(&found, &file->sha256))
		return error_set(err, ERROR_DAMAGED, "the content of '%s' is not what the release says", file->path);
	return 0;
}

int stage_verify(const struct env *env, int versions_dir_fd, const char *folder, const struct release *release,
	struct error *err)
{
	AUTO(needs) struct needs needs = {0};
	AUTO(digest) struct digest *digest = NULL;
	AUTO(fd) int folder_fd = -1;
	AUTO(tree) struct tree tree = {.parent_fd = -1};

	if ((folder_fd = fs_open(env->fs, versions_dir_fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, err)) < 0 ||
		!(digest = digest_new(DIGEST_SHA256, err)) || needs_init(&needs, release, err) < 0)
		return error_context(err, "%s", folder);
	tree_init(&tree, env->fs, folder_fd);
	for (size_t i = 0; i < release->files_count; i++)
		if (verify_file(&tree, &release->files[i], digest, err) < 0)
			return error_context(err, "%s", folder);
	return tree_walk(&tree, refuse_stray, &needs, err) < 0 ? error_context(err, "%s", folder) : 0;
}
