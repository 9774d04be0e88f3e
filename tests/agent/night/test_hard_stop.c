/* Where a night must stop, and where the next one goes on: whole nights against a real server, whose own count says
 * how much it sent. */
#include "tests/agent/world.h"

#include <stdio.h>

#include "agent/store/delivery.h"
#include "agent/turn/disabled.h"
#include "agent/turn/windows.h"
#include "tests/support/test.h"

#define CHECKS "--self-test=bin/self-test --health=bin/health"
#define HOUR_S 3600
/* More than all other bodies of a night have, less than the large release by more than what sockets hold. */
#define SENT_AT_THE_END (1u << 20)
/* At so many bytes a second it would take half a minute, and its time is over after so many seconds: enough for a busy machine to begin. */
#define SLOW (1 << 19)
#define SOON_S 8

static int setup(void **state)
{
	if (world_setup(state) < 0)
		return -1;
	world_serve(*state, "");
	return 0;
}

/* A release of many frames, too much for what is left of the night. */
static void publish_a_large_release(struct world *world)
{
	static char bytes[3 << 20];
	unsigned int state = 7;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		state = state * 1103515245 + 12345;
		bytes[i] = (char)(state >> 16);
	}
	for (int file = 0; file < 4; file++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "part-%d.bin", file);
		world_put(world, "reader-app/acme", "1.0.0", name, bytes, sizeof(bytes));
	}
	world_add(world, "reader-app/acme", "1.0.0", CHECKS);
	world_publish(world, "reader-app/acme=1.0.0");
}

static uint64_t payload_bytes(struct world *world, const char *package)
{
	struct delivery delivery;
	struct error err = {0};
	bool found;

	assert_ok(delivery_latest(world->terminal.store, package, &delivery, &found, &err), &err);
	assert_true(found);
	return (uint64_t)delivery.payload_bytes;
}

static void check_it_went_on_where_it_stopped(struct world *world, uint64_t before)
{
	uint64_t payload = payload_bytes(world, "reader-app/acme");
	struct error err;

	assert_in_range(before, 1, payload - 1);
	assert_int_equal(world_night(world, &err), 1);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(world_delivery(world, "reader-app/acme"), DELIVERY_STAGED);
	assert_true(world_wire_bytes(world, "reader-app/acme") <= payload + payload / 100);
}

TEST_CASE(test_not_a_byte_comes_after_the_window_and_the_next_night_goes_on)
{
	struct world *world = *state;
	struct schedule_answer window;
	struct error err = {0};
	uint64_t at_the_end;

	publish_a_large_release(world);
	world->config.rate = SLOW;
	world_open(world);
	assert_ok(windows_ask(&world->terminal, &window, &err), &err);
	world->now_s = window.closes_s - SOON_S; /* the end comes in real time, in the middle of a transfer */
	assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
	assert_int_equal(err.code, ERROR_STOPPED);
	at_the_end = world_wire_bytes(world, "reader-app/acme");
	assert_int_equal(world_delivery(world, "reader-app/acme"), DELIVERY_FETCHING);

	world->now_s = window.closes_s; /* nothing is due any more, and nothing runs */
	assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
	assert_int_equal(err.code, ERROR_OUTSIDE_WINDOW);
	assert_int_equal(world_wire_bytes(world, "reader-app/acme"), at_the_end);
	world->now_s = window.opens_s + 86400 + 3 * 3600;
	world->config.rate = 0;
	check_it_went_on_where_it_stopped(world, at_the_end);
}

/* It is an hour before the end of the window until the server has sent so much, and then it is the end. */
static int64_t now_by_what_the_server_sent_s(const struct clock *clock)
{
	const struct world *world = clock->context;

	return world->now_s + (bad_server_bytes(world->server) >= SENT_AT_THE_END ? HOUR_S : 0);
}

static int64_t monotonic_by_what_the_server_sent_ms(const struct clock *clock)
{
	return now_by_what_the_server_sent_s(clock) * 1000;
}

