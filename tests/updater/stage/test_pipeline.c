/* From compressed frames to files over two threads: what a frame may not unpack to, and how a failure behind reaches the
 * one in front. */
#include "updater/stage/pipeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "tests/support/test.h"
#include "tests/updater/unpacking.h"

/* Hands on LEN bytes as the frame of that number; false where the pipeline takes no more. */
static bool push(struct pipeline *pipeline, size_t frame, const void *data, size_t len)
{
	struct ring_slot *slot = pipeline_buffer(pipeline);

	if (!slot)
		return false;
	slot->frame = frame;
	slot->len = len;
	memcpy(slot->data, data, len);
	pipeline_push(pipeline);
	return true;
}

static bool push_own(struct pipeline *pipeline, const struct unpacking *unpacking, size_t frame)
{
	const struct release_frame *own = &unpacking->release->frames[frame];

	return push(pipeline, frame, unpacking->payload.bytes.data + own->offset, own->length);
}

static struct pipeline *begin(struct unpacking *unpacking)
{
	struct pipeline *pipeline = NULL;

	unpacking_begin(unpacking);
	assert_ok(pipeline_begin(&unpacking->unpack, &pipeline, &unpacking->err), &unpacking->err);
	return pipeline;
}

TEST_CASE(test_everything_handed_on_is_on_its_files_at_the_end)
{
	struct unpacking *unpacking = *state;
	AUTO(pipeline) struct pipeline *pipeline = begin(unpacking);

	for (size_t k = 0; k < unpacking->release->frames_count; k++)
		assert_true(push_own(pipeline, unpacking, k));
	assert_ok(pipeline_end(pipeline, &unpacking->err), &unpacking->err);
	unpacking_assert_file(unpacking, UNPACKING_READER, UNPACKING_READER_SIZE);
	unpacking_assert_file(unpacking, UNPACKING_DATA, UNPACKING_DATA_SIZE);
	unpacking_assert_file(unpacking, UNPACKING_SMALL, 3);
}

/* A frame whose digest is right, since the vendor signed it, and whose content is not what the release says. */
static void check_refused(void **state, size_t content, int level, const char *says)
{
	struct unpacking *unpacking = *state;
	AUTO(pipeline) struct pipeline *pipeline = begin(unpacking);
	size_t bound = ZSTD_compressBound(content), len;
	uint8_t *plain = calloc(1, content + 1), *packed = malloc(bound);

	assert_true(plain && packed);
	len = ZSTD_compress(packed, bound, plain, content, level);
	assert_false(ZSTD_isError(len));
	assert_in_range(len, 1, unpacking->release->frames[0].length);
	(void)push(pipeline, 0, packed, len);
	assert_int_equal(pipeline_end(pipeline, &unpacking->err), -1);
	assert_error(&unpacking->err, ERROR_REFUSED, says);
	assert_false(unpacking_has(unpacking, "about"));
	free(plain);
	free(packed);
}

TEST_CASE(test_refuses_a_frame_that_unpacks_to_too_little)
{
	struct unpacking *unpacking = *state;

	check_refused(state, unpacking->release->frames[0].tar_length - 1, 3, "frame 0 of the payload unpacks to");
}

TEST_CASE(test_refuses_a_frame_that_unpacks_to_a_byte_too_much)
{
	struct unpacking *unpacking = *state;

	check_refused(state, unpacking->release->frames[0].tar_length + 1, 3, "frame 0 of the payload");
}

TEST_CASE(test_refuses_a_frame_that_would_fill_the_memory)
{
	check_refused(state, 100u << 20, 19, "frame 0 of the payload");
}

TEST_CASE(test_refuses_what_is_no_frame)
{
	struct unpacking *unpacking = *state;
	AUTO(pipeline) struct pipeline *pipeline = begin(unpacking);

	assert_true(push(pipeline, 0, "this is no frame", 16));
	assert_int_equal(pipeline_end(pipeline, &unpacking->err), -1);
	assert_error(&unpacking->err, ERROR_REFUSED, "frame 0 of the payload");
}

/* How many frames it takes before it takes no more; the queues bound it. */
static size_t push_until_refused(struct pipeline *pipeline, const struct unpacking *unpacking)
{
	size_t frame = 0;

	while (frame < unpacking->release->frames_count && push_own(pipeline, unpacking, frame))
		frame++;
	return frame;
}

TEST_CASE(test_a_disk_that_fails_stops_the_one_in_front)
{
	struct unpacking *unpacking = *state;
	AUTO(pipeline) struct pipeline *pipeline = NULL;

	unpacking->fail_at = 1;
	unpacking->fail_with = EIO;
	pipeline = begin(unpacking);
	assert_true(push_until_refused(pipeline, unpacking) < unpacking->release->frames_count);
	assert_null(pipeline_buffer(pipeline));
	assert_int_equal(pipeline_end(pipeline, &unpacking->err), -1);
	assert_int_equal(unpacking->err.sys, EIO);
}

/* Both fail: the disk's error is what counts, since what was not decompressed is only what came after. */
TEST_CASE(test_the_error_of_the_last_thread_is_told)
{
	struct unpacking *unpacking = *state;
	AUTO(pipeline) struct pipeline *pipeline = NULL;

	unpacking->fail_at = 1;
	unpacking->fail_with = ENOSPC;
	pipeline = begin(unpacking);
	(void)push_own(pipeline, unpacking, 0);
	(void)push(pipeline, 1, "this is no frame", 16);
	assert_int_equal(pipeline_end(pipeline, &unpacking->err), -1);
	assert_int_equal(unpacking->err.code, ERROR_NO_SPACE);
}

TEST_CASE(test_may_be_thrown_away_in_the_middle)
{
	struct unpacking *unpacking = *state;
	struct pipeline *pipeline = begin(unpacking);

	assert_true(push_own(pipeline, unpacking, 0));
	pipeline_free(pipeline); /* returns, and both threads with it */
	pipeline_free(NULL);
}

TESTS(unpacking_setup, unpacking_teardown)
