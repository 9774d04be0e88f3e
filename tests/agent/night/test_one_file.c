/* What comes in place of one file, in a night that goes well otherwise: what it is told as, and that nothing else waits for it. */
#include <stdio.h>
#include <stdlib.h>

#include "agent/store/delivery_rows.h"
#include "tests/agent/world.h"
#include "tests/support/test.h"

#define RELEASE "face-library-1.0.0.json"
#define PAYLOAD "face-library-1.0.0.tar.zst"

static int setup(void **state)
{
	struct world *world;

	if (world_setup(state) < 0)
		return -1;
	world = *state;
	world_add(world, "face-library", "1.0.0", "");
	world_add(world, "linkage-app", "1.0.0", "");
	world_publish(world, "face-library=1.0.0 linkage-app=1.0.0");
	world_serve(world, "");
	return 0;
}

/* What stands between terminal and server points to its own page, with a loop, nowhere, or without encryption. */
TEST_CASE(test_a_redirect_in_place_of_any_file_is_no_contact_and_no_missing_file)
{
	static const char *const parts[] = {
		"timestamp", "snapshot", "catalog.json", RELEASE, PAYLOAD};
	static const char *const to[] = {"http://login.invalid/", "/" PAYLOAD "?timestamp&snapshot&catalog.json&" RELEASE, ""};
	struct world *world = *state;
	struct error err;

	world->config.redirects = HTTP_REDIRECTS_SAME_HOST;
	for (size_t i = 0; i < ARRAY_SIZE(parts) * ARRAY_SIZE(to); i++) {
		const char *points_to = to[i % ARRAY_SIZE(to)], *part = parts[i / ARRAY_SIZE(to)];

		bad_server_redirect_to(world->server, points_to);
		bad_server_spoil(world->server, part, *points_to ? BAD_REDIRECT : BAD_STATUS, 302);
		if (world_run(world, JOB_NIGHT, NULL, &err) == 0 || err.code != ERROR_STRANGER)
			fail_msg("%s -> '%s': %s: %s", part, points_to, error_code_name(err.code), err.text);
	}
	bad_server_spoil(world->server, NULL, BAD_NOTHING, 0);
	world_does(world, JOB_NIGHT);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_STAGED);
}

static void keep_terminal(struct world *world, const char *how)
{
	char command[1024];

	world_close(world);
	(void)snprintf(command, sizeof(command), "cd %s && %s", world->folder.path, how);
	assert_int_equal(system(command), 0);
}

/* A virus filter that shows its page in place of one file, or a server that fails at it, and has all the others. */
TEST_CASE(test_what_befalls_one_file_keeps_no_other_package_out)
{
	static const struct {
		const char *part;
		enum bad_fault fault;
		uint64_t at;
		enum error_code code;
	} rows[] = {{PAYLOAD, BAD_PAGE, 300, ERROR_STRANGER}, {PAYLOAD, BAD_PAGE, 3000000, ERROR_STRANGER},
		{PAYLOAD, BAD_STATUS, 302, ERROR_STRANGER}, {PAYLOAD, BAD_STATUS, 511, ERROR_STRANGER},
		{PAYLOAD, BAD_STATUS, 403, ERROR_NOT_FOUND}, {PAYLOAD, BAD_STATUS, 410, ERROR_NOT_FOUND},
		{PAYLOAD, BAD_STATUS, 451, ERROR_SERVER}, {PAYLOAD, BAD_STATUS, 500, ERROR_SERVER},
		{PAYLOAD, BAD_ZEROS, 0, ERROR_ALTERED}, {RELEASE, BAD_PAGE, 300, ERROR_STRANGER},
		{RELEASE, BAD_STATUS, 302, ERROR_STRANGER}, {RELEASE, BAD_STATUS, 451, ERROR_SERVER},
		{RELEASE, BAD_STATUS, 503, ERROR_SERVER}, {RELEASE, BAD_ZEROS, 0, ERROR_ALTERED}};
	struct world *world = *state;
	struct error err;

	keep_terminal(world, "cp -a terminal as-it-was");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bad_server_spoil(world->server, rows[i].part, rows[i].fault, rows[i].at);
		if (world_run(world, JOB_NIGHT, NULL, &err) == 0 || err.code != rows[i].code ||
			world_delivery(world, "linkage-app") != DELIVERY_STAGED)
			fail_msg("row %zu: %s: %s", i, error_code_name(err.code), err.text);
		keep_terminal(world, "rm -r terminal && cp -a as-it-was terminal");
	}
}

/* Of one file too: whoever asks to be left alone for a while is, and by all of this night's work. Where the same file fails again, and
 * everything else is there, the fault is the file's. */
TEST_CASE(test_a_file_at_which_contact_ends_keeps_others_out_once)
{
	static const char *const parts[] = {RELEASE, PAYLOAD, "face-library.json"};
	static const struct {
		enum bad_fault fault;
		uint64_t at;
		int64_t retry_after_s;
	} rows[] = {{BAD_BUSY, 3600, 3600}, {BAD_BUSY, 864000, 86400}, {BAD_STATUS, 429, 0}, {BAD_STATUS, 408, 0}, {BAD_CLOSE, 0, 0}};
	struct world *world = *state;
	struct error err;

	keep_terminal(world, "cp -a terminal as-it-was");
	for (size_t i = 0; i < ARRAY_SIZE(parts) * ARRAY_SIZE(rows); i++) {
		const char *part = parts[i % ARRAY_SIZE(parts)];

		bad_server_spoil(world->server, part, rows[i / ARRAY_SIZE(parts)].fault, rows[i / ARRAY_SIZE(parts)].at);
		for (int attempt = 0; attempt < 2; attempt++) {
			assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
			if (err.code != (attempt ? ERROR_SERVER : ERROR_NETWORK) ||
				err.retry_after_s != rows[i / ARRAY_SIZE(parts)].retry_after_s)
				fail_msg("%s, row %zu, attempt %d: %s: %s", part, i / ARRAY_SIZE(parts), attempt,
					error_code_name(err.code), err.text);
		}
		assert_int_equal(world_delivery(world, "linkage-app"), DELIVERY_STAGED);
		keep_terminal(world, "rm -r terminal && cp -a as-it-was terminal");
	}
}

TESTS(setup, world_teardown)