static void stop_in_the_middle_of_a_transfer(struct world *world, const struct schedule_answer *window)
{
	struct clock usual = world->clock;
	struct error err = {0};

	world->now_s = window->closes_s - HOUR_S;
	world->clock.now_s = now_by_what_the_server_sent_s;
	world->clock.monotonic_ms = monotonic_by_what_the_server_sent_ms;
	assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
	assert_error(&err, ERROR_STOPPED, "the window has ended");
	world->clock = usual;
}

/* The window is open but for one look at the clock, after so many: it is set back by a second then. */
static int looks;

static int64_t now_by_looks_s(const struct clock *clock)
{
	const struct world *world = clock->context;

	return world->now_s - (looks-- != 0);
}

static int looks_until_the_window_is_known(struct world *world)
{
	struct schedule_answer window;
	struct error err = {0};

	looks = 1000;
	assert_ok(disabled_refuse(&world->terminal, &err), &err);
	assert_ok(windows_ask(&world->terminal, &window, &err), &err);
	assert_int_equal(window.reason, SCHEDULE_OPEN);
	return 1000 - looks;
}

TEST_CASE(test_a_window_that_closes_while_a_night_begins_lets_nobody_be_asked)
{
	struct world *world = *state;
	const struct clock usual = world->clock;
	struct schedule_answer window;
	struct error err = {0};
	int requests;

	publish_a_large_release(world);
	world_open(world);
	assert_ok(windows_ask(&world->terminal, &window, &err), &err);
	world->now_s = window.closes_s;
	world->clock.now_s = now_by_looks_s;
	looks = looks_until_the_window_is_known(world);
	requests = bad_server_requests(world->server);
	assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
	assert_int_equal(err.code, ERROR_STOPPED);
	assert_int_equal(bad_server_requests(world->server), requests);
	world->clock = usual;
}

TEST_CASE(test_a_delivery_by_hand_ends_when_its_time_is_over)
{
	struct world *world = *state;
	struct error err = {0};

	publish_a_large_release(world);
	world->config.rate = SLOW;
	world->config.longest_by_hand_s = SOON_S;
	world_open(world);
	assert_int_equal(world_run(world, JOB_BUTTON, NULL, &err), -1);
	assert_int_equal(err.code, ERROR_STOPPED);
	world->config.rate = 0;
	check_it_went_on_where_it_stopped(world, world_wire_bytes(world, "reader-app/acme"));
}

TEST_CASE(test_the_server_sends_nothing_once_the_window_has_ended)
{
	struct world *world = *state;
	struct schedule_answer window;
	uint64_t sent, came;
	struct error err = {0};
	int requests;

	publish_a_large_release(world);
	world_open(world);
	assert_ok(windows_ask(&world->terminal, &window, &err), &err);
	stop_in_the_middle_of_a_transfer(world, &window);
	bad_server_wait_until_alone(world->server); /* nobody is there to whom it could send */
	sent = bad_server_bytes(world->server);
	came = world_wire_bytes(world, "reader-app/acme");
	requests = bad_server_requests(world->server);
	assert_in_range(sent, SENT_AT_THE_END, payload_bytes(world, "reader-app/acme") - 1);

	for (world->now_s = window.closes_s; world->now_s < window.opens_s + 24 * HOUR_S; world->now_s += HOUR_S) {
		assert_int_equal(world_run(world, JOB_NIGHT, NULL, &err), -1);
		assert_int_equal(err.code, ERROR_OUTSIDE_WINDOW);
	}
	assert_int_equal(bad_server_bytes(world->server), sent);
	assert_int_equal(bad_server_requests(world->server), requests);
	world->now_s = window.opens_s + 27 * HOUR_S;
	check_it_went_on_where_it_stopped(world, came);
}

TEST_CASE(test_a_night_takes_no_more_than_its_budget_and_the_next_one_goes_on)
{
	struct world *world = *state;
	uint64_t budget = 7 << 20, sent;
	struct error err;

	publish_a_large_release(world);
	world->config.budget = budget;
	world_open(world);
	assert_int_equal(world_night(world, &err), 1);
	assert_error(&err, ERROR_STOPPED, "budget");
	sent = world_wire_bytes(world, "reader-app/acme");
	assert_true(sent <= budget);
	check_it_went_on_where_it_stopped(world, sent);
}

TESTS(setup, world_teardown)
