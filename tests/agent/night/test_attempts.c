/* What an error means for the rest of the night, and for the nights after it: whole nights against a server that
 * misbehaves. */
#include "tests/agent/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/store/delivery_rows.h"
#include "rollback/plan.h"
#include "tests/support/test.h"

#define CHECKS "--self-test=bin/self-test --health=bin/health"

static int setup(void **state)
{
	struct world *world;

	if (world_setup(state) < 0)
		return -1;
	world = *state;
	world_add(world, "face-library", "1.0.0", CHECKS);
	world_add(world, "linkage-app", "1.0.0", CHECKS);
	world_publish(world, "face-library=1.0.0 linkage-app=1.0.0");
	world_serve(world, "");
	return 0;
}

TEST_CASE(test_without_contact_tries_again_this_night_up_to_the_limit)
{
	struct world *world = *state;
	struct error err;

	bad_server_spoil(world->server, "timestamp", BAD_STATUS, 500);
	assert_int_equal(world_night(world, &err), world->config.attempts_per_night);
	assert_error(&err, ERROR_NETWORK, "500");
	assert_int_equal(bad_server_spoilt(world->server), world->config.attempts_per_night);
	bad_server_spoil(world->server, NULL, BAD_NOTHING, 0);
	assert_int_equal(world_night(world, &err), 1);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_STAGED);
}

TEST_CASE(test_a_contact_lost_in_a_payload_is_tried_again_this_night)
{
	struct world *world = *state;
	struct error err;

	for (int request = 0; request < 12; request++) /* in the middle of what comes: metadata, releases, payloads */
		bad_server_queue(world->server, request % 3 == 2 ? BAD_CUT : BAD_NOTHING, 5);
	assert_int_equal(world_night(world, &err), 5);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_STAGED);
	assert_int_equal(world_delivery(world, "linkage-app"), DELIVERY_STAGED);
}

static int64_t pause_after(struct world *world, uint64_t retry_after_s)
{
	struct error err = {0};
	int64_t failed_s = world->now_s;

	bad_server_spoil(world->server, "timestamp", BAD_BUSY, retry_after_s);
	assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
	assert_int_equal(err.retry_after_s, retry_after_s);
	bad_server_spoil(world->server, NULL, BAD_NOTHING, 0);
	assert_int_equal(world_night(world, &err), 1);
	assert_int_equal(err.code, ERROR_NONE);
	return world->last_job_s - failed_s;
}

TEST_CASE(test_waits_as_long_as_the_server_asks)
{
	assert_in_range(pause_after(*state, 7200), 7200, 7200 + 720);
}

TEST_CASE(test_a_wait_beyond_the_window_moves_to_a_later_night)
{
	struct world *world = *state;
	int64_t failed_s = world->now_s;
	struct error err = {0};

	bad_server_spoil(world->server, "timestamp", BAD_BUSY, 40000);
	assert_int_equal(world_night(world, &err), 1);
	assert_error(&err, ERROR_NETWORK, "503");
	bad_server_spoil(world->server, NULL, BAD_NOTHING, 0);
	assert_int_equal(world_night(world, &err), 1);
	assert_int_equal(err.code, ERROR_NONE);
	assert_true(world->last_job_s - failed_s >= 40000);
}

/* It is missing for whole nights, and comes in the end. */
static void check_once_a_night(struct world *world, const char *part, enum error_code code)
{
	struct error err;
	int asked;

	bad_server_spoil(world->server, part, BAD_STATUS, 404);
	assert_int_equal(world_night(world, &err), world->config.attempts_per_night);
	assert_error(&err, code, "404");
	assert_int_equal(world_delivery(world, "linkage-app"), DELIVERY_STAGED);
	assert_int_equal(asked = bad_server_spoilt(world->server), world->config.attempts_per_night);

	for (int night = 1; night < 4; night++) {
		(void)world_night(world, &err);
		assert_int_equal(bad_server_spoilt(world->server), asked + night);
	}
	bad_server_spoil(world->server, NULL, BAD_NOTHING, 0);
	assert_int_equal(world_night(world, &err), 1);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_STAGED);
}

