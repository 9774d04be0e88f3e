#include "tests/proofs/own_machine.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/disk/disk.h"

#define FREE_BYTES (UINT64_C(16) << 30)

static struct chance *drawn_from;

ssize_t __real_getrandom(void *buffer, size_t len, unsigned flags);
ssize_t __wrap_getrandom(void *buffer, size_t len, unsigned flags);
int __real_disk_look(struct fs *fs, int dir_fd, const char *path, struct disk *ret_disk, struct error *err);
int __wrap_disk_look(struct fs *fs, int dir_fd, const char *path, struct disk *ret_disk, struct error *err);
struct dirent *__real_readdir64(DIR *dir);
struct dirent *__wrap_readdir64(DIR *dir);
int __real_closedir(DIR *dir);
int __wrap_closedir(DIR *dir);

void own_machine_draws_from(struct chance *chance)
{
	drawn_from = chance;
}

ssize_t __wrap_getrandom(void *buffer, size_t len, unsigned flags)
{
	unsigned char *bytes = buffer;

	if (!drawn_from)
		return __real_getrandom(buffer, len, flags);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (unsigned char)chance_next(drawn_from);
	return (ssize_t)len;
}

/* As on a terminal's disk, whatever the real one holds at the moment. */
int __wrap_disk_look(struct fs *fs, int dir_fd, const char *path, struct disk *ret_disk, struct error *err)
{
	if (__real_disk_look(fs, dir_fd, path, ret_disk, err) < 0)
		return -1;
	*ret_disk = (struct disk){.free_bytes = FREE_BYTES, .total_bytes = 2 * FREE_BYTES, .free_files = UINT64_MAX};
	return 0;
}

/* ---- Folders are read in the order of the names, which each file system has its own of ---- */

struct listing {
	struct listing *next;
	const DIR *dir;
	struct dirent *entries;
	size_t count, at;
};

static struct listing *listings; /* one for each folder that is being read */

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct dirent *)a)->d_name, ((const struct dirent *)b)->d_name);
}

/* NULL where reading fails, with errno set. */
static struct listing *list(DIR *dir)
{
	struct listing *listing = calloc(1, sizeof(*listing));
	const struct dirent *entry;

	assert(listing);
	listing->dir = dir;
	while (errno = 0, (entry = __real_readdir64(dir))) {
		struct dirent *entries = reallocarray(listing->entries, listing->count + 1, sizeof(*entries));

		assert(entries);
		listing->entries = entries;
		memset(&entries[listing->count], 0, sizeof(*entries));
		memcpy(&entries[listing->count++], entry, entry->d_reclen);
	}
	if (errno) {
		free(listing->entries);
		free(listing);
		return NULL;
	}
	if (listing->count)
		qsort(listing->entries, listing->count, sizeof(*listing->entries), compare_names);
	listing->next = listings;
	return listings = listing;
}

struct dirent *__wrap_readdir64(DIR *dir)
{
	struct listing *listing = listings;

	while (listing && listing->dir != dir)
		listing = listing->next;
	if (!listing && !(listing = list(dir)))
		return NULL;
	return listing->at < listing->count ? &listing->entries[listing->at++] : NULL;
}

int __wrap_closedir(DIR *dir)
{
	for (struct listing **at = &listings; *at; at = &(*at)->next)
		if ((*at)->dir == dir) {
			struct listing *done = *at;

			*at = done->next;
			free(done->entries);
			free(done);
			break;
		}
	return __real_closedir(dir);
}
