/* Every decision of a terminal about a candidate, as rows. */
#include "tests/support/test.h"

#include <stdio.h>

#include "manifests/rollout/rollout.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char *pilot[] = {"pilot"};
static const char *others[] = {"big-sites", "north"};

/* Pilots from the 1st, 1 % from the 2nd, two rings and 10 % from the 4th, all from the 10th. */
static struct candidate_stage stages[] = {
	{.night = {2026, 12, 1}, .rings = pilot, .rings_count = 1},
	{.night = {2026, 12, 2}, .percent = 1},
	{.night = {2026, 12, 4}, .percent = 10, .rings = others, .rings_count = 2},
	{.night = {2026, 12, 10}, .percent = 100},
};

static struct candidate candidate(void)
{
	return (struct candidate){
		.version = "5.1.0", .digest = DIGEST, .place_of = DIGEST, .attempt = 1, .why = "", .stages = stages, .stages_count = ARRAY_SIZE(stages)};
}

struct row {
	const char *what;
	const char *ring;
	int64_t place;
	int day;
	enum brake_state brake;
	const char *here; /* "", "new", "current", "staged", "quarantined" */
	enum rollout_step step;
	enum rollout_gate gate;
	size_t stage, own_stage;
};

static struct rollout_decision decide(const struct candidate *candidate, const struct row *row)
{
	const struct rollout_facts facts = {
		.ring = row->ring,
		.place = row->place,
		.night = {2026, 12, row->day},
		.brake = row->brake,
		.is_new = strcmp(row->here, "new") == 0,
		.is_current = strcmp(row->here, "current") == 0,
		.is_staged = strcmp(row->here, "staged") == 0,
		.is_quarantined = strcmp(row->here, "quarantined") == 0,
	};

	return rollout_decide(candidate, &facts);
}

static void check(const struct candidate *candidate, const struct row *row)
{
	struct rollout_decision decision = decide(candidate, row);

	if (decision.step != row->step || decision.gate != row->gate || decision.stage != row->stage ||
		decision.own_stage != row->own_stage)
		fail_msg("%s: %s (%s), stage %zu, own %zu", row->what, rollout_step_name(decision.step),
			rollout_gate_name(decision.gate), decision.stage, decision.own_stage);
}

TEST_CASE(test_while_it_runs)
{
	static const struct row rows[] = {
		{"a pilot on the first night", "pilot", 50, 1, BRAKE_GOOD, "", ROLLOUT_CANDIDATE, ROLLOUT_GATE_NONE, 1, 1},
		{"no pilot on it", "", 0, 1, BRAKE_GOOD, "", ROLLOUT_STABLE, ROLLOUT_GATE_NIGHT, 1, 2},
		{"another ring on it", "north", 99, 1, BRAKE_GOOD, "", ROLLOUT_STABLE, ROLLOUT_GATE_NIGHT, 1, 3},
		{"the first of a hundred", "", 0, 2, BRAKE_GOOD, "", ROLLOUT_CANDIDATE, ROLLOUT_GATE_NONE, 2, 2},
		{"the second of them", "", 1, 2, BRAKE_GOOD, "", ROLLOUT_STABLE, ROLLOUT_GATE_NIGHT, 2, 3},
		{"between two stages", "", 9, 3, BRAKE_GOOD, "", ROLLOUT_STABLE, ROLLOUT_GATE_NIGHT, 2, 3},
		{"the tenth", "", 9, 4, BRAKE_GOOD, "", ROLLOUT_CANDIDATE, ROLLOUT_GATE_NONE, 3, 3},
		{"the eleventh", "", 10, 9, BRAKE_GOOD, "", ROLLOUT_STABLE, ROLLOUT_GATE_NIGHT, 3, 4},
		{"the second ring of a stage", "north", 99, 4, BRAKE_GOOD, "", ROLLOUT_CANDIDATE, ROLLOUT_GATE_NONE, 3, 3},
		{"the last", "", 99, 10, BRAKE_GOOD, "", ROLLOUT_CANDIDATE, ROLLOUT_GATE_NONE, 4, 4},
		{"a new terminal", "pilot", 0, 10, BRAKE_GOOD, "new", ROLLOUT_STABLE, ROLLOUT_GATE_NEW, 4, 1},
		{"one that took it back", "pilot", 0, 10, BRAKE_GOOD, "quarantined", ROLLOUT_STABLE, ROLLOUT_GATE_QUARANTINED, 4,
			1},
		{"no statement", "pilot", 0, 10, BRAKE_ABSENT, "", ROLLOUT_STABLE, ROLLOUT_GATE_BRAKE_ABSENT, 4, 1},
		{"an old one", "pilot", 0, 10, BRAKE_STALE, "", ROLLOUT_STABLE, ROLLOUT_GATE_BRAKE_STALE, 4, 1},
		{"no statement, and not its turn", "", 99, 1, BRAKE_ABSENT, "", ROLLOUT_STABLE, ROLLOUT_GATE_NIGHT, 1, 4},
		{"an old one, and it is here", "pilot", 0, 1, BRAKE_STALE, "current", ROLLOUT_KEEP, ROLLOUT_GATE_NONE, 1, 1},
		{"no statement, and it is staged", "pilot", 0, 1, BRAKE_ABSENT, "staged", ROLLOUT_KEEP, ROLLOUT_GATE_NONE, 1, 1},
		{"it is here before its turn", "", 99, 1, BRAKE_GOOD, "current", ROLLOUT_KEEP, ROLLOUT_GATE_NONE, 1, 4},
		{"stopped, and not here", "pilot", 0, 10, BRAKE_STOPPED, "", ROLLOUT_STABLE, ROLLOUT_GATE_BRAKED, 4, 1},
		{"stopped, and staged", "pilot", 0, 10, BRAKE_STOPPED, "staged", ROLLOUT_TAKE_OUT, ROLLOUT_GATE_BRAKED, 4, 1},
		{"stopped, and current", "pilot", 0, 10, BRAKE_STOPPED, "current", ROLLOUT_KEEP, ROLLOUT_GATE_BRAKED, 4, 1},
	};
	struct candidate tried = candidate();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&tried, &rows[i]);
}

