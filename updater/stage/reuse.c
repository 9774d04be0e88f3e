#include "updater/stage/reuse.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (256u << 10)
#define REPORT_EVERY (4u << 20)

struct copier {
	const struct reuse *reuse;
	struct digest *digest;
	uint8_t *chunk;
	bool can_clone;
};

static void copier_clear(struct copier *copier)
{
	digest_free(copier->digest);
	free(copier->chunk);
}
DEFINE_AUTO(copier, struct copier, copier_clear);

static int by_content(const void *a, const void *b)
{
	const struct release_file *left = *(const struct release_file *const *)a;
	const struct release_file *right = *(const struct release_file *const *)b;

	if (left->size != right->size)
		return left->size < right->size ? -1 : 1;
	return memcmp(left->sha256.bytes, right->sha256.bytes, SHA256_SIZE);
}

/* The files of a release by size and digest; the caller frees the array. */
static const struct release_file **sort_files(const struct release *release, size_t *ret_count, struct error *err)
{
	const struct release_file **sorted = calloc(release->files_count + 1, sizeof(*sorted));

	if (!sorted) {
		(void)error_set(err, ERROR_FAILED, "no memory for %zu files", release->files_count);
		return NULL;
	}
	*ret_count = 0;
	for (size_t i = 0; i < release->files_count; i++)
		if (release->files[i].type == RELEASE_FILE)
			sorted[(*ret_count)++] = &release->files[i];
	qsort(sorted, *ret_count, sizeof(*sorted), by_content);
	return sorted;
}

/* Copies while the bytes pass through the digest. -1 with ERROR_DAMAGED where the old file cannot be read to its end.
 */
static int copy_bytes(
	struct copier *copier, int from_fd, int to_fd, const struct release_file *file, struct error *err)
{
	uint64_t left = file->size;

	while (left) {
		ssize_t got = read(from_fd, copier->chunk, left < CHUNK ? (size_t)left : CHUNK);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_set(
				err, ERROR_DAMAGED, "'%s' cannot be read from the current release", file->path);
		digest_update(copier->digest, copier->chunk, (size_t)got);
		if (fs_write(copier->reuse->to->fs, to_fd, file->path, copier->chunk, (size_t)got, err) < 0)
			return -1;
		left -= (uint64_t)got;
	}
	return 0;
}

/* Fills TO_FD and says whether its digest is right. */
static int fill(struct copier *copier, int from_fd, int to_fd, const struct release_file *file, bool *ret_right,
	struct error *err)
{
	struct fs *fs = copier->reuse->to->fs;
	struct sha256 found;
	int result;

	copier->can_clone = copier->can_clone && file->size && fs_clone(fs, from_fd, to_fd, file->path);
	result = copier->can_clone ? tree_digest_file(from_fd, file->path, file->size, copier->digest, err)
				   : copy_bytes(copier, from_fd, to_fd, file, err);
	digest_finish(copier->digest, found.bytes);
	*ret_right = result == 0 && sha256_equal(&found, &file->sha256);
	return result < 0 && err->code != ERROR_DAMAGED && err->sys != EIO ? -1 : 0;
}

static int take_file(struct copier *copier, const struct release_file *old, const struct release_file *file,
	struct needs_file *state, struct error *err)
{
	struct tree *to = copier->reuse->to;
	AUTO(fd) int from_fd = -1;
	AUTO(fd) int to_fd = -1;
	struct error reason;
	uint64_t size;
	bool right;

	if ((from_fd = tree_open_file(copier->reuse->from, old->path, O_RDONLY, &size, NULL, &reason)) < 0 ||
		size != file->size)
		return 0; /* damaged: it will be fetched */
	if (state->have && tree_remove(to, file->path, err) < 0)
		return -1;
	state->have = 0;
	if ((to_fd = tree_create_file(to, file, err)) < 0)
		return -1;
	if (fill(copier, from_fd, to_fd, file, &right, &reason) < 0) {
		if (err)
			*err = reason;
		return -1;
	}
	if (!right)
		return tree_remove(to, file->path, err);
	if (tree_set_file_mode(to, to_fd, file, err) < 0)
		return -1;
	fs_write_soon(to->fs, to_fd);
	state->done = true;
	return 0;
}

static int took(const struct reuse *reuse, uint64_t *since_report, uint64_t bytes, struct error *err)
{
	*since_report += bytes;
	if (!reuse->went_on || *since_report < REPORT_EVERY)
		return 0;
	*since_report = 0;
	return reuse->went_on(reuse->context, err);
}

int reuse_unchanged(const struct reuse *reuse, struct error *err)
{
	AUTO(copier) struct copier copier = {.reuse = reuse, .can_clone = true};
	AUTO(free) const struct release_file **old = NULL;
	const struct release *release = reuse->needs->release;
	uint64_t since_report = 0;
	size_t count;

	if (!(copier.digest = digest_new(DIGEST_SHA256, err)) ||
		!(old = sort_files(reuse->from_release, &count, err)))
		return -1;
	if (!(copier.chunk = malloc(CHUNK)))
		return error_set(err, ERROR_FAILED, "no memory to copy files");
	for (size_t i = 0; i < release->files_count; i++) {
		const struct release_file *file = &release->files[i];
		const struct release_file **found;

		if (file->type != RELEASE_FILE || file->size == 0 || reuse->needs->files[i].done)
			continue;
		found = bsearch(&file, old, count, sizeof(*old), by_content);
		if (found && (take_file(&copier, *found, file, &reuse->needs->files[i], err) < 0 ||
				     took(reuse, &since_report, file->size, err) < 0))
			return error_context(err, "'%s'", file->path);
	}
	return 0;
}
