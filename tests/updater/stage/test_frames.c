/* From a server's bytes to frames whose digests are right: by itself, with the pipeline behind it that takes them. */
#include "updater/stage/frames.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"
#include "tests/updater/unpacking.h"
#include "updater/stage/partial.h"

#define FOLDER "2.0.0-0badcafe"
#define REQUESTS_MOST 8

/* A server in this process; it counts what it is asked for. */
struct source {
	struct transport transport;
	const struct payload *payload;
	size_t piece;	   /* bytes at once */
	uint64_t most;	   /* of one answer, which then ends as if whole; 0: all that was asked for */
	uint64_t wrong_at; /* 1 + the offset of a byte that is another one; 0: none */
	size_t more;	   /* bytes behind what was asked for */
	struct {
		uint64_t offset, length;
	} asked[REQUESTS_MOST];
	size_t requests;
};

struct bench {
	struct unpacking *unpacking;
	struct source source;
	struct pipeline *pipeline;
	struct frames frames;
	size_t arrivals;
	size_t stop_at; /* the arrival that ends it; 0: none */
	struct error err;
};

static int answer(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *context, struct transport_reply *ret_reply, struct error *err)
{
	struct source *source = transport->context;
	const struct buf *bytes = &source->payload->bytes;
	uint64_t length = request->length ? request->length : bytes->len - request->offset;
	uint64_t most = source->most && source->most < length ? source->most : length + source->more;

	assert_true(source->requests < REQUESTS_MOST && request->offset + length <= bytes->len);
	source->asked[source->requests].offset = request->offset;
	source->asked[source->requests++].length = request->length;
	*ret_reply = (struct transport_reply){0};
	for (uint64_t at = 0, len; at < most; at += len) {
		char piece[65536] = "";

		len = most - at < source->piece ? most - at : source->piece;
		for (uint64_t i = 0; i < len; i++) {
			uint64_t from = request->offset + at + i;

			piece[i] = from < bytes->len ? bytes->data[from] : 'x';
			piece[i] ^= source->wrong_at && from == source->wrong_at - 1;
		}
		if (sink(context, piece, len, err) < 0)
			return -1;
		ret_reply->bytes += len;
	}
	return 0;
}

static int note_arrival(void *context, uint64_t wire_bytes, struct error *err)
{
	struct bench *bench = context;

	(void)wire_bytes;
	if (++bench->arrivals == bench->stop_at)
		return error_set(err, ERROR_STOPPED, "the window has ended");
	return 0;
}

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	void *unpacking = NULL;

	assert_non_null(bench);
	assert_int_equal(unpacking_setup(&unpacking), 0);
	bench->unpacking = unpacking;
	bench->source = (struct source){.payload = &bench->unpacking->payload, .piece = 1000};
	bench->source.transport = (struct transport){.ask = answer, .context = &bench->source};
	bench->unpacking->env.transport = &bench->source.transport;
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;
	void *unpacking = bench->unpacking;

	pipeline_free(bench->pipeline);
	(void)unpacking_teardown(&unpacking);
	free(bench);
	return 0;
}

static void begin(struct bench *bench)
{
	struct unpacking *unpacking = bench->unpacking;

	pipeline_free(take_ptr(&bench->pipeline));
	unpack_clear(&unpacking->unpack);
	unpacking_begin(unpacking);
	assert_ok(pipeline_begin(&unpacking->unpack, &bench->pipeline, &bench->err), &bench->err);
	bench->source.requests = 0;
	bench->err = (struct error){0};
	bench->frames = (struct frames){.env = &unpacking->env,
		.needs = &unpacking->needs,
		.pipeline = bench->pipeline,
		.url = "http://server/payload",
		.cache_dir_fd = unpacking->cache_fd,
		.folder = FOLDER,
		.arrived = note_arrival,
		.context = bench};
}

static int fetch(struct bench *bench)
{
	begin(bench);
	return frames_fetch(&bench->frames, &bench->err);
}

static void assert_complete(struct bench *bench)
{
	struct unpacking *unpacking = bench->unpacking;

	assert_ok(pipeline_end(bench->pipeline, &bench->err), &bench->err);
	for (size_t i = 0; i < unpacking->release->files_count; i++)
		if (unpacking->release->files[i].type == RELEASE_FILE)
			unpacking_assert_file(unpacking, i, unpacking->release->files[i].size);
}

static const struct release_frame *frame_at(const struct bench *bench, size_t frame)
{
	assert_true(frame < bench->unpacking->release->frames_count);
	return &bench->unpacking->release->frames[frame];
}

/* ---- What is asked for ---- */

TEST_CASE(test_asks_for_the_whole_where_the_whole_is_needed)
{
	struct bench *bench = *state;
	const struct release *release = bench->unpacking->release;

	assert_ok(fetch(bench), &bench->err);
	assert_int_equal(bench->source.requests, 1);
	assert_int_equal(bench->source.asked[0].offset, 0);
	assert_int_equal(bench->source.asked[0].length, 0); /* no part: a server that knows none will do */
	assert_int_equal(bench->arrivals, release->frames_count);
	assert_int_equal(bench->frames.wire_bytes, release->payload_length);
	assert_complete(bench);
}