TEST_CASE(test_a_night_before_the_first_stage)
{
	struct candidate tried = candidate();
	const struct rollout_facts facts = {
		.ring = "pilot", .night = {2026, 11, 30}, .brake = BRAKE_GOOD};
	struct rollout_decision decision = rollout_decide(&tried, &facts);

	assert_int_equal(decision.step, ROLLOUT_STABLE);
	assert_int_equal(decision.gate, ROLLOUT_GATE_NIGHT);
	assert_int_equal(decision.stage, 0);
}

TEST_CASE(test_waits_where_the_brake_lets_fewer_stages_open)
{
	struct candidate tried = candidate();
	struct rollout_facts facts = {.ring = "", .place = 5, .night = {2026, 12, 10}, .brake = BRAKE_GOOD, .stages_let = 2};

	assert_int_equal(rollout_decide(&tried, &facts).gate, ROLLOUT_GATE_HELD);
	assert_int_equal(rollout_decide(&tried, &facts).step, ROLLOUT_STABLE);
	facts.stages_let = 3;
	assert_int_equal(rollout_decide(&tried, &facts).step, ROLLOUT_CANDIDATE);
	facts.stages_let = 1;
	tried.does_without_brake = true;
	assert_int_equal(rollout_decide(&tried, &facts).step, ROLLOUT_CANDIDATE);
}

TEST_CASE(test_without_a_brake_dates_alone_count)
{
	static const struct row rows[] = {
		{"none", "pilot", 0, 1, BRAKE_ABSENT, "", ROLLOUT_CANDIDATE, ROLLOUT_GATE_NONE, 1, 1},
		{"an old one", "pilot", 0, 1, BRAKE_STALE, "", ROLLOUT_CANDIDATE, ROLLOUT_GATE_NONE, 1, 1},
		{"one that stops it is heeded", "pilot", 0, 1, BRAKE_STOPPED, "", ROLLOUT_STABLE, ROLLOUT_GATE_BRAKED, 1, 1},
	};
	struct candidate tried = candidate();

	tried.does_without_brake = true;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&tried, &rows[i]);
}

TEST_CASE(test_what_the_operator_stopped)
{
	static const struct row rows[] = {
		{"not here", "pilot", 0, 10, BRAKE_GOOD, "", ROLLOUT_STABLE, ROLLOUT_GATE_STOPPED, 4, 1},
		{"staged", "pilot", 0, 10, BRAKE_GOOD, "staged", ROLLOUT_TAKE_OUT, ROLLOUT_GATE_STOPPED, 4, 1},
		{"current", "pilot", 0, 10, BRAKE_GOOD, "current", ROLLOUT_KEEP, ROLLOUT_GATE_STOPPED, 4, 1},
	};
	struct candidate tried = candidate();

	tried.state = CANDIDATE_STOPPED;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&tried, &rows[i]);
}

TEST_CASE(test_what_the_operator_recalled)
{
	static const struct row rows[] = {
		{"staged", "pilot", 0, 10, BRAKE_ABSENT, "staged", ROLLOUT_TAKE_OUT, ROLLOUT_GATE_WITHDRAWN, 4, 1},
		{"current", "", 50, 10, BRAKE_ABSENT, "current", ROLLOUT_RECALL, ROLLOUT_GATE_WITHDRAWN, 4, 4},
		{"elsewhere", "", 50, 10, BRAKE_GOOD, "", ROLLOUT_STABLE, ROLLOUT_GATE_WITHDRAWN, 4, 4},
	};
	struct candidate tried = candidate();

	tried.state = CANDIDATE_WITHDRAWN;
	tried.is_recalled = true;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&tried, &rows[i]);
}

TEST_CASE(test_a_terminal_that_no_stage_is_for_waits)
{
	static const struct row row = {
		"outside", "", 50, 9, BRAKE_GOOD, "", ROLLOUT_STABLE, ROLLOUT_GATE_SHARE, 3, 0};
	struct candidate tried = candidate();

	tried.stages_count = 3;
	check(&tried, &row);
}

TESTS(NULL, NULL)
