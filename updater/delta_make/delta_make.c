#include "updater/delta_make/delta_make.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <zstd.h>

#include "updater/delta/delta_format.h"
#include "updater/delta_make/bytediff.h"
#include "updater/delta_make/delta_number.h"
#include "updater/delta_make/delta_write.h"
#include "updater/tree/tree.h"

#define TRIAL_LEVEL 3

struct maker {
	struct tree from;
	struct tree to;
	const struct release *from_release;
	const struct release *to_release;
	const struct release_file **by_content; /* of the old release */
	const struct release_file **by_name;	/* of the old release, by path without digits */
	size_t old_count;
	struct buf sections[DELTA_SECTIONS];
	uint64_t files; /* described so far */
	size_t next;	/* behind the last of them */
};

static void maker_clear(struct maker *maker)
{
	tree_clear(&maker->from);
	tree_clear(&maker->to);
	free(maker->by_content);
	free(maker->by_name);
	for (int i = 0; i < DELTA_SECTIONS; i++)
		buf_clear(&maker->sections[i]);
}
DEFINE_AUTO(maker, struct maker, maker_clear);

/* A file's bytes, mapped. */
struct content {
	uint8_t *bytes;
	size_t len;
};

static void content_clear(struct content *content)
{
	if (content->bytes)
		(void)munmap(content->bytes, content->len);
}
DEFINE_AUTO(content, struct content, content_clear);

static int read_content(
	struct tree *tree, const struct release_file *file, struct content *ret_content, struct error *err)
{
	AUTO(fd) int fd = -1;
	uint64_t size;
	void *bytes;