TEST_CASE(test_a_payload_that_the_server_lacks_is_asked_for_this_night_and_then_once_a_night)
{
	check_once_a_night(*state, "face-library-1.0.0.tar.zst", ERROR_NOT_FOUND);
}

TEST_CASE(test_a_release_that_the_server_lacks_is_asked_for_this_night_and_then_once_a_night)
{
	check_once_a_night(*state, "face-library-1.0.0.json", ERROR_SERVER);
}

TEST_CASE(test_a_file_that_comes_a_minute_late_comes_the_same_night)
{
	struct world *world = *state;
	struct job_result result;
	struct error err;

	bad_server_spoil(world->server, "face-library-1.0.0.tar.zst", BAD_STATUS, 403);
	assert_int_equal(world_run(world, JOB_NIGHT, &result, &err), -1);
	bad_server_spoil(world->server, NULL, BAD_NOTHING, 0);
	assert_int_equal(world_night(world, &err), 1);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_STAGED);
}

/* A network that wants somebody to sign in shows its page in place of any file, however long, from any moment on. */
TEST_CASE(test_a_page_in_place_of_any_file_is_no_contact_and_no_alarm)
{
	static const struct {
		const char *part;
		uint64_t length;
	} pages[] = {{"timestamp", 300}, {"timestamp", 100000}, {"snapshot", 300}, {"snapshot", 3000000}, {"catalog.json", 60},
		{"catalog.json", 50000}, {"face-library-1.0.0.json", 60}, {"face-library-1.0.0.json", 50000},
		{"face-library-1.0.0.tar.zst", 60}, {"face-library-1.0.0.tar.zst", 3000000}};
	struct world *world = *state;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		bad_server_spoil(world->server, pages[i].part, BAD_PAGE, pages[i].length);
		if (world_run(world, JOB_NIGHT, NULL, &err) == 0 || err.code != ERROR_STRANGER)
			fail_msg("%s, %d bytes: %s: %s", pages[i].part, (int)pages[i].length, error_code_name(err.code), err.text);
	}
	assert_int_equal(world_history(world, "check", "face-library", "refused"), 0);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_FETCHING);
	bad_server_spoil(world->server, NULL, BAD_NOTHING, 0);
	world_does(world, JOB_NIGHT);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_STAGED);
}

/* Another server of the same host that has the payloads, as their address is there. */
static struct bad_server *start_other_server(struct world *world, char ret_url[static 512])
{
	char repository[FOLDER_PATH_SIZE + 64], command[1024];
	char *path;
	size_t len;
	struct bad_server *other;

	(void)snprintf(repository, sizeof(repository), "%s/publisher/repository", world->folder.path);
	(void)snprintf(command, sizeof(command), "cd %s && printf %%s targets/face-library/*.tar.zst >%s/payload",
		repository, world->folder.path);
	assert_int_equal(system(command), 0);
	other = bad_server_start(&(struct bad_server_options){.folder = repository});
	assert_non_null(path = folder_get(&world->folder, "payload", &len));
	(void)snprintf(ret_url, 512, "%s/%s", bad_server_url(other), path);
	free(path);
	return other;
}

TEST_CASE(test_a_payload_elsewhere_comes_only_where_the_configuration_allows_it)
{
	struct world *world = *state;
	struct bad_server *other;
	struct job_result result;
	struct error err;
	char url[512];

	other = start_other_server(world, url);
	bad_server_redirect_to(world->server, url);
	bad_server_spoil(world->server, "face-library-1.0.0.tar.zst", BAD_REDIRECT, 0);
	assert_int_equal(world_night(world, &err), world->config.attempts_per_night);
	assert_error(&err, ERROR_STRANGER, "[network] redirects = none does not allow");
	assert_int_equal(bad_server_requests(other), 0);
	world->config.redirects = HTTP_REDIRECTS_SAME_HOST;
	assert_ok(world_run(world, JOB_BUTTON, &result, &err), &err);
	assert_int_equal(bad_server_requests(other), 1);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_STAGED);
	bad_server_stop(other);
}

