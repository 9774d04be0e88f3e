/* Who may call the agent's methods, and with what. */
#include "agent/control/method.h"
#include "agent/control/methods.h"
#include "tests/agent/asking.h"

TEST_CASE(test_a_stranger_may_look)
{
	static const char *const methods[] = {"GetStatus", "GetVersion", "GetHistory", "VerifyHistory", "Explain"};

	agent_fixture_become_stranger(*state);
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		(void)asked(*state, methods[i], NULL);
}

TEST_CASE(test_a_stranger_may_change_nothing)
{
	static const char *const calls[][2] = {{"Check", NULL}, {"Verify", NULL}, {"DownloadNow", NULL},
		{"Enable", NULL}, {"Disable", NULL}, {"Hold", FACE_LIBRARY}, {"Unhold", FACE_LIBRARY},
		{"Rollback", FACE_LIBRARY}, {"Release", FACE_LIBRARY}};
	struct agent_fixture *fixture = *state;
	int rows = count_history(fixture, NULL, NULL);

	agent_fixture_become_stranger(fixture);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		(void)refused(fixture, calls[i][0], calls[i][1], ERROR_DENIED,
			"uid 4711 may look but not change anything");
	assert_int_equal(count_history(fixture, NULL, NULL), rows);
	assert_false(fixture->resident.job.running);
}

/* It changes nothing, and keeps the terminal at work: whoever may not change anything may ask for it now and then. */
TEST_CASE(test_a_stranger_may_ask_the_doctor_now_and_then)
{
	struct agent_fixture *fixture = *state;

	agent_fixture_become_stranger(fixture);
	fixture->resident.doctor_again_ms = fixture->monotonic_ms + 90500;
	assert_int_equal(number_at(refused(fixture, "Doctor", NULL, ERROR_THROTTLED, "again in 91 seconds"),
				 "seconds_left"),
		91);
	fixture->resident.job.running = true;
	(void)refused(fixture, "Doctor", NULL, ERROR_BUSY, "");
	fixture->resident.job.running = false;
}

TEST_CASE(test_refuses_parameters_that_a_method_does_not_take)
{
	static const char *const rows[][3] = {
		{"GetStatus", "{\"a\":1}", "a"},
		{"Hold", "{}", "package"},
		{"Hold", "{\"package\":5}", "package"},
		{"Hold", "{\"package\":null}", "package"},
		{"Hold", "{\"package\":\"face-library\",\"until\":20260131}", "until"},
		{"GetHistory", "{\"limit\":\"5\"}", "limit"},
		{"Rollback", "{\"package\":\"face-library\",\"force\":true}", "force"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		refuses_parameter(*state, rows[i][0], rows[i][1], rows[i][2]);
}

TEST_CASE(test_names_a_package_that_this_terminal_does_not_run)
{
	static const char *const methods[] = {"Hold", "Unhold", "Rollback", "Release", "Explain"};

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		(void)refused(*state, methods[i], "{\"package\":\"solitaire\"}", ERROR_NOT_FOUND,
			"does not run a package 'solitaire'");
}

TEST_CASE(test_every_method_that_is_described_is_answered)
{
	AUTO(buf) struct buf text = BUF_INIT(VARLINK_DESCRIPTION_MAX_BYTES);
	struct error err = {0};
	const char *at;
	int count = 0;

	assert_ok(methods_describe(&text, &err), &err);
	for (at = buf_text(&text); (at = strstr(at, "\nmethod ")); at++) {
		AUTO(json) json_t *answer = NULL;
		char name[64] = "";

		assert_int_equal(sscanf(at, "\nmethod %63[A-Za-z]", name), 1);
		if (strcmp(name, "Check") != 0 && strcmp(name, "DownloadNow") != 0 && strcmp(name, "Doctor") != 0) {
			answer = agent_fixture_call(*state, name, NULL);
			assert_string_not_equal(text_at(answer, "error"), "org.varlink.service.MethodNotFound");
		}
		count++;
	}
#define ONE(name) +1
	assert_int_equal(count, 0 EACH_METHOD(ONE));
#undef ONE
}

/* ---- Changes that change nothing, and too many of them. ---- */

TEST_CASE(test_what_changes_nothing_leaves_no_row)
{
	static const struct {
		const char *method, *parameters;
		int rows; /* that it adds */
	} calls[] = {
		{"Enable", NULL, 0},
		{"Unhold", FACE_LIBRARY, 0},
		{"Disable", "{\"why\":\"stocktaking\"}", 1},
		{"Disable", "{\"why\":\"stocktaking\"}", 0},
		{"Disable", "{\"why\":\"repair\"}", 1},
		{"Disable", "{\"why\":\"repair\",\"until\":\"2026-01-20\"}", 1},
		{"Disable", "{\"why\":\"repair\",\"until\":\"2026-01-20\"}", 0},
		{"Hold", FACE_LIBRARY, 1},
		{"Hold", FACE_LIBRARY, 0},
		{"Hold", "{\"package\":\"linkage-app\"}", 1},
		{"Unhold", FACE_LIBRARY, 1},
		{"Unhold", FACE_LIBRARY, 0},
		{"Enable", NULL, 1},
		{"Enable", NULL, 0},
		{"SetEnvironment", "{\"environment\":\"production\"}", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		int before = count_history(*state, NULL, NULL);

		(void)asked(*state, calls[i].method, calls[i].parameters);
		assert_int_equal(count_history(*state, NULL, NULL) - before, calls[i].rows);
	}
}

TEST_CASE(test_who_changes_things_all_the_time_is_held_up)
{
	struct agent_fixture *fixture = *state;

	agent_fixture_become_clerk(fixture);
	for (int i = 0; i < 60; i++)
		(void)asked(fixture, i % 2 ? "Unhold" : "Hold", FACE_LIBRARY);
	assert_int_equal(number_at(refused(fixture, "Hold", FACE_LIBRARY, ERROR_THROTTLED, "more than 60 changes"),
				 "seconds_left"),
		30);
	assert_int_equal(count_history(fixture, "hold", NULL), 30);
	(void)asked(fixture, "GetStatus", NULL);
	fixture->monotonic_ms += 30000;
	(void)asked(fixture, "Hold", FACE_LIBRARY);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
