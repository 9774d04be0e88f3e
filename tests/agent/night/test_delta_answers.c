/* What comes in place of a delta: the frames bring the release all the same, in the same attempt, and nobody is alarmed. */
#include <stdio.h>
#include <stdlib.h>

#include "agent/status/status_collect.h"
#include "tests/agent/world.h"
#include "tests/support/payload.h"
#include "tests/support/test.h"

#define BIG 600000
#define DELTA ".delta"

static void add_release(struct world *world, const char *version, const uint8_t *big)
{
	static const char good[] = "#!/bin/sh\nexit 0\n";

	world_put(world, "face-library", version, "bin/self-test", good, strlen(good));
	world_put(world, "face-library", version, "big.bin", big, BIG);
	world_pack(world, "face-library", version, "--self-test=bin/self-test");
	if (*version == '2')
		world_delta(world, "face-library", "2.0.0", "1.0.0");
	world_repo(world, "add %s/packed/face-library-%s.json", world->folder.path, version);
}

static void run(struct world *world, const char *command)
{
	char text[1024];

	world_close(world);
	(void)snprintf(text, sizeof(text), "cd %s && %s", world->folder.path, command);
	assert_int_equal(system(text), 0);
}

/* The first release is installed, and the second one published with a delta. */
static int setup(void **state)
{
	AUTO(free) uint8_t *big = payload_noise(9, BIG);
	struct world *world;

	if (world_setup(state) < 0)
		return -1;
	world = *state;
	add_release(world, "1.0.0", big);
	world_publish(world, "face-library=1.0.0");
	world_serve(world, "");
	world_delivers(world);
	big[1000] ^= 1;
	add_release(world, "2.0.0", big);
	world_publish(world, "face-library=2.0.0");
	world->now_s += 86400;
	run(world, "cp -a terminal as-it-was");
	return 0;
}

static void assert_nothing_needs_attention(struct world *world, size_t row)
{
	AUTO(status) struct status status = {0};
	struct error err = {0};

	assert_ok(status_collect(&world->terminal, &status, &err), &err);
	for (size_t i = 0; i < status.judgement.problems_count; i++)
		if (strcmp(status.judgement.problems[i].package, "face-library") == 0)
			fail_msg("row %zu: %s: %s", row, status_reason_name(status.judgement.problems[i].reason),
				status.judgement.problems[i].detail);
}

TEST_CASE(test_without_its_delta_a_release_comes_by_its_frames_at_once)
{
	static const struct {
		enum bad_fault fault;
		uint64_t at;
	} rows[] = {{BAD_STATUS, 404}, {BAD_STATUS, 403}, {BAD_STATUS, 410}, {BAD_STATUS, 451}, {BAD_STATUS, 400}, {BAD_STATUS, 500},
		{BAD_STATUS, 503}, {BAD_STATUS, 511}, {BAD_STATUS, 302}, {BAD_REDIRECT_LOOP, 0}, {BAD_PAGE, 20}, {BAD_PAGE, 900000},
		{BAD_SHORT, 20}, {BAD_LONG, 20}, {BAD_BYTES, 20}, {BAD_ZEROS, 0}, {BAD_ENDLESS, 0}, {BAD_HTTP10_CUT, 20}};
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bad_server_spoil(world->server, DELTA, rows[i].fault, rows[i].at);
		if (world_run(world, JOB_NIGHT, &result, &err) < 0 || result.staged != 1)
			fail_msg("row %zu: %s: %s", i, error_code_name(err.code), err.text);
		assert_true(bad_server_spoilt(world->server) > 0);
		assert_nothing_needs_attention(world, i);
		run(world, "rm -r terminal && cp -a as-it-was terminal");
	}
}

/* A cut is a lost contact, and what came stays: each attempt goes on behind it. */
TEST_CASE(test_a_delta_that_is_cut_goes_on_where_it_was)
{
	struct world *world = *state;
	struct error err = {0};

	bad_server_spoil(world->server, DELTA, BAD_CUT, 50);
	assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
	assert_error(&err, ERROR_NETWORK, "cut");
	bad_server_spoil(world->server, NULL, BAD_NOTHING, 0);
	assert_int_equal(world_night(world, &err), 1);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_STAGED);
	assert_true(world_wire_bytes(world, "face-library") < BIG / 2);
}

TEST_CASE(test_a_server_that_asks_to_be_left_alone_is_left_alone)
{
	struct world *world = *state;
	int64_t failed_s = world->now_s;
	struct error err = {0};

	bad_server_spoil(world->server, DELTA, BAD_BUSY, 1800);
	assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
	assert_int_equal(err.code, ERROR_NETWORK);
	assert_int_equal(err.retry_after_s, 1800);
	bad_server_spoil(world->server, NULL, BAD_NOTHING, 0);
	assert_int_equal(world_night(world, &err), 1);
	assert_in_range(world->last_job_s - failed_s, 1800, 1800 + 180);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_STAGED);
}

TESTS(setup, world_teardown)
