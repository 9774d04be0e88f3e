#include "updater/stage/ring.h"

#include <pthread.h>
#include <stdbool.h>

#define SLOTS_MOST 8

struct ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct ring_slot slots[SLOTS_MOST];
	size_t count;
	size_t filled;	/* ever */
	size_t emptied; /* ever */
	bool ended;
	bool broken;
};

int ring_new(size_t count, size_t size, struct ring **ret_ring, struct error *err)
{
	AUTO(ring) struct ring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return error_set(err, ERROR_FAILED, "no memory for a queue");
	(void)pthread_mutex_init(&ring->lock, NULL);
	(void)pthread_cond_init(&ring->changed, NULL);
	ring->count = count < SLOTS_MOST ? count : SLOTS_MOST;
	for (size_t i = 0; i < ring->count; i++)
		if (!(ring->slots[i].data = malloc(size ? size : 1)))
			return error_set(err, ERROR_FAILED, "no memory for %zu buffers of %zu bytes", count, size);
	*ret_ring = take_ptr(&ring);
	return 0;
}

void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	for (size_t i = 0; i < ring->count; i++)
		free(ring->slots[i].data);
	(void)pthread_cond_destroy(&ring->changed);
	(void)pthread_mutex_destroy(&ring->lock);
	free(ring);
}

struct ring_slot *ring_to_fill(struct ring *ring)
{
	struct ring_slot *slot;

	(void)pthread_mutex_lock(&ring->lock);
	while (!ring->broken && ring->filled - ring->emptied == ring->count)
		(void)pthread_cond_wait(&ring->changed, &ring->lock);
	slot = ring->broken ? NULL : &ring->slots[ring->filled % ring->count];
	(void)pthread_mutex_unlock(&ring->lock);
	return slot;
}

struct ring_slot *ring_to_empty(struct ring *ring)
{
	struct ring_slot *slot;

	(void)pthread_mutex_lock(&ring->lock);
	while (!ring->broken && !ring->ended && ring->filled == ring->emptied)
		(void)pthread_cond_wait(&ring->changed, &ring->lock);
	slot = ring->broken || ring->filled == ring->emptied ? NULL : &ring->slots[ring->emptied % ring->count];
	(void)pthread_mutex_unlock(&ring->lock);
	return slot;
}

/* Adds 1 to *COUNTER (or sets *FLAG) and wakes the other side. */
static void change(struct ring *ring, size_t *counter, bool *flag)
{
	(void)pthread_mutex_lock(&ring->lock);
	if (counter)
		++*counter;
	if (flag)
		*flag = true;
	(void)pthread_cond_broadcast(&ring->changed);
	(void)pthread_mutex_unlock(&ring->lock);
}

void ring_filled(struct ring *ring)
{
	change(ring, &ring->filled, NULL);
}

void ring_emptied(struct ring *ring)
{
	change(ring, &ring->emptied, NULL);
}

void ring_end(struct ring *ring)
{
	change(ring, NULL, &ring->ended);
}

void ring_break(struct ring *ring)
{
	change(ring, NULL, &ring->broken);
}
