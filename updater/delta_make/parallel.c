#include "updater/delta_make/parallel.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#define THREADS_MOST 64

struct run {
	const struct parallel *parallel;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t next;
	size_t count;
	uint64_t memory; /* taken by what is at work */
	bool failed;
	struct error error;
};

static uint64_t memory_of(const struct run *run, size_t index)
{
	return run->parallel->memory_of ? run->parallel->memory_of(run->parallel->context, index) : 0;
}

/* The next thing, once there is memory for it; false where none is left. */
static bool take(struct run *run, size_t *ret_index, uint64_t *ret_memory)
{
	bool taken = false;

	(void)pthread_mutex_lock(&run->lock);
	while (!taken && !run->failed && run->next < run->count) {
		*ret_memory = memory_of(run, run->next);
		taken = run->memory == 0 || run->memory + *ret_memory <= run->parallel->memory;
		if (!taken)
			(void)pthread_cond_wait(&run->changed, &run->lock);
	}
	if (taken) {
		*ret_index = run->next++;
		run->memory += *ret_memory;
	}
	(void)pthread_mutex_unlock(&run->lock);
	return taken;
}

static void give_back(struct run *run, uint64_t memory, int result, const struct error *reason)
{
	(void)pthread_mutex_lock(&run->lock);
	run->memory -= memory;
	if (result < 0 && !run->failed) {
		run->failed = true;
		run->error = *reason;
	}
	(void)pthread_cond_broadcast(&run->changed);
	(void)pthread_mutex_unlock(&run->lock);
}

static void *work(void *context)
{
	struct run *run = context;
	uint64_t memory;
	size_t index;

	while (take(run, &index, &memory)) {
		struct error reason = {0};
		int result = run->parallel->work(run->parallel->context, index, &reason);

		give_back(run, memory, result, &reason);
	}
	return NULL;
}

static size_t threads_of(const struct parallel *parallel, size_t count)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t threads = parallel->threads ? parallel->threads : processors > 0 ? (size_t)processors : 1;

	threads = threads < THREADS_MOST ? threads : THREADS_MOST;
	return threads < count ? threads : count;
}

int parallel_run(const struct parallel *parallel, size_t count, struct error *err)
{
	struct run run = {.parallel = parallel, .count = count};
	size_t threads = threads_of(parallel, count), started = 0;
	pthread_t others[THREADS_MOST];

	(void)pthread_mutex_init(&run.lock, NULL);
	(void)pthread_cond_init(&run.changed, NULL);
	/* Where a thread cannot be started the others do its work. */
	while (started + 1 < threads && pthread_create(&others[started], NULL, work, &run) == 0)
		started++;
	(void)work(&run);
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(others[i], NULL);
	(void)pthread_cond_destroy(&run.changed);
	(void)pthread_mutex_destroy(&run.lock);
	if (!run.failed)
		return 0;
	if (err)
		*err = run.error;
	return -1;
}