TEST_CASE(test_cuts_frames_at_their_boundary_however_the_bytes_come)
{
	struct bench *bench = *state;
	const size_t pieces[] = {1, 7, frame_at(bench, 0)->length, frame_at(bench, 0)->length + 1, 65536};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		void *mine = bench, *fresh = NULL;

		(void)teardown(&mine);
		assert_int_equal(setup(&fresh), 0);
		*state = bench = fresh;
		bench->source.piece = pieces[i];
		assert_ok(fetch(bench), &bench->err);
		assert_int_equal(bench->arrivals, bench->unpacking->release->frames_count);
		assert_complete(bench);
	}
}

/* share/data is there: the frames before it and those behind it are two runs. */
TEST_CASE(test_asks_for_each_run_of_frames_that_is_needed_once)
{
	struct bench *bench = *state;
	const struct release *release = bench->unpacking->release;
	size_t run = 0;

	bench->unpacking->needs.files[UNPACKING_DATA].done = true;
	assert_ok(fetch(bench), &bench->err);
	assert_int_equal(bench->source.requests, 2);
	for (size_t k = 0; k < release->frames_count; run++) {
		uint64_t length = 0, offset;

		while (k < release->frames_count && !bench->unpacking->needs.frames[k])
			k++;
		if (k == release->frames_count)
			break;
		offset = release->frames[k].offset;
		while (k < release->frames_count && bench->unpacking->needs.frames[k])
			length += release->frames[k++].length;
		assert_int_equal(bench->source.asked[run].offset, offset);
		assert_int_equal(bench->source.asked[run].length, length);
	}
	assert_int_equal(run, 2);
}

TEST_CASE(test_asks_nobody_where_nothing_is_needed)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < bench->unpacking->release->files_count; i++)
		bench->unpacking->needs.files[i].done = true;
	assert_ok(fetch(bench), &bench->err);
	assert_int_equal(bench->source.requests, 0);
}

/* ---- What is refused ---- */

TEST_CASE(test_a_frame_with_a_wrong_digest_reaches_nobody)
{
	struct bench *bench = *state;

	bench->source.wrong_at = 1 + frame_at(bench, 2)->offset + 5;
	assert_int_equal(fetch(bench), -1);
	assert_error(&bench->err, ERROR_REFUSED, "frame 2 of the payload is not what the release says");
	assert_int_equal(bench->arrivals, 2); /* those before it did */
	assert_ok(pipeline_end(bench->pipeline, &bench->err), &bench->err);
	frames_keep_rest(&bench->frames); /* nothing of it is kept */
	assert_false(fs_exists(&bench->unpacking->fs, bench->unpacking->cache_fd, FOLDER ".rest"));
	assert_false(bench->unpacking->needs.files[UNPACKING_DATA].done);
}

TEST_CASE(test_refuses_a_body_that_goes_on_behind_what_was_asked_for)
{
	struct bench *bench = *state;

	bench->source.more = 1;
	assert_int_equal(fetch(bench), -1);
	assert_error(&bench->err, ERROR_REFUSED, "endless data attack");
}

TEST_CASE(test_a_body_that_ends_too_early_came_altered)
{
	struct bench *bench = *state;
	const uint64_t ends[] = {1, frame_at(bench, 1)->offset - 1, frame_at(bench, 1)->offset,
		bench->unpacking->release->payload_length - 1};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		void *mine = bench, *fresh = NULL;

		(void)teardown(&mine);
		assert_int_equal(setup(&fresh), 0);
		*state = bench = fresh;
		bench->source.most = ends[i];
		assert_int_equal(fetch(bench), -1);
		assert_error(&bench->err, ERROR_ALTERED, "ends too early");
		assert_int_equal(bench->frames.wire_bytes, ends[i]);
	}
}

TEST_CASE(test_ends_after_the_frame_at_which_it_is_told_to)
{
	struct bench *bench = *state;

	bench->stop_at = 3;
	assert_int_equal(fetch(bench), -1);
	assert_error(&bench->err, ERROR_STOPPED, "the window has ended");
	assert_int_equal(bench->arrivals, 3);
}

TEST_CASE(test_the_disks_error_is_told_and_no_more_is_fetched)
{
	struct bench *bench = *state;
	struct error why = {0};

	/* more than both queues and the thread between them can hold */
	assert_true(bench->unpacking->release->frames_count > 7);
	bench->unpacking->fail_at = 1;
	bench->unpacking->fail_with = ENOSPC;
	assert_int_equal(fetch(bench), -1);
	assert_error(&bench->err, ERROR_FAILED, "unpacking has failed");
	assert_int_equal(pipeline_end(bench->pipeline, &why), -1);
	assert_error(&why, ERROR_NO_SPACE, "'about'");
}

/* ---- After a cut ---- */

/* A transfer that ended LEN bytes into a frame, whose beginning is kept. */
static void cut_in_frame(struct bench *bench, size_t frame, uint64_t len)
{
	bench->source.most = frame_at(bench, frame)->offset + len;
	assert_int_equal(fetch(bench), -1);
	assert_ok(pipeline_end(bench->pipeline, &bench->err), &bench->err);
	frames_keep_rest(&bench->frames);
	bench->source.most = 0;
}

