#include "updater/delta_make/delta_make.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "updater/delta_make/choose.h"
#include "updater/delta_make/delta_write.h"
#include "updater/delta_make/pairs.h"
#include "updater/delta_make/parallel.h"
#include "updater/attempt/delta_number.h"

/* One file to be made. */
struct job {
	const struct release_file *file;
	const struct release_file *old; /* NULL: none */
	uint64_t memory;
	uint64_t too_much; /* bytes that comparing takes, where it may not take them; then there is no old one */
	struct attempt best;
};

struct maker {
	const struct delta_side *from;
	const struct delta_side *to;
	const struct delta_options *options;
	struct pairs pairs;
	struct job *jobs; /* by place in the release */
	size_t count;
	bool is_former; /* no file is of a kind that older agents do not know */
	struct job **by_size; /* the largest first, so that none is left alone at the end */
	pthread_mutex_t lock; /* of what follows */
	size_t done;
};

static void maker_clear(struct maker *maker)
{
	for (size_t i = 0; i < maker->count; i++)
		attempt_clear(&maker->jobs[i].best);
	free(maker->jobs);
	free(maker->by_size);
	pairs_clear(&maker->pairs);
	(void)pthread_mutex_destroy(&maker->lock);
}
DEFINE_AUTO(maker, struct maker, maker_clear);

static uint64_t memory_for(const struct maker *maker, const struct release_file *file, const struct release_file *old)
{
	AUTO(tree) struct tree tree;
	AUTO(fd) int fd = -1;
	uint8_t begin[4] = {0};
	struct error ignored;
	struct fs fs;

	fs_init(&fs);
	tree_init(&tree, &fs, maker->to->dir_fd);
	if ((fd = tree_open_file(&tree, file->path, O_RDONLY, NULL, NULL, &ignored)) >= 0)
		(void)!pread(fd, begin, sizeof(begin), 0);
	return choose_memory(old ? old->size : 0, file->size, begin);
}

static void plan_job(const struct maker *maker, struct job *job)
{
	const struct release_file *old = pairs_find(&maker->pairs, job->file);

	job->memory = memory_for(maker, job->file, old);
	job->old = old;
	if (old && maker->options->memory && job->memory > maker->options->memory) {
		job->too_much = job->memory;
		job->memory = memory_for(maker, job->file, NULL);
		job->old = NULL;
	}
}

static int by_size(const void *a, const void *b)
{
	const struct job *left = *(const struct job *const *)a, *right = *(const struct job *const *)b;

	if (left->memory != right->memory)
		return left->memory > right->memory ? -1 : 1;
	return left < right ? -1 : left > right;
}

static int plan(struct maker *maker, struct error *err)
{
	const struct release *to = maker->to->release;

	maker->jobs = calloc(to->files_count + 1, sizeof(*maker->jobs));
	maker->by_size = calloc(to->files_count + 1, sizeof(struct job *));
	if (!maker->jobs || !maker->by_size)
		return error_set(err, ERROR_FAILED, "no memory for %zu files", to->files_count);
	for (size_t i = 0; i < to->files_count; i++) {
		const struct release_file *file = &to->files[i];
		struct job *job = &maker->jobs[maker->count];

		if (file->type != RELEASE_FILE || file->size == 0 || pairs_have(&maker->pairs, file))
			continue;
		*job = (struct job){.file = file};
		plan_job(maker, job);
		maker->by_size[maker->count++] = job;
	}
	qsort(maker->by_size, maker->count, sizeof(struct job *), by_size);
	return 0;
}

static uint64_t memory_of(void *context, size_t index)
{
	return ((struct maker *)context)->by_size[index]->memory;
}

static void tell(struct maker *maker, const struct job *job, struct delta_choice *choice)
{
	choice->path = job->file->path;
	choice->from = job->old ? job->old->path : NULL;
	choice->too_much = job->too_much;
	choice->total = maker->count;
	(void)pthread_mutex_lock(&maker->lock);
	choice->done = ++maker->done;
	if (maker->options->chose)
		maker->options->chose(maker->options->context, choice);
	(void)pthread_mutex_unlock(&maker->lock);
}

static int make_file(void *context, size_t index, struct error *err)
{
	struct maker *maker = context;
	struct job *job = maker->by_size[index];
	AUTO(content) struct content old = CONTENT_INIT;
	AUTO(content) struct content new = CONTENT_INIT;
	AUTO(tree) struct tree from;
	AUTO(tree) struct tree to;
	struct delta_choice choice = {0};
	struct fs fs;

	fs_init(&fs);
	tree_init(&from, &fs, maker->from->dir_fd);
	tree_init(&to, &fs, maker->to->dir_fd);
	if (content_read(&to, job->file, &new, err) < 0 ||
		(job->old && content_read(&from, job->old, &old, err) < 0) ||
		choose(&old, &new, maker->options, &job->best, &choice, err) < 0)
		return error_context(err, "'%s'", job->file->path);
	tell(maker, job, &choice);
	return 0;
}

static int describe(
	const struct maker *maker, const struct job *job, size_t *next, struct buf *files, struct error *err)
{
	size_t index = (size_t)(job->file - maker->to->release->files);
	uint64_t from = job->best.is_whole ? 0 : (uint64_t)(job->old - maker->from->release->files) + 1;

	if (delta_number_append(files, index - *next, err) < 0 || delta_number_append(files, from, err) < 0)
		return -1;
	*next = index + 1;
	return maker->is_former ? 0 : delta_number_append(files, job->best.kind, err);
}

/* Puts all files into the sections, in the release's order, whichever was done first. */
static int join(struct maker *maker, struct buf sections[static DELTA_SECTIONS], struct error *err)
{
	size_t next = 0;

	maker->is_former = true;
	for (size_t i = 0; i < maker->count; i++)
		maker->is_former &= maker->jobs[i].best.kind == DELTA_BYTES;
	if (delta_number_append(&sections[DELTA_FILES], maker->count, err) < 0)
		return -1;
	for (size_t i = 0; i < maker->count; i++) {
		struct job *job = &maker->jobs[i];

		if (describe(maker, job, &next, &sections[DELTA_FILES], err) < 0)
			return -1;
		for (int part = DELTA_COPIED; part < DELTA_SECTIONS; part++)
			if (buf_append(&sections[part], buf_text(&job->best.parts[part]), job->best.parts[part].len,
				    err) < 0)
				return -1;
		attempt_clear(&job->best);
	}
	return 0;
}

int delta_make(const struct delta_side *from, const struct delta_side *to, const struct delta_options *options,
	struct buf *ret_delta, struct error *err)
{
	AUTO(maker)
	struct maker maker = {.from = from, .to = to, .options = options, .lock = PTHREAD_MUTEX_INITIALIZER};
	AUTO(attempt) struct attempt all; /* only its sections */
	struct parallel parallel = {.threads = options->threads,
		.memory_of = memory_of,
		.memory = options->memory ? options->memory : DELTA_MEMORY_USUAL,
		.work = make_file,
		.context = &maker};

	attempt_init(&all, DELTA_BYTES);
	if (pairs_init(&maker.pairs, from->release, err) < 0 || plan(&maker, err) < 0 ||
		parallel_run(&parallel, maker.count, err) < 0 || join(&maker, all.parts, err) < 0)
		return -1;
	return delta_write(from, to, maker.is_former, options->threads, all.parts, ret_delta, err);
}
