#include "tools/repo/release/pack_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/auto.h"
#include "manifests/base/arena.h"
#include "manifests/release/release_links.h"
#include "manifests/release/release_rules.h"
#include "tools/repo/release/attributes.h"
#include "tools/repo/release/binaries.h"
#include "tools/repo/release/scripts.h"

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

struct reading {
	struct fs *fs;
	struct release *release;
	bool follow_links;
	struct problems *problems;
	const struct reading *above; /* NULL for the first */
	const char *path;	     /* of the folder that is being read, "" for the first */
	struct stat folder;
	int depth;
};

static int read_folder(
	const struct reading *above, int dir_fd, const char *name, const char *path, struct error *err);

/* Opens NAME without reading it, or, where links are to be followed, what a link points to that no terminal may get. */
static int look_at(const struct reading *reading, int dir_fd, const char *name, struct release_file *file,
	struct stat *st, struct error *err)
{
	AUTO(fd) int fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char target[RELEASE_PATH_SIZE];
	struct error why = {0};
	ssize_t len;

	if (fd < 0 || fstat(fd, st) < 0)
		return error_system(err, errno, "cannot look at '%s'", file->path);
	if (!S_ISLNK(st->st_mode))
		return take_fd(&fd);
	if ((len = readlinkat(dir_fd, name, target, sizeof(target) - 1)) < 0)
		return error_system(err, errno, "cannot read link '%s'", file->path);
	target[len] = '\0';
	if (release_rules_check_link(file->path, target, &why) == 0)
		return (file->link = arena_copy(reading->release->memory, target, (size_t)len, err)) ? take_fd(&fd)
												     : -1;
	if (!reading->follow_links)
		return error_set(
			err, ERROR_INPUT, "%s; --follow-links packs what it points to in its place", why.text);
	fd_close(&fd);
	if ((fd = openat(dir_fd, name, O_PATH | O_CLOEXEC)) < 0 || fstat(fd, st) < 0)
		return error_set(
			err, ERROR_INPUT, "link '%s' points to '%s', where nothing can be reached", file->path,
			target);
	problems_warn(reading->problems, "'%s' is a link: what stands at '%s' on this machine is packed in its place",
		file->path, target);
	return take_fd(&fd);
}

/* Reads NAME, which is PATH in the release; a folder without what is below it. */
static int read_file(
	const struct reading *reading, int dir_fd, const char *name, struct release_file *file, struct error *err)
{
	struct release *release = reading->release;
	AUTO(fd) int fd = -1;
	struct stat st;

	if (release_rules_check_path(file->path, err) < 0 ||
		(fd = look_at(reading, dir_fd, name, file, &st, err)) < 0)
		return -1;
	if (S_ISLNK(st.st_mode)) {
		if (fstatat(dir_fd, name, &st, 0) < 0)
			problems_warn(reading->problems, "link '%s' points to '%s', where the release has nothing", file->path,
				file->link);
		file->type = RELEASE_LINK;
		file->mode = 0777;
		return add_file(release, file, err);
	}
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return error_set(
			err, ERROR_INPUT, "'%s' is a device, pipe or socket, which cannot be delivered", file->path);
	if (S_ISREG(st.st_mode) && (st.st_mode & (S_ISUID | S_ISGID)))
		return error_set(err, ERROR_INPUT,
			"'%s' is setuid or setgid: a delivered file must not give rights away; take it off with "
			"chmod u-s,g-s",
			file->path);
	if (attributes_check(fd, file->path, err) < 0)
		return -1;
	file->type = S_ISREG(st.st_mode) ? RELEASE_FILE : RELEASE_FOLDER;
	file->mode = S_ISDIR(st.st_mode) || st.st_mode & 0111 ? 0755 : 0644;
	file->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	if (file->size > RELEASE_MAX_INSTALLED_BYTES - release->installed_bytes)
		return error_set(err, ERROR_INPUT, "'%s' has %llu bytes, more than any release may have", file->path,
			(unsigned long long)file->size);
	release->installed_bytes += file->size;
	return add_file(release, file, err);
}