/* What the frames before the cut brought stays, as partial_take_up would find it. */
static int go_on(struct bench *bench)
{
	struct unpacking *unpacking = bench->unpacking;

	assert_ok(partial_take_up(&unpacking->tree, &unpacking->needs, &bench->err), &bench->err);
	return fetch(bench);
}

TEST_CASE(test_goes_on_at_the_byte_at_which_it_was_cut)
{
	struct bench *bench = *state;
	uint64_t cut_at = frame_at(bench, 2)->offset + 1234;

	cut_in_frame(bench, 2, 1234);
	assert_ok(go_on(bench), &bench->err);
	assert_int_equal(bench->source.requests, 1);
	assert_int_equal(bench->source.asked[0].offset, cut_at);
	assert_int_equal(bench->source.asked[0].length, bench->unpacking->release->payload_length - cut_at);
	assert_complete(bench);
}

TEST_CASE(test_goes_on_at_the_next_frame_where_it_was_cut_between_two)
{
	struct bench *bench = *state;

	cut_in_frame(bench, 2, 0);
	assert_false(fs_exists(&bench->unpacking->fs, bench->unpacking->cache_fd, FOLDER ".rest"));
	assert_ok(go_on(bench), &bench->err);
	assert_int_equal(bench->source.asked[0].offset, frame_at(bench, 2)->offset);
	assert_complete(bench);
}

static void keep(struct bench *bench, size_t frame, uint64_t from, size_t len, char change)
{
	struct unpacking *unpacking = bench->unpacking;
	char *bytes = malloc(len);

	assert_non_null(bytes);
	memcpy(bytes, unpacking->payload.bytes.data + from, len);
	bytes[0] ^= change;
	partial_keep_rest(&unpacking->fs, unpacking->cache_fd, FOLDER, frame, bytes, len);
	free(bytes);
}

TEST_CASE(test_a_frame_that_was_kept_whole_still_ends_with_a_byte_of_the_server)
{
	struct bench *bench = *state;

	keep(bench, 0, 0, frame_at(bench, 0)->length, 0);
	assert_ok(fetch(bench), &bench->err);
	assert_int_equal(bench->source.asked[0].offset, frame_at(bench, 0)->length - 1);
	assert_complete(bench);
}

TEST_CASE(test_a_spoilt_beginning_costs_its_frame_and_no_more)
{
	struct bench *bench = *state;

	keep(bench, 0, 0, 100, 1);
	assert_ok(fetch(bench), &bench->err);
	assert_int_equal(bench->source.requests, 2);
	assert_int_equal(bench->source.asked[0].offset, 100);
	assert_int_equal(bench->source.asked[1].offset, 0);
	assert_complete(bench);
}

TEST_CASE(test_a_beginning_that_was_right_does_not_excuse_a_wrong_end_twice)
{
	struct bench *bench = *state;

	keep(bench, 0, 0, 100, 0);
	bench->source.wrong_at = 1 + 200;
	assert_int_equal(fetch(bench), -1);
	assert_error(&bench->err, ERROR_REFUSED, "frame 0");
	assert_int_equal(bench->source.requests, 2);
}

TEST_CASE(test_the_beginning_of_another_frame_is_not_taken)
{
	struct bench *bench = *state;

	keep(bench, 1, frame_at(bench, 1)->offset, 100, 0);
	assert_ok(fetch(bench), &bench->err);
	assert_int_equal(bench->source.asked[0].offset, 0);
	assert_complete(bench);
}

/* ---- The table of frames ---- */

TEST_CASE(test_finds_the_frame_of_each_byte)
{
	struct bench *bench = *state;
	const struct release *release = bench->unpacking->release;

	for (size_t k = 0; k < release->frames_count; k++) {
		const struct release_frame *frame = &release->frames[k];

		assert_int_equal(needs_frame_at(release, frame->tar_offset), k);
		assert_int_equal(needs_frame_at(release, frame->tar_offset + frame->tar_length - 1), k);
	}
	assert_int_equal(needs_frame_at(release, UINT64_MAX), release->frames_count - 1);
}

TEST_CASE(test_counts_of_a_cut_file_what_ends_with_a_frame)
{
	struct bench *bench = *state;
	const struct needs *needs = &bench->unpacking->needs;
	const struct release_file *file = unpacking_file(bench->unpacking, UNPACKING_DATA);
	size_t second = needs_frame_at(needs->release, file->tar_offset) + 1;
	uint64_t first_bytes = frame_at(bench, second)->tar_offset - file->tar_offset;

	assert_int_equal(needs_whole_frames(needs, file, 0), 0);
	assert_int_equal(needs_whole_frames(needs, file, first_bytes - 1), 0);
	assert_int_equal(needs_whole_frames(needs, file, first_bytes), first_bytes);
	assert_int_equal(needs_whole_frames(needs, file, first_bytes + 1), first_bytes);
	assert_int_equal(needs_whole_frames(needs, file, file->size + 1), 0); /* it is another file */
}

TESTS(setup, teardown)
