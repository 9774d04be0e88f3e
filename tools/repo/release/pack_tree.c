#include "tools/repo/release/pack_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/auto.h"
#include "manifests/base/arena.h"
#include "manifests/release/release_rules.h"

#define MAX_DEPTH 200

static int add_file(struct release *release, const struct release_file *file, struct error *err)
{
	if (release->files_count == RELEASE_MAX_FILES)
		return error_set(err, ERROR_INPUT, "it holds more than %u files", RELEASE_MAX_FILES);
	if ((release->files_count & (release->files_count - 1)) == 0) {
		size_t room = release->files_count ? 2 * release->files_count : 1;
		struct release_file *files = reallocarray(release->files, room, sizeof(*files));

		if (!files)
			return error_set(err, ERROR_FAILED, "no memory for %zu files", room);
		release->files = files;
	}
	release->files[release->files_count++] = *file;
	return 0;
}

static int read_link(
	struct release *release, int dir_fd, const char *name, struct release_file *file, struct error *err)
{
	char target[RELEASE_PATH_SIZE];
	ssize_t len = readlinkat(dir_fd, name, target, sizeof(target) - 1);

	if (len < 0)
		return error_system(err, errno, "cannot read link '%s'", file->path);
	target[len] = '\0';
	if (release_rules_check_link(file->path, target, err) < 0)
		return -1;
	return (file->link = arena_copy(release->memory, target, (size_t)len, err)) ? 0 : -1;
}

struct reading {
	struct fs *fs;
	struct release *release;
	const char *path; /* of the folder that is being read, "" for the first */
	int depth;
};

static int read_folder(
	const struct reading *above, int dir_fd, const char *name, const char *path, struct error *err);

/* Reads NAME, which is PATH in the release, with all below it. */
static int read_path(const struct reading *reading, int dir_fd, const char *name, const char *path, struct error *err)
{
	struct release *release = reading->release;
	struct release_file file = {.path = path};
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_system(err, errno, "cannot look at '%s'", path);
	if (release_rules_check_path(path, err) < 0)
		return -1;
	if (!S_ISLNK(st.st_mode) && (st.st_mode & (S_ISUID | S_ISGID)) && !S_ISDIR(st.st_mode))
		return error_set(err, ERROR_INPUT,
			"'%s' is setuid or setgid: a delivered file must not give rights away", path);
	if (S_ISLNK(st.st_mode)) {
		file.type = RELEASE_LINK;
		file.mode = 0777;
		return read_link(release, dir_fd, name, &file, err) < 0 ? -1 : add_file(release, &file, err);
	}
	if (S_ISREG(st.st_mode)) {
		file.type = RELEASE_FILE;
		file.mode = st.st_mode & 0111 ? 0755 : 0644;
		file.size = (uint64_t)st.st_size;
		release->installed_bytes += file.size;
		return add_file(release, &file, err);
	}
	if (!S_ISDIR(st.st_mode))
		return error_set(
			err, ERROR_INPUT, "'%s' is a device, pipe or socket, which cannot be delivered", path);
	file.type = RELEASE_FOLDER;
	file.mode = 0755;
	return add_file(release, &file, err) < 0 ? -1 : read_folder(reading, dir_fd, name, path, err);
}

static int read_entry(void *context, int dir_fd, const char *name, struct error *err)
{
	const struct reading *reading = context;
	char path[RELEASE_PATH_SIZE + 256];
	const char *copy;
	int len = snprintf(path, sizeof(path), "%s%s%s", reading->path, *reading->path ? "/" : "", name);

	if (!(copy = arena_copy(reading->release->memory, path, (size_t)len, err)))
		return -1;
	return read_path(reading, dir_fd, name, copy, err);
}

/* Reads what is in the folder NAME of the one ABOVE. */
static int read_folder(const struct reading *above, int dir_fd, const char *name, const char *path, struct error *err)
{
	struct reading reading = {
		.fs = above->fs, .release = above->release, .path = path, .depth = above->depth + 1};
	const char *shown = *path ? path : ".";
	int fd;

	if (reading.depth > MAX_DEPTH)
		return error_set(err, ERROR_INPUT, "'%s' is more than %d folders deep", path, MAX_DEPTH);
	if ((fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
		return error_system(err, errno, "cannot read folder '%s'", shown);
	return fs_each_in(reading.fs, fd, shown, read_entry, &reading, err);
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(((const struct release_file *)a)->path, ((const struct release_file *)b)->path);
}

int tree_read(struct fs *fs, int folder_fd, struct release *release, struct error *err)
{
	struct reading reading = {.fs = fs, .release = release, .path = "", .depth = -1};

	if (read_folder(&reading, folder_fd, ".", "", err) < 0)
		return -1;
	if (release->files_count == 0)
		return error_set(err, ERROR_INPUT, "it holds no file");
	qsort(release->files, release->files_count, sizeof(*release->files), compare_paths);
	return release_rules_check_names(release, err);
}
