/* A bounded queue of buffers between one thread that fills them and one that empties them. */
#ifndef UPDATER_STAGE_RING_H
#define UPDATER_STAGE_RING_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"

struct ring;

struct ring_slot {
	size_t frame;
	size_t len;
	uint8_t *data;
};

/* COUNT buffers of SIZE bytes each; COUNT is 1 to 8. */
WARN_UNUSED int ring_new(size_t count, size_t size, struct ring **ret_ring, struct error *err);
void ring_free(struct ring *ring);
DEFINE_AUTO_PTR(ring, struct ring, ring_free);

/* Waits for an empty buffer; NULL once the ring is broken. The same one is given until ring_filled. */
struct ring_slot *ring_to_fill(struct ring *ring);
void ring_filled(struct ring *ring);
/* No more will be filled; what is there is still emptied. */
void ring_end(struct ring *ring);

/* Waits for a full buffer; NULL when the last was emptied, or once the ring is broken. */
struct ring_slot *ring_to_empty(struct ring *ring);
void ring_emptied(struct ring *ring);

/* Either side gives up: the other gets NULL from now on. */
void ring_break(struct ring *ring);

#endif
