#include "updater/stage/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Larger files are worth beginning to write back at once: fewer bytes wait for the sync at the end. */
#define WRITE_SOON_BYTES (32u << 10)
/* What is digested and then written while the processor's cache still has it. */
#define PIECE_BYTES (512u << 10)

int unpack_init(
	struct unpack *unpack, struct tree *tree, struct needs *needs, uint64_t reserve_bytes, struct error *err)
{
	*unpack = (struct unpack){.tree = tree, .needs = needs, .reserve_bytes = reserve_bytes, .file_fd = -1};
	unpack->missing_bytes = needs_missing_bytes(needs);
	unpack->missing_files = needs_missing_files(needs);
	return (unpack->digest = digest_new(DIGEST_SHA256, err)) ? 0 : -1;
}

void unpack_clear(struct unpack *unpack)
{
	fd_close(&unpack->file_fd);
	unpack->file_fd = -1;
	digest_free(take_ptr(&unpack->digest));
}

/* What is still missing fits, with the reserve left free. */
static int check_space(const struct unpack *unpack, struct error *err)
{
	const struct disk_room missing = {.bytes = unpack->missing_bytes, .files = unpack->missing_files};
	const struct disk_room reserve = {.bytes = unpack->reserve_bytes, .files = unpack->reserve_files};
	struct disk disk;

	if (disk_look(unpack->tree->fs, unpack->tree->root_fd, ".", &disk, err) < 0)
		return -1;
	return disk_check_room(&disk, &missing, &reserve, err);
}

/* Opens a file at its beginning, or where a cut left it: then what is there goes through the digest again. */
static int begin_file(struct unpack *unpack, size_t index, struct error *err)
{
	const struct release_file *file = &unpack->needs->release->files[index];
	uint64_t have = unpack->needs->files[index].have;
	AUTO(fd) int fd = -1;

	if (!have) {
		if ((fd = tree_create_file(unpack->tree, file, err)) < 0)
			return -1;
		unpack->missing_files -= unpack->missing_files > 0;
	} else if ((fd = tree_open_file(unpack->tree, file->path, O_RDWR, NULL, NULL, err)) < 0 ||
		   tree_digest_file(fd, file->path, have, unpack->digest, err) < 0)
		return -1;
	else if (lseek(fd, (off_t)have, SEEK_SET) < 0)
		return error_system(err, errno, "cannot go on in '%s'", file->path);
	unpack->file = index;
	unpack->file_fd = take_fd(&fd);
	unpack->file_at = have;
	return 0;
}

/* The file is whole: only now its digest decides. */
static int end_file(struct unpack *unpack, struct error *err)
{
	const struct release_file *file = &unpack->needs->release->files[unpack->file];
	struct needs_file *state = &unpack->needs->files[unpack->file];
	AUTO(fd) int fd = take_fd(&unpack->file_fd);
	uint64_t fetched = file->size - state->have;
	struct sha256 found;

	unpack->missing_bytes -= needs_in_blocks(fetched) - fetched;
	digest_finish(unpack->digest, found.bytes);
	if (!sha256_equal(&found, &file->sha256)) {
		if (!state->have)
			return error_set(err, ERROR_REFUSED, "'%s' is not what the release says", file->path);
		state->have = 0;
		unpack->stale = true;
		return tree_remove(unpack->tree, file->path, err);
	}
	if (tree_set_file_mode(unpack->tree, fd, file, err) < 0)
		return -1;
	if (file->size >= WRITE_SOON_BYTES)
		fs_write_soon(unpack->tree->fs, fd);
	state->done = true;
	return 0;
}

static int take_part(struct unpack *unpack, size_t index, const uint8_t *data, size_t len, struct error *err)
{
	const struct release_file *file = &unpack->needs->release->files[index];

	if (unpack->file_fd < 0 && begin_file(unpack, index, err) < 0)
		return -1;
	for (size_t at = 0, piece; at < len; at += piece) {
		piece = len - at < PIECE_BYTES ? len - at : PIECE_BYTES;
		digest_update(unpack->digest, data + at, piece);
		if (fs_write(unpack->tree->fs, unpack->file_fd, file->path, data + at, piece, err) < 0)
			return -1;
	}
	unpack->file_at += len;
	unpack->missing_bytes -= len;
	(void)atomic_fetch_add(&unpack->bytes, len);
	if (unpack->file_at == file->size)
		return end_file(unpack, err);
	fs_write_soon(unpack->tree->fs, unpack->file_fd);
	return 0;
}

/* The part of FILE that lies in [BEGIN, END) of the payload and is not there yet. */
static int take_overlap(
	struct unpack *unpack, size_t index, const uint8_t *tar, uint64_t begin, uint64_t end, struct error *err)
{
	const struct release_file *file = &unpack->needs->release->files[index];
	bool is_open = unpack->file_fd >= 0 && unpack->file == index;
	uint64_t from = file->tar_offset + (is_open ? unpack->file_at : unpack->needs->files[index].have);
	uint64_t to = file->tar_offset + file->size < end ? file->tar_offset + file->size : end;

	if (from < begin || from >= to)
		return 0; /* not ours: the frame was fetched for its neighbours */
	return take_part(unpack, index, tar + (from - begin), (size_t)(to - from), err);
}

int unpack_frame(struct unpack *unpack, size_t frame, const uint8_t *tar, struct error *err)
{
	const struct release *release = unpack->needs->release;
	uint64_t begin = release->frames[frame].tar_offset;
	uint64_t end = begin + release->frames[frame].tar_length;

	if (check_space(unpack, err) < 0)
		return -1;
	for (size_t i = unpack->next; i < release->files_count; i++) {
		const struct release_file *file = &release->files[i];

		if (file->type != RELEASE_FILE || file->size == 0)
			continue;
		if (file->tar_offset >= end)
			break;
		if (file->tar_offset + file->size <= end)
			unpack->next = i + 1;
		if (unpack->needs->files[i].done || file->tar_offset + file->size <= begin)
			continue;
		if (take_overlap(unpack, i, tar, begin, end, err) < 0)
			return -1;
	}
	return 0;
}