TEST_CASE(test_who_presses_the_button_need_not_wait_for_the_next_night)
{
	struct world *world = *state;
	struct job_result result;
	struct error err;

	bad_server_spoil(world->server, "face-library-1.0.0.tar.zst", BAD_STATUS, 404);
	(void)world_night(world, &err);
	bad_server_spoil(world->server, NULL, BAD_NOTHING, 0);
	assert_ok(world_run(world, JOB_BUTTON, &result, &err), &err);
	assert_int_equal(result.staged, 1);
}

TEST_CASE(test_bytes_altered_on_the_way_say_nothing_about_the_release)
{
	struct world *world = *state;
	struct error err;

	bad_server_spoil(world->server, "face-library-1.0.0.tar.zst", BAD_BYTES, 40);
	assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
	assert_error(&err, ERROR_ALTERED, "face-library");
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_REJECTED);
	assert_int_equal(world_delivery(world, "linkage-app"), DELIVERY_STAGED);
	bad_server_spoil(world->server, NULL, BAD_NOTHING, 0);
	assert_int_equal(world_night(world, &err), 1);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_STAGED);
	assert_int_equal(world_history(world, "reject", "face-library", "refused"), 1);
}

TEST_CASE(test_a_release_that_cannot_be_right_is_never_tried_again)
{
	struct world *world = *state;
	struct error err;
	char options[PLAN_COMMAND_SIZE + 64];

	(void)snprintf(options, sizeof(options), "--self-test='bin/self-test %0*d'", PLAN_COMMAND_SIZE, 0);
	world_add(world, "reader-app/acme", "1.0.0", options); /* signed, and longer than any guard takes */
	world_publish(world, "reader-app/acme=1.0.0");
	bad_server_spoil(world->server, "reader-app-acme-1.0.0.tar.zst", BAD_NOTHING, 0);
	assert_int_equal(world_night(world, &err), 1);
	assert_error(&err, ERROR_REFUSED, "self-test");
	assert_int_equal(world_delivery(world, "reader-app/acme"), DELIVERY_REJECTED);
	assert_int_equal(world_delivery(world, "face-library"), DELIVERY_STAGED);
	assert_int_equal(world_night(world, &err), 1);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(bad_server_spoilt(world->server), 0); /* its payload was never asked for */
}

static int setup_two_servers(void **state)
{
	struct world *world;

	if (world_setup(state) < 0)
		return -1;
	world = *state;
	world_add(world, "face-library", "1.0.0", CHECKS);
	world_publish(world, "face-library=1.0.0");
	return 0;
}

/* The repository as it is now, on a stick. */
static void copy_to_stick(struct world *world, char ret_url[static FOLDER_PATH_SIZE + 16])
{
	char command[1024];

	(void)snprintf(command, sizeof(command), "rm -rf %s/stick && cp -r %s/publisher/repository %s/stick",
		world->folder.path, world->folder.path, world->folder.path);
	assert_int_equal(system(command), 0);
	(void)snprintf(ret_url, FOLDER_PATH_SIZE + 16, "file://%s/stick", world->folder.path);
}

static void spoil_stick(struct world *world, const char *pattern)
{
	char command[1024];

	(void)snprintf(command, sizeof(command),
		"for f in %s/stick/%s; do printf X | dd of=\"$f\" bs=1 seek=40 conv=notrunc 2>/dev/null; done",
		world->folder.path, pattern);
	assert_int_equal(system(command), 0);
}

static void check_that_the_other_place_helps(struct world *world, const char *spoilt)
{
	char stick[FOLDER_PATH_SIZE + 16];
	struct job_result result;
	struct error err = {0};

	copy_to_stick(world, stick);
	spoil_stick(world, spoilt);
	world_serve(world, stick);
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 1);
	assert_int_equal(world_history(world, "pass-over", NULL, "refused"), 1);
}