	if ((fd = tree_open_file(tree, file->path, O_RDONLY, &size, NULL, err)) < 0)
		return -1;
	if (size != file->size)
		return error_set(err, ERROR_INPUT, "'%s' is not what its release says", file->path);
	if (size == 0)
		return 0;
	if ((bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED)
		return error_set(err, ERROR_FAILED, "cannot map '%s'", file->path);
	*ret_content = (struct content){.bytes = bytes, .len = (size_t)size};
	return 0;
}

static int by_content(const void *a, const void *b)
{
	return memcmp((*(const struct release_file *const *)a)->sha256.bytes,
		(*(const struct release_file *const *)b)->sha256.bytes, SHA256_SIZE);
}

/* Compares paths as if they had no digits: libjpeg.so.62.3.0 and libjpeg.so.62.4.1 are two versions of one file. */
static int by_name(const void *a, const void *b)
{
	const char *left = (*(const struct release_file *const *)a)->path;
	const char *right = (*(const struct release_file *const *)b)->path;

	for (;; left++, right++) {
		while (isdigit((unsigned char)*left))
			left++;
		while (isdigit((unsigned char)*right))
			right++;
		if (*left != *right || !*left)
			return (unsigned char)*left - (unsigned char)*right;
	}
}

static int sort_old(struct maker *maker, struct error *err)
{
	const struct release *old = maker->from_release;

	maker->by_content = calloc(old->files_count + 1, sizeof(*maker->by_content));
	maker->by_name = calloc(old->files_count + 1, sizeof(*maker->by_name));
	if (!maker->by_content || !maker->by_name)
		return error_set(err, ERROR_FAILED, "no memory for %zu files", old->files_count);
	for (size_t i = 0; i < old->files_count; i++) {
		if (old->files[i].type != RELEASE_FILE)
			continue;
		maker->by_content[maker->old_count] = &old->files[i];
		maker->by_name[maker->old_count++] = &old->files[i];
	}
	qsort(maker->by_content, maker->old_count, sizeof(*maker->by_content), by_content);
	qsort(maker->by_name, maker->old_count, sizeof(*maker->by_name), by_name);
	return 0;
}

/* The old file that FILE most likely came from: the same path, else one that differs in digits only. NULL: none. */
static const struct release_file *find_old(const struct maker *maker, const struct release_file *file)
{
	const struct release_file **found =
		bsearch(&file, maker->by_name, maker->old_count, sizeof(*maker->by_name), by_name);
	const struct release_file **last = maker->by_name + maker->old_count, **first = found;
	const struct release_file *best;

	if (!found)
		return NULL;
	while (first > maker->by_name && by_name(first - 1, &file) == 0)
		first--;
	best = *first;
	for (; first < last && by_name(first, &file) == 0; first++)
		if (strcmp((*first)->path, file->path) == 0)
			return *first;
	return best;
}

/* What one file adds to the sections, before it is decided whether a difference is worth it. */
struct trial {
	const struct content *old;
	const struct content *new;
	struct buf parts[DELTA_SECTIONS];
	struct bytediff_step step; /* the last one; it is written once the next tells how far to seek */
	bool has_step;
};

static void trial_clear(struct trial *trial)
{
	for (int i = 0; i < DELTA_SECTIONS; i++)
		buf_clear(&trial->parts[i]);
}
DEFINE_AUTO(trial, struct trial, trial_clear);

static int add_step(struct trial *trial, size_t next_old_at, struct error *err)
{
	const struct bytediff_step *step = &trial->step;
	const uint8_t *new = trial->new->bytes + step->new_at, *old = trial->old->bytes + step->old_at;
	uint8_t differences[4096];

	for (size_t at = 0, part; at < step->copied; at += part) {
		part = step->copied - at < sizeof(differences) ? step->copied - at : sizeof(differences);
		for (size_t i = 0; i < part; i++)
			differences[i] = (uint8_t)(new[at + i] - old[at + i]);
		if (buf_append(&trial->parts[DELTA_DIFFERENCES], differences, part, err) < 0)
			return -1;
	}
	if (delta_number_append(&trial->parts[DELTA_COPIED], step->copied, err) < 0 ||
		delta_number_append(&trial->parts[DELTA_ADDED], step->added, err) < 0 ||
		delta_number_append_signed(&trial->parts[DELTA_SEEKS],
			(int64_t)next_old_at - (int64_t)(step->old_at + step->copied), err) < 0)
		return -1;
	return buf_append(&trial->parts[DELTA_EXTRA], new + step->copied, step->added, err);
}

static int take_step(void *context, const struct bytediff_step *step, struct error *err)
{
	struct trial *trial = context;

	if (trial->has_step && add_step(trial, step->old_at, err) < 0)
		return -1;
	trial->step = *step;
	trial->has_step = true;
	return 0;
}

static int compress_length(const void *data, size_t len, size_t *ret_len, struct error *err)
{
	AUTO(free) void *packed = malloc(ZSTD_compressBound(len));
	size_t packed_len;

	if (!packed)
		return error_set(err, ERROR_FAILED, "no memory to compare sizes");
	packed_len = ZSTD_compress(packed, ZSTD_compressBound(len), data, len, TRIAL_LEVEL);
	if (ZSTD_isError(packed_len))
		return error_set(err, ERROR_FAILED, "cannot compress: %s", ZSTD_getErrorName(packed_len));
	*ret_len = packed_len;
	return 0;
}

/* Is the difference smaller than the whole file? */
static int judge_trial(const struct trial *trial, bool *ret_worth, struct error *err)
{
	size_t whole, parts = 0;

	if (compress_length(trial->new->bytes, trial->new->len, &whole, err) < 0)
		return -1;
	for (int i = DELTA_COPIED; i < DELTA_SECTIONS; i++) {
		size_t len;

		if (compress_length(buf_text(&trial->parts[i]), trial->parts[i].len, &len, err) < 0)
			return -1;
		parts += len;
	}
	*ret_worth = parts < whole;
	return 0;
}

static int add_trial(struct maker *maker, const struct trial *trial, struct error *err)
{
	for (int i = DELTA_COPIED; i < DELTA_SECTIONS; i++)
		if (buf_append(&maker->sections[i], buf_text(&trial->parts[i]), trial->parts[i].len, err) < 0)
			return -1;
	return 0;
}

static int describe_file(struct maker *maker, size_t index, const struct release_file *old, struct error *err)
{
	struct buf *files = &maker->sections[DELTA_FILES];

	if (delta_number_append(files, index - maker->next, err) < 0 ||
		delta_number_append(files, old ? (uint64_t)(old - maker->from_release->files) + 1 : 0, err) < 0)
		return -1;
	maker->next = index + 1;
	maker->files++;
	return 0;
}

static int add_file(struct maker *maker, size_t index, struct error *err)
{
	const struct release_file *file = &maker->to_release->files[index];
	const struct release_file *old = find_old(maker, file);
	AUTO(content) struct content old_content = {0};
	AUTO(content) struct content new_content = {0};
	AUTO(trial) struct trial trial = {.old = &old_content, .new = &new_content};
	bool worth = false;

	for (int i = 0; i < DELTA_SECTIONS; i++)
		trial.parts[i].limit = DELTA_SECTION_BYTES_MOST;
	if (read_content(&maker->to, file, &new_content, err) < 0)
		return -1;
	if (old && old->size) {
		if (read_content(&maker->from, old, &old_content, err) < 0 ||
			bytediff_find(old_content.bytes, old_content.len, new_content.bytes, new_content.len,
				take_step, &trial, err) < 0 ||
			add_step(&trial, trial.step.old_at + trial.step.copied, err) < 0 ||
			judge_trial(&trial, &worth, err) < 0)
			return error_context(err, "'%s'", file->path);
	}
	if (describe_file(maker, index, worth ? old : NULL, err) < 0)
		return -1;
	return worth ? add_trial(maker, &trial, err)
		     : buf_append(&maker->sections[DELTA_EXTRA], new_content.bytes, new_content.len, err);
}

/* In front of the files stands how many there are. */
static int put_count(struct maker *maker, struct error *err)
{
	struct buf files = BUF_INIT(DELTA_SECTION_BYTES_MOST);

	if (delta_number_append(&files, maker->files, err) < 0 ||
		buf_append(&files, buf_text(&maker->sections[DELTA_FILES]), maker->sections[DELTA_FILES].len, err) <
			0) {
		buf_clear(&files);
		return -1;
	}
	buf_clear(&maker->sections[DELTA_FILES]);
	maker->sections[DELTA_FILES] = files;
	return 0;
}

int delta_make(struct fs *fs, const struct delta_side *from, const struct delta_side *to, struct buf *ret_delta,
	struct error *err)
{
	AUTO(maker) struct maker maker = {.from_release = from->release, .to_release = to->release};

	for (int i = 0; i < DELTA_SECTIONS; i++)
		maker.sections[i].limit = DELTA_SECTION_BYTES_MOST;
	tree_init(&maker.from, fs, from->dir_fd);
	tree_init(&maker.to, fs, to->dir_fd);
	if (sort_old(&maker, err) < 0)
		return -1;
	for (size_t i = 0; i < to->release->files_count; i++) {
		const struct release_file *file = &to->release->files[i];

		if (file->type != RELEASE_FILE || file->size == 0 ||
			bsearch(&file, maker.by_content, maker.old_count, sizeof(*maker.by_content), by_content))
			continue;
		if (add_file(&maker, i, err) < 0)
			return -1;
	}
	return put_count(&maker, err) < 0 ? -1 : delta_write(from, to, maker.sections, ret_delta, err);
}
