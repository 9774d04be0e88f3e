#include "updater/fetch/mirrors.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"
#include "tests/updater/faults.h"

/* Two servers with the same file, and a stick with it. */
struct places {
	struct faults first, second;
	struct transport *http;
	char stick[300];
	const char *bases[3];
	struct buf body;
	struct transport_reply reply;
	struct error err;
};

static int setup(void **state)
{
	struct places *places = calloc(1, sizeof(*places));
	struct http_options options = faults_options();

	faults_init(&places->first);
	faults_init(&places->second);
	assert_ok(http_open(&options, &places->http, &places->err), &places->err);
	(void)snprintf(places->stick, sizeof(places->stick), "file://%s", places->first.folder.path);
	places->bases[0] = bad_server_url(places->first.server);
	places->bases[1] = bad_server_url(places->second.server);
	places->bases[2] = places->stick;
	places->body.limit = FAULTS_FILE_SIZE;
	*state = places;
	return 0;
}

static int teardown(void **state)
{
	struct places *places = *state;

	http_close(places->http);
	faults_clear(&places->first);
	faults_clear(&places->second);
	buf_clear(&places->body);
	free(places);
	return 0;
}

static struct mirrors *open_mirrors(struct places *places, size_t count)
{
	struct mirrors *mirrors;

	assert_ok(mirrors_open(places->http, places->bases, count, &mirrors, &places->err), &places->err);
	return mirrors;
}

static int get(struct places *places, struct mirrors *mirrors, const char *path)
{
	char url[512];

	(void)snprintf(url, sizeof(url), "%s%s", places->bases[0], path);
	return faults_get(mirrors_transport(mirrors), url, 0, 0, &places->body, &places->reply, &places->err);
}

TEST_CASE(test_asks_the_first_place_only_where_it_answers)
{
	struct places *places = *state;
	AUTO(mirrors) struct mirrors *mirrors = open_mirrors(places, 2);

	assert_ok(get(places, mirrors, "/file"), &places->err);
	assert_int_equal(places->body.len, FAULTS_FILE_SIZE);
	assert_int_equal(bad_server_requests(places->second.server), 0);
}

TEST_CASE(test_goes_on_to_the_next_place_and_stays_there)
{
	struct places *places = *state;
	AUTO(mirrors) struct mirrors *mirrors = open_mirrors(places, 2);

	bad_server_queue(places->first.server, BAD_STATUS, 500);
	assert_ok(get(places, mirrors, "/file"), &places->err);
	assert_ok(get(places, mirrors, "/file"), &places->err);
	assert_int_equal(places->body.len, FAULTS_FILE_SIZE);
	assert_int_equal(bad_server_requests(places->first.server), 1);
	assert_int_equal(bad_server_requests(places->second.server), 2);
}

TEST_CASE(test_comes_back_to_the_first_place_when_the_next_one_fails)
{
	struct places *places = *state;
	AUTO(mirrors) struct mirrors *mirrors = open_mirrors(places, 2);

	bad_server_queue(places->first.server, BAD_BUSY, 5);
	bad_server_queue(places->second.server, BAD_NOTHING, 0);
	bad_server_queue(places->second.server, BAD_STATUS, 400);
	assert_ok(get(places, mirrors, "/file"), &places->err);
	assert_ok(get(places, mirrors, "/file"), &places->err);
	assert_int_equal(bad_server_requests(places->first.server), 2);
}

TEST_CASE(test_takes_from_a_stick_what_no_server_gives)
{
	struct places *places = *state;
	AUTO(mirrors) struct mirrors *mirrors = open_mirrors(places, 3);

	bad_server_queue(places->first.server, BAD_STATUS, 404);
	bad_server_queue(places->second.server, BAD_STATUS, 503);
	assert_ok(get(places, mirrors, "/file"), &places->err);
	assert_memory_equal(places->body.data, places->first.bytes, FAULTS_FILE_SIZE);
}

TEST_CASE(test_says_not_found_where_one_place_says_so_and_the_others_are_silent)
{
	struct places *places = *state;
	AUTO(mirrors) struct mirrors *mirrors = open_mirrors(places, 2);

	bad_server_queue(places->first.server, BAD_STATUS, 500);
	assert_int_equal(get(places, mirrors, "/2.root.json"), -1);
	assert_error(&places->err, ERROR_NOT_FOUND, "404");
	assert_int_equal(places->reply.http_status, 404);
}

TEST_CASE(test_tells_the_first_error_where_all_fail)
{
	struct places *places = *state;
	AUTO(mirrors) struct mirrors *mirrors = open_mirrors(places, 2);

	bad_server_queue(places->first.server, BAD_BUSY, 77);
	bad_server_queue(places->second.server, BAD_STATUS, 400);
	assert_int_equal(get(places, mirrors, "/file"), -1);
	assert_error(&places->err, ERROR_NETWORK, "503");
	assert_int_equal(places->err.retry_after_s, 77);
}

TEST_CASE(test_never_gives_the_sink_bytes_of_two_places)
{
	struct places *places = *state;
	AUTO(mirrors) struct mirrors *mirrors = open_mirrors(places, 2);

	bad_server_queue(places->first.server, BAD_CUT, 1000);
	assert_int_equal(get(places, mirrors, "/file"), -1);
	assert_error(&places->err, ERROR_NETWORK, "cut");
	assert_int_equal(places->body.len, 1000);
	assert_int_equal(bad_server_requests(places->second.server), 0);
	assert_ok(get(places, mirrors, "/file"), &places->err);
	assert_int_equal(bad_server_requests(places->second.server), 1);
}

TEST_CASE(test_asks_nobody_else_once_too_much_came)
{
	struct places *places = *state;
	AUTO(mirrors) struct mirrors *mirrors = open_mirrors(places, 2);

	bad_server_queue(places->first.server, BAD_LONG, 1);
	assert_int_equal(get(places, mirrors, "/file"), -1);
	assert_int_equal(places->err.code, ERROR_REFUSED);
	assert_int_equal(bad_server_requests(places->second.server), 0);
}

TEST_CASE(test_passes_over_each_place_that_gave_something_wrong_but_one)
{
	struct places *places = *state;
	AUTO(mirrors) struct mirrors *mirrors = open_mirrors(places, 2);

	bad_server_queue(places->first.server, BAD_STATUS, 500);
	assert_ok(get(places, mirrors, "/file"), &places->err); /* the second gave it, and it was wrong */
	assert_true(mirrors_pass_over(mirrors));
	assert_ok(get(places, mirrors, "/file"), &places->err);
	assert_int_equal(bad_server_requests(places->first.server), 2);
	assert_int_equal(bad_server_requests(places->second.server), 1);
	assert_false(mirrors_pass_over(mirrors));
	assert_ok(get(places, mirrors, "/file"), &places->err);
	assert_int_equal(bad_server_requests(places->first.server), 3);
}

TESTS(setup, teardown)
