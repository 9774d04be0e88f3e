/* Work for many things on several threads: all of it, within the bound, and an end where one fails. */
#include "updater/delta_make/parallel.h"

#include <stdatomic.h>
#include <string.h>

#include "tests/support/test.h"

#define THINGS 200

struct work {
	atomic_int done[THINGS];
	atomic_uint_fast64_t taken;
	atomic_uint_fast64_t most; /* taken at once, ever; each thing takes as many bytes as its number */
	size_t fails_at;
};

static uint64_t memory_of(void *context, size_t index)
{
	(void)context;
	return index + 1;
}

static int do_one(void *context, size_t index, struct error *err)
{
	struct work *work = context;
	uint64_t taken = atomic_fetch_add(&work->taken, index + 1) + index + 1;

	if (taken > work->most)
		work->most = taken;
	atomic_fetch_add(&work->done[index], 1);
	atomic_fetch_sub(&work->taken, index + 1);
	return index == work->fails_at ? error_set(err, ERROR_INPUT, "thing %zu", index) : 0;
}

static struct parallel parallel_of(struct work *work, unsigned threads, uint64_t memory)
{
	return (struct parallel){
		.threads = threads, .memory_of = memory_of, .memory = memory, .work = do_one, .context = work};
}

TEST_CASE(test_everything_is_done_once_however_many_threads)
{
	for (unsigned threads = 0; threads < 70; threads += 7) {
		struct work work = {.fails_at = THINGS};
		struct parallel parallel = parallel_of(&work, threads, UINT64_MAX);
		struct error err;

		assert_ok(parallel_run(&parallel, THINGS, &err), &err);
		for (size_t i = 0; i < THINGS; i++)
			assert_int_equal(work.done[i], 1);
	}
}

/* One thing larger than the bound is alone: never is more taken than the bound or that one. */
TEST_CASE(test_no_more_memory_is_taken_than_the_bound_says)
{
	struct work work = {.fails_at = THINGS};
	struct parallel parallel = parallel_of(&work, 8, THINGS / 2);
	struct error err;

	assert_ok(parallel_run(&parallel, THINGS, &err), &err);
	assert_in_range(work.most, THINGS / 2, THINGS);
}

TEST_CASE(test_the_first_failure_ends_it)
{
	struct work work = {.fails_at = 20};
	struct parallel parallel = parallel_of(&work, 1, UINT64_MAX);
	struct error err;

	assert_int_equal(parallel_run(&parallel, THINGS, &err), -1);
	assert_error(&err, ERROR_INPUT, "thing 20");
	assert_int_equal(work.done[21], 0);
}

TEST_CASE(test_nothing_to_do_is_done)
{
	struct work work = {.fails_at = THINGS};
	struct parallel parallel = parallel_of(&work, 0, 1);
	struct error err;

	assert_ok(parallel_run(&parallel, 0, &err), &err);
}

TESTS(NULL, NULL)
