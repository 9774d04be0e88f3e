/* Deltas that do not make all that they describe: the night ends well, and status and report say how often. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/server/delta_count.h"
#include "agent/status/report_json.h"
#include "agent/status/status_collect.h"
#include "agent/status/status_json.h"
#include "tests/agent/world.h"
#include "tests/support/payload.h"
#include "tests/support/test.h"

#define BIG 60000

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

/* The first release installed, the second published with a delta. */
static void begin(struct world *world)
{
	AUTO(free) uint8_t *big = payload_noise(9, BIG);
	struct error err = {0};

	add_release(world, "1.0.0", big);
	world_publish(world, "face-library=1.0.0");
	assert_ok(world_run(world, JOB_NIGHT, NULL, &err), &err);
	world_restart(world);
	assert_ok(world_run(world, JOB_CONFIRM, NULL, &err), &err);
	big[1000] ^= 1;
	add_release(world, "2.0.0", big);
	world_publish(world, "face-library=2.0.0");
	world->now_s += 86400;
}

static void bring_the_second(struct world *world)
{
	struct error err = {0};
	struct job_result result;

	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 1);
	world_restart(world);
	assert_string_equal(world_current(world, "face-library"), "2.0.0");
}

static int64_t told_by_status(struct world *world)
{
	AUTO(status) struct status status = {0};
	AUTO(json) json_t *json = NULL;
	struct error err = {0};

	assert_ok(status_collect(&world->terminal, &status, &err), &err);
	json = status_json(&status, &world->config);
	return json_integer_value(json_object_get(json, "deltas_did_not_come_out"));
}

static int64_t told_by_report(struct world *world)
{
	struct report_span span = {.number = 1, .made_s = world->now_s};
	AUTO(json) json_t *json = NULL;
	struct error err = {0};

	json = report_json(&world->terminal, &span, &err);
	assert_non_null(json);
	return json_integer_value(json_object_get(json, "deltas_did_not_come_out"));
}

TEST_CASE(test_a_delta_that_comes_out_is_not_counted)
{
	struct world *world = *state;

	begin(world);
	bring_the_second(world);
	assert_int_equal(told_by_status(world), 0);
	assert_int_equal(told_by_report(world), 0);
}

TEST_CASE(test_one_whose_old_file_was_damaged_is_counted)
{
	struct world *world = *state;
	int fd;

	begin(world);
	fd = openat(world->terminal.packages_dir_fd, "face-library/current/big.bin", O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "xyz", 3, 30000), 3);
	(void)close(fd);
	bring_the_second(world);
	assert_int_equal(told_by_status(world), 1);
	assert_int_equal(told_by_report(world), 1);
}

TESTS(world_setup, world_teardown)
