#include "agent/server/traffic.h"

#include <stdlib.h>
#include <string.h>

#include "tests/agent/store_fixture.h"
#include "tests/support/test.h"

#define PIECE 1000
#define NOON_S 1768186800 /* 2026-01-12 12:00 in Japan, a Monday */

/* A server that sends pieces, a second each, on a clock of its own. */
struct line {
	struct clock clock;
	struct transport server;
	struct traffic traffic;
	struct zone *zone;
	struct window_list windows;
	struct rate_hours_list hours;
	struct traffic_options options;
	int64_t now_s;
	int pieces;	  /* that the server has */
	uint64_t bytes;	  /* that reached the sink */
	int64_t rates[8]; /* as they were set */
	int rates_count;
	int arrivals;
	struct error err;
};

static int64_t line_now_s(const struct clock *clock)
{
	return ((struct line *)clock->context)->now_s;
}

static int64_t line_monotonic_ms(const struct clock *clock)
{
	return ((struct line *)clock->context)->now_s * 1000;
}

static int send_pieces(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	static const char bytes[PIECE];
	struct line *line = transport->context;

	(void)request;
	for (int i = 0; i < line->pieces; i++) {
		line->now_s++;
		if (sink(sink_context, bytes, sizeof(bytes), err) < 0)
			return -1;
		ret_reply->bytes += sizeof(bytes);
	}
	return 0;
}

static int count_bytes(void *context, const void *data, size_t len, struct error *err)
{
	struct line *line = context;

	(void)data, (void)err;
	line->bytes += len;
	return 0;
}

static void note_rate(void *context, int64_t most_bytes_per_s)
{
	struct line *line = context;

	line->rates[line->rates_count++] = most_bytes_per_s;
}

static void note_arrival(void *context)
{
	struct line *line = context;

	line->arrivals++;
}

static int setup(void **state)
{
	struct line *line = calloc(1, sizeof(*line));
	struct fs fs;

	fs_init(&fs);
	line->clock = (struct clock){.now_s = line_now_s, .monotonic_ms = line_monotonic_ms, .context = line};
	line->server = (struct transport){.ask = send_pieces, .context = line};
	line->now_s = NOON_S;
	line->pieces = 100;
	assert_ok(zone_load(&fs, "Asia/Tokyo", &line->zone, &line->err), &line->err);
	assert_ok(window_list_parse("20:00-05:00", &line->windows, &line->err), &line->err);
	line->options = (struct traffic_options){
		.clock = &line->clock,
		.rate = {line->zone, &line->windows, 0, 0, &line->hours},
		.set_rate = note_rate,
		.rate_context = line,
		.arrived = note_arrival,
		.arrived_context = line,
	};
	*state = line;
	return 0;
}

static int teardown(void **state)
{
	struct line *line = *state;

	zone_free(line->zone);
	free(line);
	return 0;
}

static int transfer(struct line *line)
{
	struct transport_request request = {.url = "http://server/file", .limit = UINT64_MAX};
	struct transport_reply reply;

	return line->traffic.transport.ask(&line->traffic.transport, &request, count_bytes, line, &reply, &line->err);
}

TEST_CASE(test_passes_everything_on_and_tells_of_it)
{
	struct line *line = *state;

	traffic_init(&line->traffic, &line->server, &line->options);
	assert_ok(transfer(line), &line->err);
	assert_int_equal(line->bytes, 100 * PIECE);
	assert_int_equal(line->traffic.bytes, 100 * PIECE);
	assert_int_equal(line->traffic.spent.busy_ms, 100 * 1000);
	assert_int_equal(line->arrivals, 100);
}

TEST_CASE(test_changes_the_speed_when_the_window_ends_in_a_transfer)
{
	struct line *line = *state;

	line->options.rate.inside = 200000;
	line->options.rate.outside = 5000;
	line->now_s = NOON_S - 7 * 3600 - 50; /* 50 s before 05:00 */
	traffic_init(&line->traffic, &line->server, &line->options);
	assert_ok(transfer(line), &line->err);
	assert_int_equal(line->rates_count, 2);
	assert_int_equal(line->rates[0], 200000);
	assert_int_equal(line->rates[1], 5000);
	assert_int_equal(line->bytes, 100 * PIECE);
}

TEST_CASE(test_ends_with_the_window_and_not_a_byte_later)
{
	struct line *line = *state;

	line->options.closes_s = NOON_S + 40;
	traffic_init(&line->traffic, &line->server, &line->options);
	assert_int_equal(transfer(line), -1);
	assert_error(&line->err, ERROR_STOPPED, "the window has ended");
	assert_int_equal(line->bytes, 40 * PIECE);
	assert_int_equal(transfer(line), -1);
	assert_int_equal(line->err.code, ERROR_STOPPED);
	assert_int_equal(line->bytes, 40 * PIECE);
}

TEST_CASE(test_spends_its_budget_to_the_last_byte_and_no_more)
{
	struct line *line = *state;

	line->options.budget = 30 * PIECE + 7;
	line->options.spent.bytes = 10 * PIECE;
	traffic_init(&line->traffic, &line->server, &line->options);
	assert_int_equal(transfer(line), -1);
	assert_error(&line->err, ERROR_STOPPED, "budget");
	assert_int_equal(line->bytes, 20 * PIECE + 7);
	assert_int_equal(line->traffic.spent.bytes, line->options.budget);
	assert_int_equal(transfer(line), -1);
	assert_int_equal(line->bytes, 20 * PIECE + 7);
}

TEST_CASE(test_spends_its_time_and_no_more)
{
	struct line *line = *state;

	line->options.budget_s = 25;
	line->options.spent.busy_ms = 5000;
	traffic_init(&line->traffic, &line->server, &line->options);
	assert_int_equal(transfer(line), -1);
	assert_error(&line->err, ERROR_STOPPED, "25 seconds");
	assert_int_equal(line->bytes, 20 * PIECE);
}

TEST_CASE_WITH(test_what_was_spent_counts_for_its_own_window_alone, store_fixture_setup, store_fixture_teardown)
{
	struct store_fixture *fixture = *state;
	struct traffic_spent spent = {.bytes = UINT64_C(5) << 40, .busy_ms = 77}, found;
	struct error err = {0};

	assert_ok(traffic_read_spent(fixture->store, NOON_S, &found, &err), &err);
	assert_int_equal(found.bytes, 0);
	assert_ok(traffic_keep_spent(fixture->store, NOON_S, &spent, &err), &err);
	assert_ok(traffic_read_spent(fixture->store, NOON_S, &found, &err), &err);
	assert_int_equal(found.bytes, spent.bytes);
	assert_int_equal(found.busy_ms, 77);
	assert_ok(traffic_read_spent(fixture->store, NOON_S + 86400, &found, &err), &err);
	assert_int_equal(found.bytes, 0);
}

TESTS(setup, teardown)