/* Where links are followed, one that no terminal may get, and that leads to nothing here either: nothing is lost without it. */
static bool is_left_out(const struct reading *reading, int dir_fd, const char *name, const char *path)
{
	char target[RELEASE_PATH_SIZE];
	ssize_t len = reading->follow_links ? readlinkat(dir_fd, name, target, sizeof(target) - 1) : -1;
	struct stat st;

	if (len < 0)
		return false;
	target[len] = '\0';
	if (release_rules_check_link(path, target, NULL) == 0 || fstatat(dir_fd, name, &st, 0) == 0 || errno != ENOENT)
		return false;
	problems_warn(reading->problems, "link '%s' points to '%s', where this machine has nothing: it is left out", path,
		target);
	return true;
}

/* The same with all below it; what cannot be delivered is noted, and the others are read. */
static int read_path(const struct reading *reading, int dir_fd, const char *name, const char *path, struct error *err)
{
	struct release_file file = {.path = path};
	struct error why = {0};

	if (is_left_out(reading, dir_fd, name, path))
		return 0;
	if (read_file(reading, dir_fd, name, &file, &why) < 0) {
		if (reading->release->files_count < RELEASE_MAX_FILES && problems_take(reading->problems, &why) == 0)
			return 0;
		*err = why;
		return -1;
	}
	return file.type == RELEASE_FOLDER ? read_folder(reading, dir_fd, name, path, err) : 0;
}

static int read_entry(const struct reading *reading, int dir_fd, const char *name, struct error *err)
{
	char path[RELEASE_PATH_SIZE + 256];
	const char *copy;
	int len = snprintf(path, sizeof(path), "%s%s%s", reading->path, *reading->path ? "/" : "", name);

	if (!(copy = arena_copy(reading->release->memory, path, (size_t)len, err)))
		return -1;
	return read_path(reading, dir_fd, name, copy, err);
}

/* What is in one folder. In the order of names, so that the same folder is told of in the same words on every disk. */
struct names {
	struct arena *memory; /* owns the texts */
	const char **items;
	size_t count;
};

static void names_clear(struct names *names)
{
	free(names->items);
}
DEFINE_AUTO(names, struct names, names_clear);

