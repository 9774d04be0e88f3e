#include "updater/inspect/inspect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "updater/inspect/glance.h"
#include "updater/tree/tree.h"

const char *inspect_kind_name(enum inspect_kind kind)
{
	static const char *const names[] = {
#define INSPECT_NAME(enumerator, name, word) name,
		EACH_INSPECT_KIND(INSPECT_NAME)
#undef INSPECT_NAME
	};

	return names[kind];
}

int inspect_init(struct inspect *inspect, const struct inspect_options *options, struct error *err)
{
	size_t count = options->release->files_count;

	*inspect = (struct inspect){.options = *options};
	if (needs_init(&inspect->needs, options->release, err) < 0)
		return -1;
	inspect->prints = calloc(count + 1, sizeof(*inspect->prints));
	inspect->sound = calloc(count + 1, sizeof(*inspect->sound));
	inspect->wrong = calloc(count + 1, sizeof(*inspect->wrong));
	if (inspect->prints && inspect->sound && inspect->wrong)
		return 0;
	inspect_clear(inspect);
	return error_set(err, ERROR_FAILED, "no memory to look at %zu files", count);
}

void inspect_clear(struct inspect *inspect)
{
	needs_clear(&inspect->needs);
	free(take_ptr(&inspect->prints));
	free(take_ptr(&inspect->sound));
	free(take_ptr(&inspect->wrong));
}

/* ---- What is there, entry by entry ---- */

static int tell(struct inspect *inspect, enum inspect_kind kind, size_t index, struct error *err)
{
	inspect->wrong[index] = true;
	return inspect->options.found(
		inspect->options.context, kind, inspect->options.release->files[index].path, err);
}

static mode_t type_of(const struct release_file *file)
{
	return file->type == RELEASE_FOLDER ? S_IFDIR : file->type == RELEASE_LINK ? S_IFLNK : S_IFREG;
}

static int look_at_link(struct inspect *inspect, struct tree *tree, size_t index, struct error *err)
{
	const struct release_file *file = &inspect->options.release->files[index];
	struct error why = {0};

	inspect->sound[index] = tree_check_entry(tree, file, &why) == 0;
	if (inspect->sound[index])
		return 0;
	if (why.code != ERROR_DAMAGED) {
		*err = why;
		return -1;
	}
	return tell(inspect, INSPECT_LINK, index, err);
}

/* What stands there under the right name. */
static int judge(struct inspect *inspect, struct tree *tree, size_t index, const struct stat *st, struct error *err)
{
	const struct release_file *file = &inspect->options.release->files[index];

	if ((st->st_mode & S_IFMT) != type_of(file))
		return tell(inspect, INSPECT_CHANGED, index, err);
	if (file->type == RELEASE_LINK)
		return look_at_link(inspect, tree, index, err);
	if (file->type == RELEASE_FILE && (uint64_t)st->st_size != file->size)
		return tell(inspect, INSPECT_CHANGED, index, err);
	inspect->prints[index] = glance_of(st);
	if ((st->st_mode & 07777) != file->mode)
		return tell(inspect, INSPECT_MODE, index, err);
	inspect->sound[index] = file->type == RELEASE_FOLDER;
	return 0;
}

/* A folder that cannot be entered has been told; what is below it is not known. */
static int look_at_entry(struct inspect *inspect, struct tree *tree, size_t index, struct error *err)
{
	const struct release_file *file = &inspect->options.release->files[index];
	struct error why = {0};
	struct stat st;

	if (tree_look_at(tree, file->path, &st, &why) == 0)
		return judge(inspect, tree, index, &st, err);
	if (why.code == ERROR_NOT_FOUND || why.code == ERROR_DAMAGED || why.sys == ENOTDIR || why.sys == ELOOP)
		return tell(inspect, INSPECT_REMOVED, index, err);
	if (why.sys == EACCES)
		return 0;
	*err = why;
	return -1;
}

/* ---- What is there besides ---- */

static int look_for_stray(void *context, const char *path, mode_t mode, struct error *err)
{
	const struct inspect *inspect = context;

	(void)mode;
	if (needs_find(&inspect->needs, path) >= 0)
		return 0;
	return inspect->options.found(inspect->options.context, INSPECT_ADDED, path, err);
}

int inspect_shape(struct inspect *inspect, struct error *err)
{
	AUTO(tree) struct tree tree = {.parent_fd = -1};

	tree_init(&tree, inspect->options.fs, inspect->options.folder_fd);
	for (size_t i = 0; i < inspect->options.release->files_count; i++)
		if (look_at_entry(inspect, &tree, i, err) < 0)
			return -1;
	return tree_walk(&tree, look_for_stray, inspect, err);
}
