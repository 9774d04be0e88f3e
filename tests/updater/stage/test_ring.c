/* The queue between two threads: who waits for whom, and what becomes of a side that gives up. */
#include "updater/stage/ring.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/support/test.h"

#define SLOTS 3
#define SIZE 64

static struct ring *new_ring(size_t count)
{
	struct ring *ring = NULL;
	struct error err = {0};

	assert_ok(ring_new(count, SIZE, &ring, &err), &err);
	return ring;
}

static void fill(struct ring *ring, size_t frame)
{
	struct ring_slot *slot = ring_to_fill(ring);

	assert_non_null(slot);
	slot->frame = frame;
	slot->len = frame % SIZE;
	memset(slot->data, (int)frame, slot->len);
	ring_filled(ring);
}

static void empty(struct ring *ring, size_t expected_frame)
{
	struct ring_slot *slot = ring_to_empty(ring);

	assert_non_null(slot);
	assert_int_equal(slot->frame, expected_frame);
	assert_int_equal(slot->len, expected_frame % SIZE);
	for (size_t i = 0; i < slot->len; i++)
		assert_int_equal(slot->data[i], (uint8_t)expected_frame);
	ring_emptied(ring);
}

/* ---- One thread ---- */

TEST_CASE(test_hands_over_in_order_and_uses_its_buffers_again)
{
	AUTO(ring) struct ring *ring = new_ring(SLOTS);

	for (size_t frame = 0; frame < 10; frame++) {
		fill(ring, 2 * frame);
		fill(ring, 2 * frame + 1);
		empty(ring, 2 * frame);
		empty(ring, 2 * frame + 1);
	}
}

TEST_CASE(test_gives_the_same_buffer_until_it_is_handed_on)
{
	AUTO(ring) struct ring *ring = new_ring(SLOTS);
	struct ring_slot *slot = ring_to_fill(ring);

	assert_ptr_equal(ring_to_fill(ring), slot);
	ring_filled(ring);
	assert_ptr_not_equal(ring_to_fill(ring), slot);
	assert_ptr_equal(ring_to_empty(ring), slot);
	assert_ptr_equal(ring_to_empty(ring), slot);
}

TEST_CASE(test_what_is_there_at_the_end_is_still_emptied)
{
	AUTO(ring) struct ring *ring = new_ring(SLOTS);

	fill(ring, 1);
	fill(ring, 2);
	ring_end(ring);
	empty(ring, 1);
	empty(ring, 2);
	assert_null(ring_to_empty(ring));
	assert_null(ring_to_empty(ring));
}

TEST_CASE(test_nothing_passes_once_a_side_has_given_up)
{
	AUTO(ring) struct ring *ring = new_ring(SLOTS);

	fill(ring, 1);
	ring_break(ring);
	assert_null(ring_to_empty(ring));
	assert_null(ring_to_fill(ring));
	ring_end(ring);
	assert_null(ring_to_empty(ring));
}

TEST_CASE(test_has_no_more_buffers_than_it_may)
{
	AUTO(ring) struct ring *ring = new_ring(1000);
	struct ring_slot *first = ring_to_fill(ring);

	for (size_t frame = 0; frame < 8; frame++)
		fill(ring, frame);
	assert_ptr_equal(ring_to_empty(ring), first);
	empty(ring, 0);
	assert_ptr_equal(ring_to_fill(ring), first);
}

/* ---- Two threads ---- */

/* The other side, which asks for one buffer. */
struct other {
	pthread_t thread;
	struct ring *ring;
	struct ring_slot *(*ask)(struct ring *ring);
	struct ring_slot *got;
	atomic_int tid; /* 0: it has not begun */
	atomic_bool done;
};

static void *ask_once(void *context)
{
	struct other *other = context;

	atomic_store(&other->tid, (int)gettid());
	other->got = other->ask(other->ring);
	atomic_store(&other->done, true);
	return NULL;
}

static char state_of_thread(int tid)
{
	AUTO(file) FILE *stat = NULL;
	char path[64], state;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	if (!(stat = fopen(path, "re")) || fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
		return '?';
	return state;
}

/* Starts it; on return it waits in the ring. The test fails where it does not wait. */
static void start_and_let_wait(struct other *other, struct ring *ring, struct ring_slot *(*ask)(struct ring *ring))
{
	*other = (struct other){.ring = ring, .ask = ask};
	assert_int_equal(pthread_create(&other->thread, NULL, ask_once, other), 0);
	while (!atomic_load(&other->done) &&
		(!atomic_load(&other->tid) || state_of_thread(atomic_load(&other->tid)) != 'S'))
		(void)sched_yield();
	assert_false(atomic_load(&other->done));
}

static struct ring_slot *answer_of(struct other *other)
{
	assert_int_equal(pthread_join(other->thread, NULL), 0);
	return other->got;
}

TEST_CASE(test_who_fills_a_full_ring_waits_for_a_buffer)
{
	AUTO(ring) struct ring *ring = new_ring(SLOTS);
	struct ring_slot *first = ring_to_fill(ring);
	struct other other;

	for (size_t frame = 0; frame < SLOTS; frame++)
		fill(ring, frame);
	start_and_let_wait(&other, ring, ring_to_fill);
	empty(ring, 0);
	assert_ptr_equal(answer_of(&other), first);
}

TEST_CASE(test_who_empties_an_empty_ring_waits_for_a_frame)
{
	AUTO(ring) struct ring *ring = new_ring(SLOTS);
	struct other other;

	start_and_let_wait(&other, ring, ring_to_empty);
	fill(ring, 7);
	assert_non_null(answer_of(&other));
	assert_int_equal(other.got->frame, 7);
}

TEST_CASE(test_the_end_wakes_who_waits_for_a_frame)
{
	AUTO(ring) struct ring *ring = new_ring(SLOTS);
	struct other other;

	start_and_let_wait(&other, ring, ring_to_empty);
	ring_end(ring);
	assert_null(answer_of(&other));
}

TEST_CASE(test_a_side_that_gives_up_wakes_the_other)
{
	AUTO(ring) struct ring *empty_ring = new_ring(SLOTS);
	AUTO(ring) struct ring *full = new_ring(1);
	struct other other;

	start_and_let_wait(&other, empty_ring, ring_to_empty);
	ring_break(empty_ring);
	assert_null(answer_of(&other));
	fill(full, 1);
	start_and_let_wait(&other, full, ring_to_fill);
	ring_break(full);
	assert_null(answer_of(&other));
}

#define MANY 20000

static void *fill_many(void *context)
{
	struct ring *ring = context;

	for (size_t frame = 0; frame < MANY; frame++) {
		struct ring_slot *slot = ring_to_fill(ring);

		slot->frame = frame;
		slot->len = frame % SIZE;
		memset(slot->data, (int)frame, slot->len);
		ring_filled(ring);
	}
	ring_end(ring);
	return NULL;
}

TEST_CASE(test_two_threads_pass_many_frames_whole_and_in_order)
{
	AUTO(ring) struct ring *ring = new_ring(SLOTS);
	pthread_t filling;

	assert_int_equal(pthread_create(&filling, NULL, fill_many, ring), 0);
	for (size_t frame = 0; frame < MANY; frame++)
		empty(ring, frame);
	assert_null(ring_to_empty(ring));
	assert_int_equal(pthread_join(filling, NULL), 0);
}

TESTS(NULL, NULL)
