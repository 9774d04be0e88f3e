#include "rollback/sandbox/watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/fs.h"
#include "rollback/sandbox/rights.h"

/* As many as a migration may keep (rollback/copy_tree.h). */
#define FILES_MOST 200000
#define FOLDER_SIZE 64

/* ---- The disk ---- */

static uint64_t free_bytes(const char *path)
{
	struct statvfs st;

	return statvfs(path, &st) < 0 ? UINT64_MAX : (uint64_t)st.f_bavail * st.f_frsize;
}

/* Files on the disk, and how many more it has room for; none of both where the file system does not count them. */
static uint64_t count_files(const char *path, uint64_t *ret_free)
{
	struct statvfs st;

	*ret_free = 0;
	if (statvfs(path, &st) < 0 || st.f_files < st.f_ffree)
		return 0;
	*ret_free = st.f_ffree;
	return st.f_files - st.f_ffree;
}

/* ---- Memory ---- */

/* The sum of the lines of PATH, in bytes, that begin with one of NAMES; 0 where there is no such file or line. */
static uint64_t sum_lines(const char *path, const char *const *names)
{
	char text[8192];
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	uint64_t kib = 0;

	if (got <= 0)
		return 0;
	text[got] = '\0';
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		for (const char *const *name = names; *name; name++)
			if (strncmp(line, *name, strlen(*name)) == 0)
				kib += strtoull(line + strlen(*name), NULL, 10);
	return kib * 1024;
}

/* What a process has mapped, the tables for that included: memory that processes share is in the figure of each. FOLDER is that of
 * one of its threads. */
static uint64_t mapped_by(const char *folder)
{
	static const char *const lines[] = {"VmRSS:", "VmSwap:", "VmPTE:", NULL};
	char path[FOLDER_SIZE + 16];

	(void)snprintf(path, sizeof(path), "%s/status", folder);
	return sum_lines(path, lines);
}

/* The same, with its part of what it shares; takes longer to find out. */
static uint64_t share_of(const char *folder)
{
	static const char *const lines[] = {"Pss:", "SwapPss:", NULL};
	static const char *const tables[] = {"VmPTE:", NULL};
	char path[FOLDER_SIZE + 16];
	uint64_t share;

	(void)snprintf(path, sizeof(path), "%s/smaps_rollup", folder);
	if (!(share = sum_lines(path, lines)))
		return mapped_by(folder);
	(void)snprintf(path, sizeof(path), "%s/status", folder);
	return share + sum_lines(path, tables);
}

struct sum {
	uint64_t (*of)(const char *folder);
	uint64_t bytes;
	char process[FOLDER_SIZE / 2];
};

static int take_thread(void *context, int dir_fd, const char *name, struct error *err)
{
	struct sum *sum = context;
	char folder[FOLDER_SIZE];

	(void)dir_fd, (void)err;
	(void)snprintf(folder, sizeof(folder), "%s/task/%.20s", sum->process, name);
	sum->bytes += sum->of(folder);
	return sum->bytes ? -1 : 0; /* all of its threads have the same */
}

/* One whose first thread has ended shows its memory with another. */
static int add_process(void *context, int dir_fd, const char *name, struct error *err)
{
	struct sum *sum = context;
	struct sum own = {.of = sum->of};
	char tasks[FOLDER_SIZE];
	struct fs fs;

	(void)dir_fd, (void)err;
	if (*name <= '0' || *name > '9')
		return 0;
	fs_init(&fs);
	(void)snprintf(own.process, sizeof(own.process), "/proc/%.20s", name);
	(void)snprintf(tasks, sizeof(tasks), "%s/task", own.process);
	if (!(own.bytes = own.of(own.process)))
		(void)!fs_each(&fs, AT_FDCWD, tasks, take_thread, &own, NULL);
	sum->bytes += own.bytes;
	return 0;
}

/* Of all processes but those of the kernel. */
static uint64_t sum_all(uint64_t (*of)(const char *folder))
{
	struct sum sum = {.of = of};
	struct fs fs;

	fs_init(&fs);
	return fs_each(&fs, AT_FDCWD, "/proc", add_process, &sum, NULL) < 0 ? 0 : sum.bytes;
}

/* ---- The watch ---- */

void watch_init(struct watch *watch, const struct sandbox *sandbox, bool own_proc)
{
	uint64_t files, files_free;

	*watch = (struct watch){.own_proc = own_proc, .memory_most = rights_memory_most()};
	(void)snprintf(watch->data, sizeof(watch->data), "%s/%s/%s", sandbox->packages_path, sandbox->package,
		sandbox->data);
	watch->free_least = free_bytes(watch->data) / 2;
	files = count_files(watch->data, &files_free);
	watch->files_most = files + (files_free / 2 < FILES_MOST ? files_free / 2 : FILES_MOST);
}

const char *watch_find_too_much(const struct watch *watch)
{
	uint64_t files, files_free;

	if (watch->own_proc && sum_all(mapped_by) > watch->memory_most && sum_all(share_of) > watch->memory_most)
		return "it used more memory than a program of a package may";
	if (free_bytes(watch->data) < watch->free_least)
		return "it used more than half of what was free on the disk";
	files = count_files(watch->data, &files_free);
	return files > watch->files_most ? "it made more files than a program of a package may" : NULL;
}
