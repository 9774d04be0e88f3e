#include "tests/support/test.h"

#include "common/auto.h"
#include "scheduler/backoff.h"
#include "scheduler/slot.h"

#define ENDED_S 1000000
#define CLOSES_S (ENDED_S + 8 * 3600)

static const uint8_t secret[SLOT_SECRET_SIZE] = "a secret of thirty-two bytes...";

static struct backoff decide(enum error_code code, int64_t attempts, int64_t retry_after_s)
{
	struct backoff_facts facts = {code, ENDED_S, attempts, 8, retry_after_s, CLOSES_S, secret};
	struct backoff backoff;

	backoff_decide(&facts, &backoff);
	return backoff;
}

TEST_CASE(test_each_class_of_error_has_its_verdict)
{
	static const struct {
		enum error_code code;
		enum backoff_verdict verdict;
	} rows[] = {
		{ERROR_NETWORK, BACKOFF_AGAIN},
		{ERROR_STRANGER, BACKOFF_AGAIN},
		{ERROR_EXPIRED, BACKOFF_AGAIN},
		{ERROR_ALTERED, BACKOFF_AGAIN},
		{ERROR_FAILED, BACKOFF_AGAIN},
		{ERROR_BUSY, BACKOFF_AGAIN},
		{ERROR_SERVER, BACKOFF_AGAIN},
		{ERROR_NOT_FOUND, BACKOFF_AGAIN},
		{ERROR_REFUSED, BACKOFF_NOT_FOR_THIS_DIGEST},
		{ERROR_CERTIFICATE, BACKOFF_NEXT_NIGHT},
		{ERROR_NO_SPACE, BACKOFF_NEXT_NIGHT},
		{ERROR_DAMAGED, BACKOFF_NEXT_NIGHT},
		{ERROR_STOPPED, BACKOFF_NEXT_NIGHT},
		{ERROR_DISABLED, BACKOFF_NEXT_NIGHT},
		{ERROR_INPUT, BACKOFF_NEXT_NIGHT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(decide(rows[i].code, 1, 0).verdict, rows[i].verdict);
}

TEST_CASE(test_pauses_grow_up_to_an_hour_and_a_half)
{
	int64_t lowest = 60;

	for (int64_t attempt = 1; attempt < 7; attempt++) {
		int64_t pause = decide(ERROR_NETWORK, attempt, 0).again_s - ENDED_S;

		assert_in_range(pause, lowest, lowest + lowest / 2);
		lowest = lowest * 2 < 3600 ? lowest * 2 : 3600;
	}
}

TEST_CASE(test_terminals_pause_for_different_times)
{
	struct backoff_facts facts = {ERROR_NETWORK, ENDED_S, 5, 8, 0, CLOSES_S, NULL};
	uint8_t others[SLOT_SECRET_SIZE] = {0};
	int64_t earliest = INT64_MAX, latest = 0;

	facts.secret = others;
	for (int i = 0; i < 100; i++) {
		struct backoff backoff;

		others[0] = (uint8_t)i;
		backoff_decide(&facts, &backoff);
		earliest = backoff.again_s < earliest ? backoff.again_s : earliest;
		latest = backoff.again_s > latest ? backoff.again_s : latest;
	}
	assert_true(latest - earliest > 300);
}

TEST_CASE(test_waits_as_long_as_the_server_asks)
{
	struct backoff backoff;

	backoff = decide(ERROR_NETWORK, 1, 7200);
	assert_int_equal(backoff.verdict, BACKOFF_AGAIN);
	assert_in_range(backoff.again_s - ENDED_S, 7200, 7920);
	/* Less than our own pause does not shorten it. */
	assert_true(decide(ERROR_NETWORK, 5, 1).again_s - ENDED_S >= 960);
}

TEST_CASE(test_what_the_server_asks_beyond_the_window_moves_to_the_next_night)
{
	struct backoff backoff;

	backoff = decide(ERROR_NETWORK, 1, 9 * 3600);
	assert_int_equal(backoff.verdict, BACKOFF_NEXT_NIGHT);
	assert_true(backoff.again_s >= ENDED_S + 9 * 3600);
	/* A server that asks for years is believed for a day. */
	backoff = decide(ERROR_NETWORK, 1, INT64_MAX);
	assert_in_range(backoff.again_s - ENDED_S, 86400, 86400 + 8640);
	backoff = decide(ERROR_NETWORK, 1, -5);
	assert_in_range(backoff.again_s - ENDED_S, 60, 90);
}

TEST_CASE(test_a_night_has_so_many_attempts)
{
	assert_int_equal(decide(ERROR_NETWORK, 7, 0).verdict, BACKOFF_AGAIN);
	assert_int_equal(decide(ERROR_NETWORK, 8, 0).verdict, BACKOFF_NEXT_NIGHT);
	assert_int_equal(decide(ERROR_BUSY, 8, 0).verdict, BACKOFF_NEXT_NIGHT);
	assert_int_equal(decide(ERROR_NETWORK, INT64_MAX, 0).verdict, BACKOFF_NEXT_NIGHT);
}

/* An attempt that ended LEFT_S before the window does. */
static struct backoff decide_late(int64_t left_s, int64_t attempts, void (*of)(const struct backoff_facts *, struct backoff *))
{
	struct backoff_facts facts = {ERROR_NETWORK, CLOSES_S - left_s, attempts, 8, 0, CLOSES_S, secret};
	struct backoff backoff;

	of(&facts, &backoff);
	return backoff;
}

TEST_CASE(test_no_attempt_begins_when_the_window_is_over)
{
	assert_int_equal(decide_late(59, 1, backoff_decide).verdict, BACKOFF_NEXT_NIGHT);
	assert_int_equal(decide_late(1800, 2, backoff_ask_again).verdict, BACKOFF_NEXT_NIGHT);
}

/* An outage that ends before is no lost night, however early it began, and however late. */
TEST_CASE(test_the_last_attempt_is_near_the_end_of_the_window)
{
	static const struct {
		int64_t left_s, attempts;
		void (*of)(const struct backoff_facts *, struct backoff *);
	} rows[] = {
		{8 * 3600, 7, backoff_decide}, /* the last one */
		{2701, 6, backoff_decide},     /* its pause is longer than what is left of the window */
		{8 * 3600, 7, backoff_ask_again},
		{3600, 1, backoff_ask_again},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct backoff backoff = decide_late(rows[i].left_s, rows[i].attempts, rows[i].of);

		assert_int_equal(backoff.verdict, BACKOFF_AGAIN);
		assert_in_range(CLOSES_S - backoff.again_s, BACKOFF_LAST_UNTIL_S + 1, BACKOFF_LAST_FROM_S);
	}
	/* What a server asks for is not shortened by that. */
	assert_true(decide(ERROR_SERVER, 7, 8 * 3600 - 60).again_s >= CLOSES_S - 60);
}

TEST_CASE(test_what_may_come_later_in_the_night_is_asked_for_again)
{
	struct backoff backoff = decide_late(6 * 3600, 1, backoff_ask_again);

	assert_int_equal(backoff.verdict, BACKOFF_AGAIN);
	assert_in_range(backoff.again_s - (CLOSES_S - 6 * 3600), 3600, 5400);
	assert_int_equal(decide_late(6 * 3600, 8, backoff_ask_again).verdict, BACKOFF_NEXT_NIGHT);
}

TESTS(NULL, NULL)
