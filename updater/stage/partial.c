#include "updater/stage/partial.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/platform.h"

#define REST_NAME_SIZE (PACKAGE_FOLDER_SIZE + 8)
#define REST_HEADER "haishin-rest %010zu\n"
#define REST_HEADER_SIZE 24

struct clearing {
	struct tree *tree;
	const struct needs *needs;
};

static int open_up_folder(struct tree *tree, const char *path, struct error *err)
{
	struct release_file folder = {.type = RELEASE_FOLDER, .path = path, .mode = 0700};

	return tree_set_folder_mode(tree, &folder, err);
}

/* Links are made last and anew each time, so that none stands in the way of what is still to be written. */
static int clear_entry(void *context, const char *path, mode_t mode, struct error *err)
{
	struct clearing *clearing = context;
	ptrdiff_t found = needs_find(clearing->needs, path);
	enum release_file_type type = found < 0 ? RELEASE_LINK : clearing->needs->release->files[found].type;

	if (S_ISDIR(mode) && type == RELEASE_FOLDER)
		return (mode & 0700) == 0700 ? 0 : open_up_folder(clearing->tree, path, err);
	if (S_ISREG(mode) && type == RELEASE_FILE)
		return 0;
	return tree_remove(clearing->tree, path, err);
}

/* Decides what an existing file of FD and SIZE is worth. */
static int judge_file(struct tree *tree, struct needs *needs, size_t index, int fd, uint64_t size, uint32_t mode,
	struct digest *digest, struct error *err)
{
	const struct release_file *file = &needs->release->files[index];
	struct needs_file *state = &needs->files[index];
	struct sha256 found;

	if (size < file->size) {
		state->have = needs_whole_frames(needs, file, size);
		return state->have ? 0 : tree_remove(tree, file->path, err);
	}
	if (size > file->size)
		return tree_remove(tree, file->path, err);
	if (tree_digest_file(fd, file->path, size, digest, err) < 0)
		return -1;
	digest_finish(digest, found.bytes);
	if (!sha256_equal(&found, &file->sha256))
		return tree_remove(tree, file->path, err);
	state->done = true;
	return mode == file->mode ? 0 : tree_set_file_mode(tree, fd, file, err);
}

static int take_up_file(
	struct tree *tree, struct needs *needs, size_t index, struct digest *digest, struct error *err)
{
	const char *path = needs->release->files[index].path;
	AUTO(fd) int fd = -1;
	struct error ignored;
	uint64_t size;
	uint32_t mode;

	if ((fd = tree_open_file(tree, path, O_RDONLY, &size, &mode, &ignored)) < 0)
		return ignored.code == ERROR_NOT_FOUND ? 0 : tree_remove(tree, path, err);
	return judge_file(tree, needs, index, fd, size, mode, digest, err);
}

int partial_take_up(struct tree *tree, struct needs *needs, struct error *err)
{
	struct clearing clearing = {.tree = tree, .needs = needs};
	AUTO(digest) struct digest *digest = NULL;

	if (!(digest = digest_new(DIGEST_SHA256, err)) || tree_walk(tree, clear_entry, &clearing, err) < 0)
		return error_context(err, "taking up what a cut left");
	tree_clear(tree); /* folders may be gone */
	for (size_t i = 0; i < needs->release->files_count; i++)
		if (needs->release->files[i].type == RELEASE_FILE && take_up_file(tree, needs, i, digest, err) < 0)
			return error_context(err, "taking up what a cut left");
	return 0;
}

static bool is_partial(const char *name)
{
	size_t len = strlen(name), suffix = strlen(PARTIAL_SUFFIX);

	return *name == '.' && len > suffix && strcmp(name + len - suffix, PARTIAL_SUFFIX) == 0;
}

struct dropping {
	struct fs *fs;
	const char *kept;
};

static int drop_other(void *context, int dir_fd, const char *name, struct error *err)
{
	const struct dropping *dropping = context;

	return is_partial(name) && strcmp(name, dropping->kept) != 0 ? fs_remove_tree(dropping->fs, dir_fd, name, err)
								     : 0;
}

int partial_drop_others(struct fs *fs, int versions_dir_fd, const char *name, struct error *err)
{
	struct dropping dropping = {.fs = fs, .kept = name};

	return fs_each(fs, versions_dir_fd, ".", drop_other, &dropping, err) < 0
		       ? error_context(err, "the folder of releases")
		       : 0;
}

static const char *rest_name(const char *folder, char ret_name[static REST_NAME_SIZE])
{
	(void)snprintf(ret_name, REST_NAME_SIZE, "%s.rest", folder);
	return ret_name;
}

void partial_keep_rest(
	struct fs *fs, int cache_dir_fd, const char *folder, size_t frame, const void *data, size_t len)
{
	char name[REST_NAME_SIZE], header[REST_HEADER_SIZE + 1];
	AUTO(fd) int fd = -1;
	struct error ignored;

	partial_drop_rest(fs, cache_dir_fd, folder);
	(void)snprintf(header, sizeof(header), REST_HEADER, frame);
	if ((fd = fs_create(fs, cache_dir_fd, rest_name(folder, name), 0600, &ignored)) < 0)
		return;
	if (fs_write(fs, fd, name, header, REST_HEADER_SIZE, &ignored) < 0 ||
		fs_write(fs, fd, name, data, len, &ignored) < 0)
		partial_drop_rest(fs, cache_dir_fd, folder);
}

size_t partial_take_rest(
	struct fs *fs, int cache_dir_fd, const char *folder, size_t frame, void *ret_data, size_t size)
{
	char name[REST_NAME_SIZE], wanted[REST_HEADER_SIZE + 1], header[REST_HEADER_SIZE];
	AUTO(fd) int fd = -1;
	struct error ignored;
	size_t len = 0;
	ssize_t got;

	(void)snprintf(wanted, sizeof(wanted), REST_HEADER, frame);
	if ((fd = fs_open_plain(fs, cache_dir_fd, rest_name(folder, name), O_RDONLY | O_NOFOLLOW, &ignored)) < 0 ||
		read(fd, header, sizeof(header)) != (ssize_t)sizeof(header) ||
		memcmp(header, wanted, sizeof(header)) != 0)
		return 0;
	while (len < size && (got = read(fd, (char *)ret_data + len, size - len)) > 0)
		len += (size_t)got;
	return len;
}

void partial_drop_rest(struct fs *fs, int cache_dir_fd, const char *folder)
{
	char name[REST_NAME_SIZE];
	struct error ignored;

	if (fs_exists(fs, cache_dir_fd, rest_name(folder, name)))
		(void)!fs_remove_tree(fs, cache_dir_fd, name, &ignored);
}
