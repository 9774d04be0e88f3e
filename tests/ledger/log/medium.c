#include "tests/ledger/log/medium.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of the process that watches. */
static const struct medium *watched;
static const struct folder *watched_folder;

#define need(condition)                                                                                              \
	do {                                                                                                         \
		if (!(condition)) {                                                                                  \
			perror("medium: " #condition);                                                               \
			abort();                                                                                     \
		}                                                                                                    \
	} while (0)

static void path_join(char ret_path[static PATH_MAX], const char *folder, const char *name)
{
	int len = snprintf(ret_path, PATH_MAX, "%s/%s", folder, name);

	need(len > 0 && len < PATH_MAX);
}

static void remove_all(const char *path, bool itself)
{
	char command[PATH_MAX + 64];

	(void)snprintf(command, sizeof(command), "find %s -mindepth %d -delete", path, itself ? 0 : 1);
	need(system(command) == 0);
}

static void copy_all(const char *from, const char *to)
{
	char command[2 * PATH_MAX + 64];

	(void)snprintf(command, sizeof(command), "cp -a %s/. %s", from, to);
	need(system(command) == 0);
}

void medium_init(struct medium *medium)
{
	folder_init(&medium->inodes);
	folder_init(&medium->kept);
}

void medium_clear(struct medium *medium)
{
	folder_clear(&medium->inodes);
	folder_clear(&medium->kept);
}

void medium_watch(const struct medium *medium, const struct folder *folder)
{
	watched = medium;
	watched_folder = folder;
}

static void copy(int from_fd, const char *to)
{
	int to_fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	char bytes[65536];
	off_t at = 0;
	ssize_t len;

	need(to_fd >= 0);
	while ((len = pread(from_fd, bytes, sizeof(bytes), at)) > 0) {
		need(write(to_fd, bytes, (size_t)len) == len);
		at += len;
	}
	need(len == 0);
	(void)close(to_fd);
}

/* Where the bytes that were synced of a file are kept. */
static void path_of_bytes(char ret_path[static PATH_MAX], const struct medium *medium, const struct stat *st)
{
	(void)snprintf(ret_path, PATH_MAX, "%s/%llu", medium->inodes.path, (unsigned long long)st->st_ino);
}

static void keep_file(const struct medium *medium, const char *path, const struct stat *st)
{
	char to[PATH_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	need(fd >= 0);
	path_of_bytes(to, medium, st);
	copy(fd, to);
	(void)close(fd);
}

static void tear_file(const struct medium *medium, const char *path, const struct stat *st)
{
	char from[PATH_MAX];
	int fd;

	path_of_bytes(from, medium, st);
	if ((fd = open(from, O_RDONLY | O_CLOEXEC)) < 0)
		need((fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0);
	copy(fd, path);
	(void)close(fd);
}

/* Every file below PATH. */
static void each_file(const struct medium *medium, const char *path,
	void (*each)(const struct medium *medium, const char *path, const struct stat *st))
{
	DIR *dir = opendir(path);

	need(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		char name[PATH_MAX];
		struct stat st;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		path_join(name, path, entry->d_name);
		need(lstat(name, &st) == 0);
		if (S_ISDIR(st.st_mode))
			each_file(medium, name, each);
		else
			each(medium, name, &st);
	}
	(void)closedir(dir);
}

void medium_cut(const struct medium *medium, const struct folder *folder)
{
	remove_all(folder->path, false);
	copy_all(medium->kept.path, folder->path);
}

void medium_tear(const struct medium *medium, const struct folder *folder)
{
	each_file(medium, folder->path, tear_file);
}

/* A name in a folder that was synced: the file behind it has the bytes that were synced of it, which may be none. */
static void keep_name(const char *to_folder, const char *from, const char *name)
{
	char to[PATH_MAX], bytes[PATH_MAX];
	struct stat st;
	int fd;

	path_join(to, to_folder, name);
	need(lstat(from, &st) == 0);
	if (S_ISDIR(st.st_mode)) {
		(void)mkdir(to, 0755);
		return;
	}
	path_of_bytes(bytes, watched, &st);
	if ((fd = open(bytes, O_RDONLY | O_CLOEXEC)) < 0)
		need((fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0);
	copy(fd, to);
	(void)close(fd);
}

static void drop_names(const char *kept, const char *path)
{
	DIR *dir = opendir(kept);

	need(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		char here[PATH_MAX], there[PATH_MAX];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		path_join(here, path, entry->d_name);
		path_join(there, kept, entry->d_name);
		if (access(here, F_OK) < 0)
			remove_all(there, true);
	}
	(void)closedir(dir);
}

/* A folder whose own name is not kept is lost with all that is in it. */
static void keep_folder(const char *path)
{
	char kept[PATH_MAX];
	DIR *dir;

	(void)snprintf(kept, sizeof(kept), "%s%s", watched->kept.path, path + strlen(watched_folder->path));
	if (access(kept, F_OK) < 0)
		return;
	drop_names(kept, path);
	need((dir = opendir(path)));
	for (struct dirent *entry; (entry = readdir(dir));) {
		char from[PATH_MAX];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		path_join(from, path, entry->d_name);
		keep_name(kept, from, entry->d_name);
	}
	(void)closedir(dir);
}

/* Where the descriptor leads; false outside of what is watched. */
static bool path_of(int fd, char ret_path[static PATH_MAX])
{
	char link[64];
	ssize_t len;

	if (!watched)
		return false;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	need((len = readlink(link, ret_path, PATH_MAX - 1)) > 0);
	ret_path[len] = '\0';
	return strncmp(ret_path, watched_folder->path, strlen(watched_folder->path)) == 0;
}

/* In place of the C library's. */
int fsync(int fd)
{
	char path[PATH_MAX];
	struct stat st;

	if (path_of(fd, path)) {
		need(fstat(fd, &st) == 0);
		if (S_ISDIR(st.st_mode))
			keep_folder(path);
		else
			keep_file(watched, path, &st);
	}
	return (int)syscall(SYS_fsync, fd);
}

int syncfs(int fd)
{
	char path[PATH_MAX];

	if (path_of(fd, path)) {
		remove_all(watched->kept.path, false);
		copy_all(watched_folder->path, watched->kept.path);
		each_file(watched, watched_folder->path, keep_file);
	}
	return (int)syscall(SYS_syncfs, fd);
}
