/* The contents: read by as many threads as there are processors, at most four, each with a file of its own. */
#include "updater/inspect/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/digest.h"
#include "common/platform.h"
#include "updater/inspect/glance.h"
#include "updater/tree/tree.h"

#define THREADS_MOST 4
#define CHUNK (256u << 10)
#define TELL_EVERY_NS 200000000

enum verdict { UNREAD, SOUND, CHANGED, REMOVED, CLOSED };

struct reading {
	struct inspect *inspect;
	const bool *which;
	size_t until;
	uint8_t *verdicts; /* enum verdict of each entry */
	atomic_size_t next;
	atomic_ullong bytes;
	atomic_bool is_over; /* nobody takes another file */
	pthread_mutex_t lock;
	pthread_cond_t ended;
	int at_work;	     /* threads; under the lock, as what follows */
	struct error failed; /* of the first thread that did */
};

/* What one thread reads with. */
struct reader {
	struct reading *reading;
	struct tree tree;
	struct digest *digest;
	uint8_t *chunk;
};

/* ---- One file ---- */

/* -1 with errno set. */
static int digest_content(struct reader *reader, int fd, uint64_t size, struct sha256 *ret_found)
{
	struct reading *reading = reader->reading;
	uint64_t at = 0;

	while (at < size) {
		ssize_t got = pread(fd, reader->chunk, size - at < CHUNK ? (size_t)(size - at) : CHUNK, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break; /* it was cut meanwhile: its digest is another one */
		digest_update(reader->digest, reader->chunk, (size_t)got);
		at += (uint64_t)got;
		(void)atomic_fetch_add(&reading->bytes, (unsigned long long)got);
		if (atomic_load(&reading->is_over))
			break;
	}
	digest_finish(reader->digest, ret_found->bytes);
	return 0;
}

static int open_unseen(struct reader *reader, const char *path, struct error *err)
{
	int fd = tree_open_file(&reader->tree, path, O_RDONLY | O_NOATIME, NULL, NULL, err);

	return fd < 0 && err->sys == EPERM ? tree_open_file(&reader->tree, path, O_RDONLY, NULL, NULL, err) : fd;
}

/* Bytes that the disk does not give back are no content of the release either. */
static enum verdict read_file(struct reader *reader, const struct release_file *file, struct error *err)
{
	AUTO(fd) int fd = -1;
	struct error why = {0};
	struct sha256 found;
	int sys = 0;

	if ((fd = open_unseen(reader, file->path, &why)) < 0)
		return why.code == ERROR_NOT_FOUND || why.sys == ENOTDIR ? REMOVED
		       : why.sys == EACCES				 ? CLOSED
		       : why.code == ERROR_DAMAGED || why.sys == EIO	 ? CHANGED
									 : (*err = why, UNREAD);
	if (digest_content(reader, fd, file->size, &found) < 0)
		sys = errno;
	if (reader->reading->inspect->options.is_quiet)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (sys && sys != EIO)
		return (void)error_system(err, sys, "cannot read '%s'", file->path), UNREAD;
	return !sys && sha256_equal(&found, &file->sha256) ? SOUND : CHANGED;
}

/* ---- One thread ---- */

static bool is_asked_for(const struct reading *reading, size_t index)
{
	const struct inspect *inspect = reading->inspect;

	return inspect->options.release->files[index].type == RELEASE_FILE &&
	       inspect->prints[index] != GLANCE_UNKNOWN && (!reading->which || reading->which[index]);
}

static int read_files(struct reader *reader, struct error *err)
{
	struct reading *reading = reader->reading;
	size_t index;

	while (!atomic_load(&reading->is_over) && (index = atomic_fetch_add(&reading->next, 1)) < reading->until) {
		enum verdict verdict;

		if (!is_asked_for(reading, index))
			continue;
		verdict = read_file(reader, &reading->inspect->options.release->files[index], err);
		if (verdict == UNREAD)
			return -1;
		if (!atomic_load(&reading->is_over)) /* cut short, it says nothing */
			reading->verdicts[index] = (uint8_t)verdict;
	}
	return 0;
}

static void *work(void *context)
{
	struct reading *reading = context;
	struct reader reader = {.reading = reading, .chunk = malloc(CHUNK)};
	struct error err = {0};
	int ret = -1;

	if (reading->inspect->options.is_quiet)
		platform_rest_from_disk();
	tree_init(&reader.tree, reading->inspect->options.fs, reading->inspect->options.folder_fd);
	if (!reader.chunk)
		(void)error_set(&err, ERROR_FAILED, "no memory to read files");
	else if ((reader.digest = digest_new(DIGEST_SHA256, &err)))
		ret = read_files(&reader, &err);
	digest_free(reader.digest);
	free(reader.chunk);
	tree_clear(&reader.tree);
	(void)pthread_mutex_lock(&reading->lock);
	if (ret < 0 && !reading->failed.code)
		reading->failed = err;
	if (ret < 0)
		atomic_store(&reading->is_over, true);
	reading->at_work--;
	(void)pthread_cond_signal(&reading->ended);
	(void)pthread_mutex_unlock(&reading->lock);
	return NULL;
}

/* ---- All of them ---- */

static int threads_wanted(const struct inspect *inspect)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (inspect->options.is_quiet || processors < 1)
		return 1;
	return processors > THREADS_MOST ? THREADS_MOST : (int)processors;
}

