/* Fetches the frames that are needed: each run of neighbours in one request, cut into frames as they stream in, each
 * frame's digest checked before anything reads it. */
#ifndef UPDATER_STAGE_FRAMES_H
#define UPDATER_STAGE_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/env.h"
#include "common/error.h"
#include "updater/stage/pipeline.h"
#include "updater/tree/needs.h"

struct frames {
	const struct env *env; /* borrowed, as all below */
	const struct needs *needs;
	struct pipeline *pipeline;
	const char *url;
	int cache_dir_fd;   /* where the beginning of a frame waits after a cut */
	const char *folder; /* its name there */
	/* Called after each frame with the bytes that came in all; -1 ends it. */
	int (*arrived)(void *context, uint64_t wire_bytes, struct error *err);
	void *context;

	size_t frame;		/* which is coming in */
	struct ring_slot *slot; /* what came of it; NULL before its first byte */
	bool from_rest;		/* its beginning is from before a cut */
	bool rest_was_wrong;
	struct transport_begins begins; /* of the answer that is coming in */
	uint64_t wire_bytes; /* came in all */
};

/* ERROR_REFUSED where a frame is not what the release says; ERROR_ALTERED where the body is shorter than asked; ERROR_STRANGER where
 * it is a page, or nothing at all;
 * whatever the transport or ARRIVED said. Where the pipeline failed, its error is the true one. */
WARN_UNUSED int frames_fetch(struct frames *frames, struct error *err);

/* After a failure, once the pipeline has ended: keeps the beginning of the frame that was coming in. */
void frames_keep_rest(struct frames *frames);

#endif
