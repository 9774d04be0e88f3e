#include "tests/support/test.h"

#include "common/auto.h"
#include "common/digest.h"
#include "scheduler/slot.h"

#define OPENS_S 1768042800 /* 2026-01-10 20:00 in Tokyo */
#define CLOSES_S (OPENS_S + 9 * 3600)
#define FLEET 20000

static void secret_of(int terminal, uint8_t ret_secret[static SLOT_SECRET_SIZE])
{
	struct sha256 digest;

	sha256_of(&terminal, sizeof(terminal), &digest);
	memcpy(ret_secret, digest.bytes, SLOT_SECRET_SIZE);
}

/* A terminal that has been on since the day before. */
static struct slot_facts terminal_with(const uint8_t *secret)
{
	return (struct slot_facts){.secret = secret,
		.night = {2026, 1, 10},
		.opens_s = OPENS_S,
		.closes_s = CLOSES_S,
		.boot_s = OPENS_S - 86400,
		.start_delay_s = 60};
}

TEST_CASE(test_a_fleet_is_spread_evenly)
{
	int per_part[51] = {0};
	uint8_t secret[SLOT_SECRET_SIZE];

	for (int i = 0; i < FLEET; i++) {
		struct slot_facts facts;
		int64_t after_s;

		secret_of(i, secret);
		facts = terminal_with(secret);
		after_s = slot_moment_s(&facts) - OPENS_S;
		assert_in_range(after_s, 0, 9 * 3600 - 1801);
		per_part[after_s / 600]++;
	}
	/* 392 in ten minutes are the mean; six standard deviations from it are 119. */
	for (size_t i = 0; i < ARRAY_SIZE(per_part); i++)
		assert_in_range(per_part[i], 392 - 119, 392 + 119);
}

TEST_CASE(test_the_moment_is_another_each_night_and_the_same_all_night)
{
	uint8_t secret[SLOT_SECRET_SIZE];
	struct slot_facts facts, next;

	secret_of(1, secret);
	facts = next = terminal_with(secret);
	next.night.day = 11;
	assert_true(slot_moment_s(&facts) != slot_moment_s(&next));
	for (int64_t boot_s = OPENS_S - 100000; boot_s < CLOSES_S; boot_s += 777) {
		struct slot_facts again = facts;

		again.boot_s = boot_s;
		assert_true(slot_moment_s(&again) == slot_moment_s(&facts));
	}
}

TEST_CASE(test_a_restart_before_the_moment_does_not_move_it_and_after_it_costs_the_start_delay)
{
	uint8_t secret[SLOT_SECRET_SIZE];

	for (int i = 0; i < 500; i++) {
		struct slot_facts facts;
		int64_t moment_s;

		secret_of(i, secret);
		facts = terminal_with(secret);
		moment_s = slot_moment_s(&facts);
		assert_true(slot_due_s(&facts) == moment_s);
		facts.first_seen_s = OPENS_S - 86400;
		facts.boot_s = moment_s - 61;
		assert_true(slot_due_s(&facts) == moment_s);
		facts.boot_s = moment_s + 1000;
		assert_true(slot_due_s(&facts) == facts.boot_s + 60);
	}
}

/* The agent may look for the first time in this window when its moment has come. */
TEST_CASE(test_one_that_was_on_all_along_is_never_late)
{
	uint8_t secret[SLOT_SECRET_SIZE];
	struct slot_facts facts;

	secret_of(5, secret);
	facts = terminal_with(secret);
	facts.first_seen_s = slot_moment_s(&facts) + 5;
	assert_true(slot_due_s(&facts) == slot_moment_s(&facts));
}

TEST_CASE(test_one_that_is_switched_on_late_gets_its_turn_soon)
{
	uint8_t secret[SLOT_SECRET_SIZE];
	int64_t earliest = INT64_MAX, latest = 0;

	for (int i = 0; i < 500; i++) {
		struct slot_facts facts;
		int64_t wait_s;

		secret_of(i, secret);
		facts = terminal_with(secret);
		facts.boot_s = CLOSES_S - 1800;
		wait_s = slot_due_s(&facts) - facts.boot_s;
		assert_in_range(wait_s, 60, 60 + 100);
		earliest = wait_s < earliest ? wait_s : earliest;
		latest = wait_s > latest ? wait_s : latest;
	}
	assert_true(latest - earliest > 80);
}

/* Switched on late, restarting every 90 seconds: the wait goes on where it was, so it ends. */
TEST_CASE(test_restarts_never_starve_a_terminal)
{
	uint8_t secret[SLOT_SECRET_SIZE];

	for (int i = 0; i < 500; i++) {
		struct slot_facts facts;
		int64_t first_boot_s = OPENS_S + 31000, served_s = 0;

		secret_of(i, secret);
		facts = terminal_with(secret);
		facts.first_seen_s = first_boot_s;
		for (facts.boot_s = first_boot_s; !served_s && facts.boot_s < CLOSES_S; facts.boot_s += 90)
			if (slot_due_s(&facts) < facts.boot_s + 90)
				served_s = slot_due_s(&facts);
		assert_in_range(served_s, first_boot_s + 60, first_boot_s + 60 + 300 + 90);
	}
}

TEST_CASE(test_one_that_was_switched_off_before_its_moment_is_early_the_next_night)
{
	uint8_t secret[SLOT_SECRET_SIZE];

	for (int i = 0; i < 500; i++) {
		struct slot_facts facts;

		secret_of(i, secret);
		facts = terminal_with(secret);
		facts.on_for_s = 3600;
		assert_in_range(slot_due_s(&facts) - OPENS_S, 0, 1799);
	}
}

TEST_CASE(test_short_windows_have_moments_too)
{
	uint8_t secret[SLOT_SECRET_SIZE];

	secret_of(3, secret);
	for (int64_t length_s = 1; length_s < 4000; length_s++) {
		struct slot_facts facts = terminal_with(secret);

		facts.closes_s = OPENS_S + length_s;
		assert_in_range(slot_moment_s(&facts), OPENS_S, facts.closes_s - 1);
		facts.on_for_s = 1;
		assert_in_range(slot_moment_s(&facts), OPENS_S, facts.closes_s - 1);
	}
}

TEST_CASE(test_spreads_over_the_whole_range)
{
	uint8_t secret[SLOT_SECRET_SIZE];
	unsigned seen = 0;

	for (int i = 0; i < 200; i++) {
		secret_of(i, secret);
		assert_int_equal(slot_spread(secret, "a", 1, 1), 0);
		assert_in_range(slot_spread(secret, "a", 1, 8), 0, 7);
		seen |= 1u << slot_spread(secret, "a", 1, 8);
		assert_true(slot_spread(secret, "a", 1, UINT64_MAX) != slot_spread(secret, "b", 1, UINT64_MAX));
		assert_true(slot_spread(secret, "a", 1, UINT64_MAX) != slot_spread(secret, "a", 2, UINT64_MAX));
	}
	assert_int_equal(seen, 0xff);
}

TESTS(NULL, NULL)