/* Tells how far it is until all threads have ended; -1 where somebody wants it to end. */
static int watch(struct reading *reading, struct error *err)
{
	const struct inspect_options *options = &reading->inspect->options;
	int ret = 0;

	(void)pthread_mutex_lock(&reading->lock);
	while (reading->at_work > 0) {
		struct timespec until;

		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += TELL_EVERY_NS;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		(void)pthread_cond_timedwait(&reading->ended, &reading->lock, &until);
		(void)pthread_mutex_unlock(&reading->lock);
		if (ret == 0 && options->went_on &&
			options->went_on(options->context,
				reading->inspect->bytes_read + atomic_load(&reading->bytes), err) < 0) {
			atomic_store(&reading->is_over, true);
			ret = -1;
		}
		(void)pthread_mutex_lock(&reading->lock);
	}
	(void)pthread_mutex_unlock(&reading->lock);
	return ret;
}

static int run(struct reading *reading, struct error *err)
{
	pthread_t threads[THREADS_MOST];
	int wanted = threads_wanted(reading->inspect), started = 0, sys = 0, ret;

	for (; started < wanted && sys == 0; started += sys == 0) {
		(void)pthread_mutex_lock(&reading->lock);
		reading->at_work++;
		(void)pthread_mutex_unlock(&reading->lock);
		if ((sys = pthread_create(&threads[started], NULL, work, reading)) == 0)
			continue;
		(void)pthread_mutex_lock(&reading->lock);
		reading->at_work--;
		(void)pthread_mutex_unlock(&reading->lock);
	}
	ret = watch(reading, err);
	for (int i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	if (started == 0)
		return error_system(err, sys, "cannot start a thread that reads files");
	if (ret == 0 && reading->failed.code) {
		*err = reading->failed;
		return -1;
	}
	return ret;
}

/* Tells what was found, in the order of the release. */
static int conclude(struct reading *reading, size_t from, struct error *err)
{
	struct inspect *inspect = reading->inspect;
	const struct inspect_options *options = &inspect->options;

	for (size_t i = from; i < reading->until; i++) {
		const struct release_file *file = &options->release->files[i];
		enum verdict verdict = (enum verdict)reading->verdicts[i];

		inspect->files_read += verdict == SOUND || verdict == CHANGED;
		inspect->sound[i] |= verdict == SOUND && !inspect->wrong[i];
		if ((verdict == CHANGED || verdict == REMOVED) &&
			options->found(options->context, verdict == CHANGED ? INSPECT_CHANGED : INSPECT_REMOVED,
				file->path, err) < 0)
			return -1;
	}
	return 0;
}

/* The entry behind the last that is read. */
static size_t find_end(const struct reading *reading, size_t from, uint64_t most_bytes)
{
	const struct release *release = reading->inspect->options.release;
	uint64_t bytes = 0;
	size_t i;

	for (i = from; i < release->files_count; i++) {
		if (!is_asked_for(reading, i))
			continue;
		if (bytes && release->files[i].size > most_bytes - bytes)
			break;
		bytes += release->files[i].size;
		if (bytes >= most_bytes)
			return i + 1;
	}
	return i;
}

int inspect_read(struct inspect *inspect, const bool *which, size_t from, uint64_t most_bytes, size_t *ret_next,
	struct error *err)
{
	AUTO(free) uint8_t *verdicts = calloc(inspect->options.release->files_count + 1, 1);
	struct reading reading = {.inspect = inspect,
		.which = which,
		.verdicts = verdicts,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.ended = PTHREAD_COND_INITIALIZER};
	int ret;

	if (!verdicts)
		return error_set(err, ERROR_FAILED, "no memory to read files");
	reading.until = find_end(&reading, from, most_bytes);
	atomic_init(&reading.next, from);
	ret = run(&reading, err);
	inspect->bytes_read += atomic_load(&reading.bytes);
	*ret_next = reading.until;
	return ret < 0 ? -1 : conclude(&reading, from, err);
}
