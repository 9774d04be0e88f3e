#include "updater/tree/needs.h"

#include <stdlib.h>
#include <string.h>

/* What file systems give out; the last block of a file is counted whole. */
#define BLOCK 4096u

static int compare_paths(const void *a, const void *b)
{
	return strcmp((*(const struct release_file *const *)a)->path, (*(const struct release_file *const *)b)->path);
}

int needs_init(struct needs *needs, const struct release *release, struct error *err)
{
	*needs = (struct needs){.release = release};
	needs->files = calloc(release->files_count + 1, sizeof(*needs->files));
	needs->frames = calloc(release->frames_count + 1, sizeof(*needs->frames));
	needs->by_path = calloc(release->files_count + 1, sizeof(*needs->by_path));
	if (!needs->files || !needs->frames || !needs->by_path) {
		needs_clear(needs);
		return error_set(err, ERROR_FAILED, "no memory to needs %zu files", release->files_count);
	}
	for (size_t i = 0; i < release->files_count; i++)
		needs->by_path[i] = &release->files[i];
	qsort(needs->by_path, release->files_count, sizeof(*needs->by_path), compare_paths);
	return 0;
}

void needs_clear(struct needs *needs)
{
	free(needs->files);
	free(needs->frames);
	free(needs->by_path);
	*needs = (struct needs){0};
}

size_t needs_frame_at(const struct release *release, uint64_t tar_offset)
{
	size_t low = 0, high = release->frames_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (release->frames[middle].tar_offset <= tar_offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

uint64_t needs_choose_frames(struct needs *needs)
{
	const struct release *release = needs->release;
	uint64_t wire = 0;

	memset(needs->frames, 0, release->frames_count * sizeof(*needs->frames));
	for (size_t i = 0; i < release->files_count; i++) {
		const struct release_file *file = &release->files[i];

		if (file->type != RELEASE_FILE || needs->files[i].done || file->size == 0)
			continue;
		for (size_t k = needs_frame_at(release, file->tar_offset + needs->files[i].have);
			k < release->frames_count && release->frames[k].tar_offset < file->tar_offset + file->size;
			k++)
			needs->frames[k] = true;
	}
	for (size_t k = 0; k < release->frames_count; k++)
		wire += needs->frames[k] ? release->frames[k].length : 0;
	return wire;
}

uint64_t needs_whole_frames(const struct needs *needs, const struct release_file *file, uint64_t len)
{
	uint64_t begins;

	if (needs->release->frames_count == 0 || len == 0 || len > file->size)
		return 0;
	begins = needs->release->frames[needs_frame_at(needs->release, file->tar_offset + len)].tar_offset;
	return begins > file->tar_offset ? begins - file->tar_offset : 0;
}

uint64_t needs_in_blocks(uint64_t bytes)
{
	return (bytes + BLOCK - 1) / BLOCK * BLOCK;
}

uint64_t needs_missing_bytes(const struct needs *needs)
{
	uint64_t missing = 0;

	for (size_t i = 0; i < needs->release->files_count; i++) {
		const struct release_file *file = &needs->release->files[i];

		if (file->type == RELEASE_FILE && !needs->files[i].done)
			missing += needs_in_blocks(file->size - needs->files[i].have);
	}
	return missing;
}

static bool is_to_be_made(const struct needs *needs, size_t index)
{
	switch (needs->release->files[index].type) {
	case RELEASE_FILE:
		return !needs->files[index].done && !needs->files[index].have;
	case RELEASE_FOLDER:
		return !needs->entries_made;
	case RELEASE_LINK:
		break;
	}
	return true;
}

uint64_t needs_missing_files(const struct needs *needs)
{
	uint64_t missing = 0;

	for (size_t i = 0; i < needs->release->files_count; i++)
		missing += is_to_be_made(needs, i);
	return missing;
}

uint64_t needs_done_bytes(const struct needs *needs)
{
	uint64_t done = 0;

	for (size_t i = 0; i < needs->release->files_count; i++)
		done += needs->files[i].done ? needs->release->files[i].size : needs->files[i].have;
	return done;
}

ptrdiff_t needs_find(const struct needs *needs, const char *path)
{
	struct release_file wanted = {.path = path};
	const struct release_file *key = &wanted;
	const struct release_file **found =
		bsearch(&key, needs->by_path, needs->release->files_count, sizeof(*needs->by_path), compare_paths);

	return found ? *found - needs->release->files : -1;
}
