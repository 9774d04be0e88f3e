#include "updater/stage/entries.h"

static int make_empty_file(
	struct tree *tree, const struct release_file *file, const struct sha256 *nothing, struct error *err)
{
	AUTO(fd) int fd = -1;

	if (!sha256_equal(&file->sha256, nothing))
		return error_set(
			err, ERROR_REFUSED, "'%s' is empty, but its digest is not that of nothing", file->path);
	if ((fd = tree_create_file(tree, file, err)) < 0)
		return -1;
	return tree_set_file_mode(tree, fd, file, err);
}

int entries_make(struct tree *tree, struct needs *needs, struct error *err)
{
	const struct release *release = needs->release;
	struct sha256 nothing;

	if (needs->entries_made)
		return 0;
	sha256_of("", 0, &nothing);
	for (size_t i = 0; i < release->files_count; i++) {
		const struct release_file *file = &release->files[i];

		if (file->type == RELEASE_FOLDER && tree_make_folder(tree, file, err) < 0)
			return -1;
		if (file->type != RELEASE_FILE || file->size || needs->files[i].done)
			continue;
		if (make_empty_file(tree, file, &nothing, err) < 0)
			return -1;
		needs->files[i].done = true;
	}
	needs->entries_made = true;
	return 0;
}
