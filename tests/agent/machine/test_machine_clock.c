/* What the clock that no time change moves says of the one on the wall. */
#include <string.h>

#include "agent/machine/machine_clock.h"
#include "agent/store/history.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define HOUR_S 3600
#define DAY_S 86400
#define FLOOR_S (NOON_S - DAY_S)

static int64_t note(struct agent_fixture *fixture, int64_t floor_s)
{
	struct machine_clock_jump jump;
	struct error err = {0};

	assert_ok(machine_clock_note(fixture->terminal.store, &fixture->clock, floor_s, &jump, &err), &err);
	return jump.by_s;
}

static struct machine_clock look(struct agent_fixture *fixture, int64_t floor_s)
{
	struct machine_clock clock;
	struct error err = {0};

	assert_ok(machine_clock_look(fixture->terminal.store, &fixture->clock, floor_s, &clock, &err), &err);
	return clock;
}

static void pass(struct agent_fixture *fixture, int64_t passed_s)
{
	fixture->now_s += passed_s;
	fixture->monotonic_ms += passed_s * 1000;
}

static int keep_detail(void *context, const struct history_row *row, struct error *err)
{
	(void)err;
	(void)strcpy(context, row->detail);
	return 0;
}

static const char *last_told(struct agent_fixture *fixture)
{
	static char detail[STORE_TEXT_SIZE];
	struct history_filter filter = {.operation = "clock", .newest = 1};
	struct error err = {0};

	*detail = '\0';
	assert_ok(history_each(fixture->terminal.store, &filter, keep_detail, detail, &err), &err);
	return detail;
}

TEST_CASE(test_time_that_passes_is_no_jump)
{
	static const int64_t steps_s[] = {1, 60, HOUR_S, 40 * DAY_S};
	struct agent_fixture *fixture = *state;

	assert_int_equal(note(fixture, FLOOR_S), 0);
	for (size_t i = 0; i < ARRAY_SIZE(steps_s); i++) {
		pass(fixture, steps_s[i]);
		fixture->now_s += 100; /* a time server */
		assert_int_equal(note(fixture, FLOOR_S), 0);
	}
	assert_string_equal(last_told(fixture), "");
	assert_int_equal(look(fixture, FLOOR_S).state, MACHINE_CLOCK_RIGHT);
}

TEST_CASE(test_a_jump_is_told_with_its_distance)
{
	static const struct {
		int64_t by_s;
		const char *says;
	} rows[] = {
		{400 * DAY_S, "the clock was set by +400 d: from 2026-01-10T03:00:00Z to 2027-02-14T03:00:00Z"},
		{-3 * HOUR_S, "the clock was set by -3 h"},
		{30 * 60, "the clock was set by +30 min"},
		{INT64_C(24854) * DAY_S, "the clock was set by +24854 d"},
	};
	struct agent_fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fixture->now_s = NOON_S;
		(void)note(fixture, FLOOR_S);
		fixture->now_s += rows[i].by_s;
		assert_int_equal(note(fixture, FLOOR_S), rows[i].by_s);
		if (strncmp(last_told(fixture), rows[i].says, strlen(rows[i].says)) != 0)
			fail_msg("row %zu: %s", i, last_told(fixture));
	}
}

TEST_CASE(test_a_clock_that_was_set_ahead_is_not_believed_until_it_is_back)
{
	struct agent_fixture *fixture = *state;

	(void)note(fixture, FLOOR_S);
	fixture->now_s += 400 * DAY_S;
	(void)note(fixture, FLOOR_S);
	assert_int_equal(look(fixture, FLOOR_S).state, MACHINE_CLOCK_AHEAD);
	assert_int_equal(look(fixture, FLOOR_S).ahead_from_s, NOON_S);
	assert_non_null(strstr(look(fixture, FLOOR_S).detail, "+400 d"));
	pass(fixture, HOUR_S);
	fixture->now_s -= 400 * DAY_S;
	(void)note(fixture, FLOOR_S);
	assert_int_equal(look(fixture, FLOOR_S).state, MACHINE_CLOCK_RIGHT);
	assert_int_equal(look(fixture, FLOOR_S).ahead_from_s, 0);
}

TEST_CASE(test_a_contact_confirms_the_clock)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};

	(void)note(fixture, FLOOR_S);
	fixture->now_s += 3 * DAY_S;
	(void)note(fixture, FLOOR_S);
	assert_int_equal(look(fixture, FLOOR_S).state, MACHINE_CLOCK_AHEAD);
	assert_ok(machine_clock_trust(fixture->terminal.store, &err), &err);
	assert_int_equal(look(fixture, FLOOR_S).state, MACHINE_CLOCK_RIGHT);
}

TEST_CASE(test_a_clock_that_was_wrong_is_put_right)
{
	struct agent_fixture *fixture = *state;

	fixture->now_s = 60; /* its battery is dead */
	(void)note(fixture, FLOOR_S);
	assert_int_equal(look(fixture, FLOOR_S).state, MACHINE_CLOCK_BEHIND);
	fixture->now_s = NOON_S;
	assert_int_equal(note(fixture, FLOOR_S), NOON_S - 60);
	assert_int_equal(look(fixture, FLOOR_S).state, MACHINE_CLOCK_RIGHT);
	fixture->now_s += 9 * HOUR_S; /* by a day at most somebody puts it right */
	(void)note(fixture, FLOOR_S);
	assert_int_equal(look(fixture, FLOOR_S).state, MACHINE_CLOCK_RIGHT);
}

TEST_CASE(test_how_long_the_machine_was_off_is_not_known)
{
	struct agent_fixture *fixture = *state;

	(void)note(fixture, FLOOR_S);
	(void)strcpy(fixture->boot_id, "boot-2");
	fixture->monotonic_ms = 5000;
	fixture->now_s += 300 * DAY_S;
	assert_int_equal(note(fixture, FLOOR_S), 0);
	assert_int_equal(look(fixture, FLOOR_S).state, MACHINE_CLOCK_RIGHT);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