static int take_name(void *context, int dir_fd, const char *name, struct error *err)
{
	struct names *names = context;
	const char **items;

	(void)dir_fd;
	if (names->count == RELEASE_MAX_FILES)
		return error_set(err, ERROR_INPUT, "a folder in it holds more than %u files", RELEASE_MAX_FILES);
	if ((names->count & (names->count - 1)) == 0) {
		if (!(items = reallocarray(names->items, names->count ? 2 * names->count : 1, sizeof(*items))))
			return error_set(err, ERROR_FAILED, "no memory for %zu names", names->count);
		names->items = items;
	}
	if (!(names->items[names->count] = arena_copy(names->memory, name, strlen(name), err)))
		return -1;
	names->count++;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_entries(const struct reading *reading, int dir_fd, const char *shown, struct error *err)
{
	AUTO(names) struct names names = {.memory = reading->release->memory};
	int again_fd = fs_open(reading->fs, dir_fd, ".", O_RDONLY | O_DIRECTORY, err);

	if (again_fd < 0 || fs_each_in(reading->fs, again_fd, shown, take_name, &names, err) < 0)
		return -1;
	if (names.count > 0)
		qsort(names.items, names.count, sizeof(*names.items), compare_names);
	for (size_t i = 0; i < names.count; i++)
		if (read_entry(reading, dir_fd, names.items[i], err) < 0)
			return -1;
	return 0;
}

/* A link that is followed may lead to a folder that it is in: there would be no end. */
static bool is_within_itself(const struct reading *reading)
{
	for (const struct reading *above = reading->above; above; above = above->above)
		if (above->folder.st_ino == reading->folder.st_ino && above->folder.st_dev == reading->folder.st_dev)
			return true;
	return false;
}

/* Reads what is in the folder NAME of the one ABOVE. */
static int read_folder(const struct reading *above, int dir_fd, const char *name, const char *path, struct error *err)
{
	struct reading reading = *above;
	const char *shown = *path ? path : ".";
	const int flags = O_RDONLY | O_DIRECTORY | (above->follow_links ? 0 : O_NOFOLLOW);
	AUTO(fd) int fd = fs_open(reading.fs, dir_fd, name, flags, err);

	if (fd < 0)
		return error_context(err, "folder '%s'", shown);
	if (fstat(fd, &reading.folder) < 0)
		return error_system(err, errno, "cannot look at folder '%s'", shown);
	reading.path = path;
	reading.above = above->depth < 0 ? NULL : above;
	if (++reading.depth > MAX_DEPTH)
		return error_set(err, ERROR_INPUT, "'%s' is more than %d folders deep", path, MAX_DEPTH);
	if (is_within_itself(&reading))
		return error_set(err, ERROR_INPUT, "link '%s' points to a folder that it is in itself", path);
	return read_entries(&reading, fd, shown, err);
}

/* Asked before the first byte is read: a hole of a disk image would be packed for hours. */
static void judge_size(const struct release *release, uint64_t most_bytes, struct problems *problems)
{
	const struct release_file *largest = NULL;
	struct error why = {0};

	if (release->installed_bytes <= most_bytes)
		return;
	for (size_t i = 0; i < release->files_count; i++)
		if (!largest || release->files[i].size > largest->size)
			largest = &release->files[i];
	(void)error_set(&why, ERROR_INPUT,
		"its files have %llu bytes, '%s' alone %llu; if they are meant to, give --unpack-limit a higher number "
		"than %llu",
		(unsigned long long)release->installed_bytes, largest->path, (unsigned long long)largest->size,
		(unsigned long long)most_bytes);
	(void)!problems_take(problems, &why);
}

/* The programs that terminals run themselves, the agent among them; NULL for each that there is not. */
struct run {
	const struct release_file *programs[4];
};

static struct run find_run(const struct release *release)
{
	const char *const paths[] = {release->self_test.argv[0], release->migrate.argv[0], release->health.check.argv[0],
		strcmp(release->package, RELEASE_AGENT_PACKAGE) == 0 ? RELEASE_AGENT_PROGRAM : NULL};
	struct run run;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		run.programs[i] = paths[i] ? release_links_find(release, paths[i]) : NULL;
	return run;
}

static bool is_run(const struct run *run, const struct release_file *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(run->programs); i++)
		if (run->programs[i] == file)
			return true;
	return false;
}

/* Once all files are known, as links may lead to what is run. */
static void look_at_programs(
	const struct release *release, int folder_fd, const char *architecture, struct problems *problems)
{
	struct scripts scripts = {0};
	struct binaries binaries = {.wanted = architecture};
	const struct run run = find_run(release);

	for (size_t i = 0; i < release->files_count; i++) {
		const struct release_file *file = &release->files[i];

		if (file->type != RELEASE_FILE)
			continue;
		if (file->mode == 0755)
			scripts_look_at(&scripts, folder_fd, file->path, is_run(&run, file), release, problems);
		binaries_look_at(&binaries, folder_fd, file->path, is_run(&run, file), problems);
	}
	binaries_judge(&binaries, release, problems);
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(((const struct release_file *)a)->path, ((const struct release_file *)b)->path);
}

int tree_read(struct fs *fs, int folder_fd, const struct tree_options *how, struct release *release,
	struct problems *problems, struct error *err)
{
	struct reading reading = {.fs = fs,
		.release = release,
		.follow_links = how->follow_links,
		.problems = problems,
		.path = "",
		.depth = -1};
	struct error why = {0};

	if (read_folder(&reading, folder_fd, ".", "", err) < 0)
		return -1;
	if (release->files_count == 0 && problems->errors.count == 0)
		return error_set(err, ERROR_INPUT, "it holds no file");
	judge_size(release, how->most_bytes, problems);
	qsort(release->files, release->files_count, sizeof(*release->files), compare_paths);
	look_at_programs(release, folder_fd, how->architecture, problems);
	if ((release_rules_check_names(release, &why) < 0 && problems_take(problems, &why) < 0) ||
		(release_rules_check_agent(release, &why) < 0 && problems_take(problems, &why) < 0)) {
		*err = why;
		return -1;
	}
	return 0;
}
