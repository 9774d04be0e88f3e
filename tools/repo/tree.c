#include "tools/repo/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/auto.h"
#include "manifests/arena.h"
#include "manifests/release_rules.h"

#define MAX_DEPTH 200

static void auto_dir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

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

static int read_folder(struct release *release, int folder_fd, const char *path, int depth, struct error *err);

static int read_entry(
	struct release *release, int dir_fd, const char *name, const char *path, int depth, struct error *err)
{
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
	return add_file(release, &file, err) < 0 ? -1 : read_folder(release, dir_fd, path, depth + 1, err);
}

/* Reads the entries of PATH; FD is the folder that it is in (or is itself, where PATH is ""). */
static int read_folder(struct release *release, int folder_fd, const char *path, int depth, struct error *err)
{
	const char *slash = strrchr(path, '/');
	AUTO(dir) DIR *dir = NULL;
	struct dirent *entry;
	int fd;

	if (depth > MAX_DEPTH)
		return error_set(err, ERROR_INPUT, "'%s' is more than %d folders deep", path, MAX_DEPTH);
	fd = openat(
		folder_fd, *path ? (slash ? slash + 1 : path) : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || !(dir = fdopendir(fd)))
		return error_system(err, errno, "cannot read folder '%s'", *path ? path : ".");
	while (errno = 0, (entry = readdir(dir))) {
		char below[RELEASE_PATH_SIZE + 256];
		const char *copy;
		int len;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		len = snprintf(below, sizeof(below), "%s%s%s", path, *path ? "/" : "", entry->d_name);
		if (!(copy = arena_copy(release->memory, below, (size_t)len, err)) ||
			read_entry(release, dirfd(dir), entry->d_name, copy, depth, err) < 0)
			return -1;
	}
	return errno ? error_system(err, errno, "cannot read folder '%s'", path) : 0;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(((const struct release_file *)a)->path, ((const struct release_file *)b)->path);
}

int tree_read(int folder_fd, struct release *release, struct error *err)
{
	if (read_folder(release, folder_fd, "", 0, err) < 0)
		return -1;
	if (release->files_count == 0)
		return error_set(err, ERROR_INPUT, "it holds no file");
	qsort(release->files, release->files_count, sizeof(*release->files), compare_paths);
	return release_rules_check_names(release, err);
}
