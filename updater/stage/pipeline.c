#include "updater/stage/pipeline.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "common/platform.h"
#include "updater/stage/entries.h"

/* What the queues before and behind decompression may hold, each kind together, and the most buffers worth having in
 * one. A frame larger than that gets one buffer. */
#define QUEUE_BYTES (9u << 20)
#define QUEUE_SLOTS 3
/* More processors are of no use: one thread writes. */
#define LANES_MOST 4

struct worker {
	pthread_t thread;
	bool running;
	bool failed;
	struct error error;
};

/* One of the threads that decompress. Frames go to them by turns, and what becomes of them is written by turns. */
struct lane {
	struct pipeline *pipeline;
	struct ring *frames; /* compressed */
	struct ring *tars;   /* decompressed */
	struct worker decompress;
};

struct pipeline {
	struct unpack *unpack;
	const struct release *release;
	struct lane lanes[LANES_MOST];
	size_t lanes_count;
	size_t pushed; /* frames */
	struct worker write;
};

static size_t slots_for(size_t size, size_t lanes)
{
	size_t fit = size ? QUEUE_BYTES / lanes / size : QUEUE_SLOTS;

	size_t most = QUEUE_SLOTS / lanes;

	fit = fit < most ? fit : most;
	return fit < 1 ? 1 : fit;
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

static int decompress_all(struct lane *lane, struct error *err)
{
	const struct release *release = lane->pipeline->release;
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	struct ring_slot *in, *out;
	int result = 0;

	if (!zstd)
		return error_set(err, ERROR_FAILED, "no memory to decompress");
	while (result == 0 && (in = ring_to_empty(lane->frames)) && (out = ring_to_fill(lane->tars))) {
		if ((result = decompress_frame(zstd, &release->frames[in->frame], in, out, err)) == 0)
			ring_filled(lane->tars);
		ring_emptied(lane->frames);
	}
	(void)ZSTD_freeDCtx(zstd);
	return result;
}

static void *run_decompress(void *context)
{
	struct lane *lane = context;

	if (decompress_all(lane, &lane->decompress.error) < 0)
		lane->decompress.failed = true;
	ring_break(lane->frames); /* nobody empties it any more */
	ring_end(lane->tars);
	return NULL;
}

static int write_all(struct pipeline *pipeline, struct error *err)
{
	struct unpack *unpack = pipeline->unpack;
	struct ring_slot *in;
	struct ring *tars;

	if (platform_confine_thread(unpack->tree->root_fd, err) < 0 ||
		entries_make(unpack->tree, unpack->needs, err) < 0)
		return -1;
	for (size_t turn = 0;; turn++) {
		tars = pipeline->lanes[turn % pipeline->lanes_count].tars;
		if (!(in = ring_to_empty(tars)))
			return 0; /* that lane has ended: no later frame is in another */
		if (unpack_frame(unpack, in->frame, in->data, err) < 0)
			return -1;
		ring_emptied(tars);
	}
}

static void *run_write(void *context)
{
	struct pipeline *pipeline = context;

	if (write_all(pipeline, &pipeline->write.error) < 0)
		pipeline->write.failed = true;
	for (size_t i = 0; i < pipeline->lanes_count; i++) { /* nobody wants more of it */
		ring_break(pipeline->lanes[i].tars);
		ring_break(pipeline->lanes[i].frames);
	}
	return NULL;
}

static int start(struct worker *worker, void *(*run)(void *), void *context, struct error *err)
{
	int sys = pthread_create(&worker->thread, NULL, run, context);

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

static size_t count_lanes(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors < 1 ? 1 : processors > LANES_MOST ? LANES_MOST : (size_t)processors;
}

static int open_lanes(struct pipeline *pipeline, struct error *err)
{
	const struct release *release = pipeline->release;
	size_t frame_most = 1, tar_most = 1;

	for (size_t k = 0; k < release->frames_count; k++) {
		frame_most = release->frames[k].length > frame_most ? (size_t)release->frames[k].length : frame_most;
		tar_most =
			release->frames[k].tar_length > tar_most ? (size_t)release->frames[k].tar_length : tar_most;
	}
	pipeline->lanes_count = count_lanes();
	for (size_t i = 0; i < pipeline->lanes_count; i++) {
		struct lane *lane = &pipeline->lanes[i];

		lane->pipeline = pipeline;
		if (ring_new(slots_for(frame_most, pipeline->lanes_count), frame_most, &lane->frames, err) < 0 ||
			ring_new(slots_for(tar_most, pipeline->lanes_count), tar_most, &lane->tars, err) < 0)
			return -1;
	}
	return 0;
}

int pipeline_begin(struct unpack *unpack, struct pipeline **ret_pipeline, struct error *err)
{
	AUTO(pipeline) struct pipeline *pipeline = calloc(1, sizeof(*pipeline));

	if (!pipeline)
		return error_set(err, ERROR_FAILED, "no memory to unpack");
	pipeline->unpack = unpack;
	pipeline->release = unpack->needs->release;
	if (open_lanes(pipeline, err) < 0)
		return -1;
	for (size_t i = 0; i < pipeline->lanes_count; i++)
		if (start(&pipeline->lanes[i].decompress, run_decompress, &pipeline->lanes[i], err) < 0)
			return -1;
	if (start(&pipeline->write, run_write, pipeline, err) < 0)
		return -1;
	*ret_pipeline = take_ptr(&pipeline);
	return 0;
}

static struct lane *next_lane(struct pipeline *pipeline)
{
	return &pipeline->lanes[pipeline->pushed % pipeline->lanes_count];
}

struct ring_slot *pipeline_buffer(struct pipeline *pipeline)
{
	return ring_to_fill(next_lane(pipeline)->frames);
}

void pipeline_push(struct pipeline *pipeline)
{
	ring_filled(next_lane(pipeline)->frames);
	pipeline->pushed++;
}

/* Whose error is the true one: the writer's, else the first lane's that failed. */
static const struct worker *find_failed(const struct pipeline *pipeline)
{
	if (pipeline->write.failed)
		return &pipeline->write;
	for (size_t i = 0; i < pipeline->lanes_count; i++)
		if (pipeline->lanes[i].decompress.failed)
			return &pipeline->lanes[i].decompress;
	return NULL;
}

int pipeline_end(struct pipeline *pipeline, struct error *err)
{
	const struct worker *failed;

	for (size_t i = 0; i < pipeline->lanes_count; i++)
		ring_end(pipeline->lanes[i].frames);
	for (size_t i = 0; i < pipeline->lanes_count; i++)
		wait_for(&pipeline->lanes[i].decompress);
	wait_for(&pipeline->write);
	if (!(failed = find_failed(pipeline)))
		return 0;
	if (err)
		*err = failed->error;
	return -1;
}

void pipeline_free(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	for (size_t i = 0; i < pipeline->lanes_count; i++) {
		if (pipeline->lanes[i].frames)
			ring_break(pipeline->lanes[i].frames);
		if (pipeline->lanes[i].tars)
			ring_break(pipeline->lanes[i].tars);
	}
	for (size_t i = 0; i < pipeline->lanes_count; i++)
		wait_for(&pipeline->lanes[i].decompress);
	wait_for(&pipeline->write);
	for (size_t i = 0; i < pipeline->lanes_count; i++) {
		ring_free(pipeline->lanes[i].frames);
		ring_free(pipeline->lanes[i].tars);
	}
	free(pipeline);
}