TEST_CASE_WITH(test_a_spoilt_payload_is_asked_for_elsewhere_at_once, setup_two_servers, world_teardown)
{
	check_that_the_other_place_helps(*state, "targets/face-library/*.tar.zst");
}

TEST_CASE_WITH(test_a_spoilt_release_is_asked_for_elsewhere_at_once, setup_two_servers, world_teardown)
{
	check_that_the_other_place_helps(*state, "targets/face-library/*.json");
}

TEST_CASE_WITH(test_spoilt_metadata_are_asked_for_elsewhere_at_once, setup_two_servers, world_teardown)
{
	check_that_the_other_place_helps(*state, "metadata/timestamp.json");
}

TEST_CASE_WITH(
	test_a_stick_left_in_the_terminal_does_not_keep_it_from_the_server, setup_two_servers, world_teardown)
{
	struct world *world = *state;
	char stick[FOLDER_PATH_SIZE + 16];
	struct job_result result;
	struct error err = {0};

	copy_to_stick(world, stick);
	world_serve(world, stick);
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 1);
	world_restart(world);
	world_does(world, JOB_CONFIRM);
	world->now_s += 40 * 86400; /* the stick's metadata have expired by now */
	world_publisher_lives_now(world);
	world_add(world, "face-library", "1.1.0", CHECKS);
	world_publish(world, "face-library=1.1.0");
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_int_equal(result.staged, 1);
}

TEST_CASE_WITH(test_a_stick_that_is_too_old_is_refused_with_the_reason, setup_two_servers, world_teardown)
{
	struct world *world = *state; /* it asks the publisher's folder, as from a stick */
	struct error err = {0};

	world->now_s += 40 * 86400;
	assert_int_equal(world_run(world, JOB_BUTTON, NULL, &err), -1);
	assert_error(&err, ERROR_EXPIRED, "freeze attack: timestamp");
	assert_non_null(strstr(err.text, "ask for newer metadata"));
	assert_int_equal(world_history(world, "check", NULL, "refused"), 1);
	assert_string_equal(world_current(world, "face-library"), "");
}

static int64_t expiry_of(struct world *world, const char *file)
{
	size_t len;
	char *text = folder_get(&world->folder, file, &len);
	const char *at = text ? strstr(text, "\"expires\":\"") : NULL;
	char moment[CLOCK_TEXT_SIZE];
	struct error err = {0};
	int64_t time_s = 0;

	assert_non_null(at);
	(void)snprintf(moment, sizeof(moment), "%.20s", at + strlen("\"expires\":\""));
	assert_ok(clock_parse(moment, &time_s, &err), &err);
	free(text);
	return time_s;
}

TEST_CASE_WITH(test_information_holds_to_its_last_second, setup_two_servers, world_teardown)
{
	struct world *world = *state;
	int64_t expires_s = expiry_of(world, "publisher/repository/metadata/timestamp.json");
	struct error err = {0};

	world->now_s = expires_s - 1;
	assert_ok(world_run(world, JOB_CHECK, NULL, &err), &err);
	for (int64_t late_s = 0; late_s < 2; late_s++) {
		world->now_s = expires_s + late_s;
		assert_int_equal(world_run(world, JOB_CHECK, NULL, &err), -1);
		assert_error(&err, ERROR_EXPIRED, "timestamp");
	}
}

/* One place whose information has expired is passed over; where all have, that is told, and no attack. */
TEST_CASE_WITH(test_what_expired_everywhere_is_told_as_expired, setup_two_servers, world_teardown)
{
	struct world *world = *state;
	char stick[FOLDER_PATH_SIZE + 16];
	struct error err = {0};

	copy_to_stick(world, stick);
	world_serve(world, stick);
	world->now_s += 40 * 86400;
	assert_int_equal(world_run(world, JOB_BUTTON, NULL, &err), -1);
	assert_int_equal(err.code, ERROR_EXPIRED);
	assert_int_equal(world_history(world, "pass-over", NULL, "refused"), 1);
}

TESTS(setup, world_teardown)
