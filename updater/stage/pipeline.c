#include "updater/stage/pipeline.h"

#include <pthread.h>
#include <string.h>

#include <zstd.h>

#include "common/platform.h"
#include "updater/stage/entries.h"

/* What each of the two queues may hold, and the most buffers worth having. A frame larger than that gets one buffer.
 */
#define QUEUE_BYTES (9u << 20)
#define QUEUE_SLOTS 3

struct worker {
	pthread_t thread;
	bool running;
	bool failed;
	struct error error;
};

struct pipeline {
	struct unpack *unpack;
	const struct release *release;
	struct ring *frames; /* compressed */
	struct ring *tars;   /* decompressed */
	struct worker decompress;
	struct worker write;
};

static size_t slots_for(size_t size)
{
	size_t fit = size ? QUEUE_BYTES / size : QUEUE_SLOTS;

	return fit < 1 ? 1 : fit > QUEUE_SLOTS ? QUEUE_SLOTS : fit;
}

/* One frame into exactly the bytes the release says: no window beyond them, no more output than them. */
static int decompress_frame(ZSTD_DCtx *zstd, const struct release_frame *frame, const struct ring_slot *in,
	struct ring_slot *out, struct error *err)
{
	size_t len = ZSTD_decompressDCtx(zstd, out->data, (size_t)frame->tar_length, in->data, in->len);

	if (ZSTD_isError(len))
		return error_set(
			err, ERROR_REFUSED, "frame %zu of the payload: %s", in->frame, ZSTD_getErrorName(len));
	if (len != frame->tar_length)
		return error_set(err, ERROR_REFUSED, "frame %zu of the payload unpacks to %zu bytes instead of %zu",
			in->frame, len, (size_t)frame->tar_length);
	out->frame = in->frame;
	out->len = len;
	return 0;
}

static int decompress_all(struct pipeline *pipeline, struct error *err)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	struct ring_slot *in, *out;
	int result = 0;

	if (!zstd)
		return error_set(err, ERROR_FAILED, "no memory to decompress");
	while (result == 0 && (in = ring_to_empty(pipeline->frames)) && (out = ring_to_fill(pipeline->tars))) {
		if ((result = decompress_frame(zstd, &pipeline->release->frames[in->frame], in, out, err)) == 0)
			ring_filled(pipeline->tars);
		ring_emptied(pipeline->frames);
	}
	(void)ZSTD_freeDCtx(zstd);
	return result;
}

static void *run_decompress(void *context)
{
	struct pipeline *pipeline = context;

	if (decompress_all(pipeline, &pipeline->decompress.error) < 0)
		pipeline->decompress.failed = true;
	ring_break(pipeline->frames); /* nobody empties it any more */
	ring_end(pipeline->tars);
	return NULL;
}

static int write_all(struct pipeline *pipeline, struct error *err)
{
	struct unpack *unpack = pipeline->unpack;
	struct ring_slot *in;

	if (platform_confine_thread(unpack->tree->root_fd, err) < 0 ||
		entries_make(unpack->tree, unpack->needs, err) < 0)
		return -1;
	while ((in = ring_to_empty(pipeline->tars))) {
		if (unpack_frame(unpack, in->frame, in->data, err) < 0)
			return -1;
		ring_emptied(pipeline->tars);
	}
	return 0;
}

static void *run_write(void *context)
{
	struct pipeline *pipeline = context;

	if (write_all(pipeline, &pipeline->write.error) < 0)
		pipeline->write.failed = true;
	ring_break(pipeline->tars);
	return NULL;
}

static int start(struct worker *worker, void *(*run)(void *), struct pipeline *pipeline, struct error *err)
{
	int sys = pthread_create(&worker->thread, NULL, run, pipeline);

	if (sys)
		return error_system(err, sys, "cannot start a thread");
	worker->running = true;
	return 0;
}

static void wait_for(struct worker *worker)
{
	if (worker->running)
		(void)pthread_join(worker->thread, NULL);
	worker->running = false;
}

int pipeline_begin(struct unpack *unpack, struct pipeline **ret_pipeline, struct error *err)
{
	AUTO(pipeline) struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
	const struct release *release = unpack->needs->release;
	size_t frame_most = 1, tar_most = 1;

	if (!pipeline)
		return error_set(err, ERROR_FAILED, "no memory to unpack");
	for (size_t k = 0; k < release->frames_count; k++) {
		frame_most = release->frames[k].length > frame_most ? (size_t)release->frames[k].length : frame_most;
		tar_most =
			release->frames[k].tar_length > tar_most ? (size_t)release->frames[k].tar_length : tar_most;
	}
	pipeline->unpack = unpack;
	pipeline->release = release;
	if (ring_new(slots_for(frame_most), frame_most, &pipeline->frames, err) < 0 ||
		ring_new(slots_for(tar_most), tar_most, &pipeline->tars, err) < 0 ||
		start(&pipeline->decompress, run_decompress, pipeline, err) < 0 ||
		start(&pipeline->write, run_write, pipeline, err) < 0)
		return -1;
	*ret_pipeline = take_ptr(&pipeline);
	return 0;
}

struct ring_slot *pipeline_buffer(struct pipeline *pipeline)
{
	return ring_to_fill(pipeline->frames);
}

void pipeline_push(struct pipeline *pipeline)
{
	ring_filled(pipeline->frames);
}

int pipeline_end(struct pipeline *pipeline, struct error *err)
{
	const struct worker *failed;

	ring_end(pipeline->frames);
	wait_for(&pipeline->decompress);
	wait_for(&pipeline->write);
	failed = pipeline->write.failed	       ? &pipeline->write
		 : pipeline->decompress.failed ? &pipeline->decompress
					       : NULL;
	if (!failed)
		return 0;
	if (err)
		*err = failed->error;
	return -1;
}

void pipeline_free(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	if (pipeline->frames)
		ring_break(pipeline->frames);
	if (pipeline->tars)
		ring_break(pipeline->tars);
	wait_for(&pipeline->decompress);
	wait_for(&pipeline->write);
	ring_free(pipeline->frames);
	ring_free(pipeline->tars);
	free(pipeline);
}
