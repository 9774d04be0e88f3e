#include "updater/stage/frames.h"

#include <inttypes.h>
#include <string.h>

#include "updater/stage/partial.h"

static const struct release_frame *current(const struct frames *frames)
{
	return &frames->needs->release->frames[frames->frame];
}

static int take_slot(struct frames *frames, struct error *err)
{
	if (frames->slot)
		return 0;
	if (!(frames->slot = pipeline_buffer(frames->pipeline)))
		return error_set(err, ERROR_FAILED, "unpacking has failed");
	frames->slot->frame = frames->frame;
	frames->slot->len = 0;
	frames->from_rest = false;
	return 0;
}

/* The frame is whole: its digest is checked before anything looks inside. */
static int end_frame(struct frames *frames, struct error *err)
{
	struct sha256 found;

	sha256_of(frames->slot->data, frames->slot->len, &found);
	if (!sha256_equal(&found, &current(frames)->sha256)) {
		frames->rest_was_wrong = frames->from_rest;
		frames->slot->len = 0;
		return error_set(err, ERROR_REFUSED,
			"arbitrary software attack: frame %zu of the payload is not what the release says",
			frames->frame);
	}
	frames->slot = NULL;
	pipeline_push(frames->pipeline);
	frames->frame++;
	return frames->arrived(frames->context, frames->wire_bytes, err);
}

static int take_bytes(void *context, const void *data, size_t len, struct error *err)
{
	struct frames *frames = context;
	const uint8_t *rest = data;

	transport_begins_add(&frames->begins, data, len);
	while (len) {
		size_t part;

		if (frames->frame >= frames->needs->release->frames_count || !frames->needs->frames[frames->frame])
			return error_set(err, ERROR_REFUSED,
				"endless data attack: the server sent more of the payload than was asked for");
		if (take_slot(frames, err) < 0)
			return -1;
		part = (size_t)current(frames)->length - frames->slot->len;
		part = part < len ? part : len;
		memcpy(frames->slot->data + frames->slot->len, rest, part);
		frames->slot->len += part;
		frames->wire_bytes += part;
		rest += part;
		len -= part;
		if (frames->slot->len == current(frames)->length && end_frame(frames, err) < 0)
			return -1;
	}
	return 0;
}

/* What a cut left of the frame at which a run begins. */
static int take_up_rest(struct frames *frames, struct error *err)
{
	if (take_slot(frames, err) < 0)
		return -1;
	frames->slot->len = partial_take_rest(frames->env->fs, frames->cache_dir_fd, frames->folder, frames->frame,
		frames->slot->data, (size_t)current(frames)->length);
	if (frames->slot->len == current(frames)->length)
		frames->slot->len--; /* a byte is asked for, so that the frame ends like any other */
	frames->from_rest = frames->slot->len > 0;
	return 0;
}

/* A frame that is none, since something else answers, is no attack. */
static int blame_stranger(const struct frames *frames, struct error *err)
{
	if (err->code != ERROR_REFUSED || frames->begins.len == 0 ||
		!transport_is_strange(frames->begins.bytes, frames->begins.len))
		return -1;
	err->code = ERROR_STRANGER;
	return error_context(err, "something else came in place of the payload");
}

/* One request from where the current frame stands to the end of its run. */
static int fetch_run(struct frames *frames, size_t run_end, struct error *err)
{
	const struct release *release = frames->needs->release;
	const struct release_frame *last = &release->frames[run_end - 1];
	uint64_t begin = current(frames)->offset + (frames->slot ? frames->slot->len : 0);
	uint64_t length = last->offset + last->length - begin;
	bool whole = begin == 0 && length == release->payload_length; /* needs no server that can serve parts */
	struct transport_request request = {
		.url = frames->url, .offset = begin, .length = whole ? 0 : length, .limit = length};
	struct transport *transport = frames->env->transport;
	struct transport_reply reply = {0};

	frames->begins.len = 0;
	if (transport->ask(transport, &request, take_bytes, frames, &reply, err) < 0)
		return blame_stranger(frames, err);
	if (frames->frame < run_end && transport_is_strange(frames->begins.bytes, frames->begins.len))
		return error_set(err, ERROR_STRANGER, "something else came in place of the payload");
	if (frames->frame < run_end)
		return error_set(err, ERROR_ALTERED,
			"the server's payload ends too early: %" PRIu64 " of %" PRIu64 " bytes came", reply.bytes,
			length);
	return 0;
}

static int fetch_run_with_rest(struct frames *frames, size_t run_end, struct error *err)
{
	if (take_up_rest(frames, err) < 0)
		return -1;
	if (fetch_run(frames, run_end, err) == 0)
		return 0;
	if (!frames->rest_was_wrong)
		return -1;
	/* The beginning that waited in the cache was spoilt: this frame once more, whole. */
	frames->rest_was_wrong = false;
	frames->from_rest = false;
	return fetch_run(frames, run_end, err);
}

int frames_fetch(struct frames *frames, struct error *err)
{
	const struct release *release = frames->needs->release;

	for (frames->frame = 0; frames->frame < release->frames_count;) {
		size_t run_end = frames->frame;

		while (run_end < release->frames_count && frames->needs->frames[run_end])
			run_end++;
		if (run_end == frames->frame)
			frames->frame++;
		else if (fetch_run_with_rest(frames, run_end, err) < 0)
			return -1;
	}
	return 0;
}

void frames_keep_rest(struct frames *frames)
{
	if (frames->slot && frames->slot->len)
		partial_keep_rest(frames->env->fs, frames->cache_dir_fd, frames->folder, frames->frame,
			frames->slot->data, frames->slot->len);
}
