/* Images of a terminal's disk, put onto another machine or back onto its own: whatever was under way goes on, no good release is
 * told as bad, and nothing that is there is fetched again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/proof/identity.h"
#include "agent/status/status_collect.h"
#include "agent/store/history.h"
#include "tests/agent/world.h"
#include "tests/support/test.h"

#define CHECKS "--self-test=bin/self-test --health=bin/health"
#define PACKAGE "face-library"
#define STATE "terminal/var/lib/haishin"
#define THIS_MACHINE "0123456789abcdef0123456789abcdef\n"
#define ANOTHER_MACHINE "fedcba9876543210fedcba9876543210\n"

/* In the world's folder, while the terminal is off. */
static void run(struct world *world, const char *command)
{
	char text[2048];

	world_close(world);
	(void)snprintf(text, sizeof(text), "cd %s && %s", world->folder.path, command);
	if (system(text) != 0)
		fail_msg("'%s' failed", text);
}

static void take_image(struct world *world)
{
	run(world, "rm -rf image && cp -a terminal image");
}

static void put_image(struct world *world)
{
	run(world, "rm -rf terminal && cp -a image terminal");
}

static void machine_is(struct world *world, const char *id)
{
	folder_put(&world->folder, "terminal/etc/machine-id", id, strlen(id));
}

/* As the agent does at its start. */
static void start(struct world *world)
{
	struct error err = {0};

	if (!world->is_open)
		world_open(world);
	assert_ok(identity_settle(&world->terminal, &err), &err);
}

static void switch_on(struct world *world)
{
	world_restart(world);
	start(world);
}

/* One release is confirmed, and a second one published. */
static int setup(void **state)
{
	struct world *world;

	if (world_setup(state) < 0)
		return -1;
	world = *state;
	world_add(world, PACKAGE, "1.0.0", CHECKS);
	world_add(world, PACKAGE, "2.0.0", CHECKS);
	world_publish(world, PACKAGE "=1.0.0");
	world_serve(world, "");
	machine_is(world, THIS_MACHINE);
	start(world);
	world_delivers(world);
	world_publish(world, PACKAGE "=2.0.0");
	return 0;
}

static int count(void *context, const struct history_row *row, struct error *err)
{
	(void)row, (void)err;
	++*(int *)context;
	return 0;
}

static int rows_of(struct world *world, const char *operation)
{
	const struct history_filter filter = {.operation = operation};
	struct error err = {0};
	int rows = 0;

	assert_ok(history_each(world->terminal.store, &filter, count, &rows, &err), &err);
	return rows;
}

/* VERSION runs, nothing was told as bad, the records hold, and the terminal's key was changed so often. */
static void assert_well(struct world *world, const char *version, int keys)
{
	static const char *const bad[] = {"roll-back", "quarantine", "give-up", "reject"};
	AUTO(status) struct status status = {0};
	struct error err = {0};
	int64_t rows;

	assert_string_equal(world_current(world, PACKAGE), version);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (rows_of(world, bad[i]))
			fail_msg("a good release is told as '%s'", bad[i]);
	assert_int_equal(rows_of(world, "key"), keys);
	assert_ok(history_verify(world->terminal.store, &rows, &err), &err);
	assert_ok(status_collect(&world->terminal, &status, &err), &err);
	for (size_t i = 0; i < status.judgement.problems_count; i++)
		if (strcmp(status.judgement.problems[i].package, PACKAGE) == 0)
			fail_msg("%s: %s", status_reason_name(status.judgement.problems[i].reason),
				status.judgement.problems[i].detail);
}

/* ---- Onto another machine ---- */

TEST_CASE(test_an_image_that_was_made_during_a_download_goes_on_elsewhere)
{
	struct world *world = *state;
	struct error err = {0};

	bad_server_spoil(world->server, PACKAGE "-2.0.0.tar.zst", BAD_CUT, 20);
	assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
	bad_server_spoil(world->server, NULL, BAD_NOTHING, 0);
	take_image(world);
	put_image(world);
	machine_is(world, ANOTHER_MACHINE);
	switch_on(world);
	world->now_s += 3600;
	world_delivers(world);
	assert_well(world, "2.0.0", 1);
}

TEST_CASE(test_what_an_image_has_ready_becomes_current_elsewhere)
{
	struct world *world = *state;

	world_does(world, JOB_NIGHT);
	take_image(world);
	put_image(world);
	machine_is(world, ANOTHER_MACHINE);
	switch_on(world);
	world_does(world, JOB_CONFIRM);
	assert_well(world, "2.0.0", 1);
}

TEST_CASE(test_what_an_image_has_on_trial_is_confirmed_elsewhere)
{
	struct world *world = *state;

	world_does(world, JOB_NIGHT);
	world_restart(world);
	take_image(world);
	put_image(world);
	machine_is(world, ANOTHER_MACHINE);
	switch_on(world);
	world_does(world, JOB_CONFIRM);
	assert_well(world, "2.0.0", 1);
}

/* ---- Back onto its own ---- */

TEST_CASE(test_an_image_from_before_an_update_gets_it_again)
{
	struct world *world = *state;

	take_image(world);
	world_delivers(world);
	put_image(world);
	switch_on(world);
	assert_string_equal(world_current(world, PACKAGE), "1.0.0");
	world->now_s += 3600;
	world_delivers(world);
	assert_well(world, "2.0.0", 0);
}

TEST_CASE(test_packages_from_before_an_update_get_it_again)
{
	struct world *world = *state;

	take_image(world);
	world_delivers(world);
	run(world, "rm -rf terminal/opt && cp -a image/opt terminal/");
	switch_on(world);
	world->now_s += 3600;
	world_delivers(world);
	assert_well(world, "2.0.0", 0);
}

TEST_CASE(test_a_state_from_before_an_update_finds_it_there)
{
	struct world *world = *state;

	take_image(world);
	world_delivers(world);
	run(world, "rm -rf terminal/var && cp -a image/var terminal/");
	switch_on(world);
	world->now_s += 3600;
	bad_server_spoil(world->server, "tar.zst", BAD_STATUS, 404);
	world_delivers(world);
	assert_well(world, "2.0.0", 0);
	world_does(world, JOB_BUTTON);
	assert_int_equal(bad_server_spoilt(world->server), 0);
}

/* ---- Parts of the state ---- */

TEST_CASE(test_an_image_without_parts_of_its_state_finds_its_releases)
{
	static const struct {
		const char *removes;
		int keys; /* rows of the history that tell of another key */
	} parts[] = {
		{"rm -r terminal/var/lib/haishin terminal/var/cache/haishin", 0},
		{"rm " STATE "/state.db*", 0},
		{"rm " STATE "/terminal.key", 1},
		{"rm " STATE "/state.db* " STATE "/terminal.key", 0},
		{"rm -r " STATE "/tuf", 0},
		{"rm -r " STATE "/boot", 0},
		{"rm -rf " STATE "/history", 0},
		{"rm -r terminal/var/cache/haishin", 0},
	};
	struct world *world = *state;

	world_delivers(world);
	take_image(world);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		print_message("%s\n", parts[i].removes);
		put_image(world);
		run(world, parts[i].removes);
		switch_on(world);
		world->now_s += 3600;
		bad_server_spoil(world->server, "tar.zst", BAD_STATUS, 404);
		world_does(world, JOB_BUTTON);
		assert_int_equal(bad_server_spoilt(world->server), 0);
		assert_string_equal(world_current(world, PACKAGE), "2.0.0");
		assert_int_equal(rows_of(world, "key"), parts[i].keys);
		assert_int_equal(rows_of(world, "quarantine") + rows_of(world, "give-up"), 0);
	}
}

TESTS(setup, world_teardown)
