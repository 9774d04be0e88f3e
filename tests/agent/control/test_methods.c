/* Who may call the agent's methods, and with what. */
#include "agent/resident/resident_job.h"
#include "tests/agent/asking.h"
#include "tests/agent/control/described.h"

#define SOME_NAME "{\"name\":\"terminal.telephone\"}"

/* Each method with the least that it takes, and what comes of that on a terminal where nothing was delivered yet. */
static const struct call {
	const char *method, *parameters;
	enum { ANSWERS, IN_PARTS, BEGINS_A_JOB, FAILS } ends;
	enum error_code code;
	enum { EVERYBODY, STAFF } who; /* may call it */
} method_calls[] = {
	{"GetStatus", NULL, ANSWERS, ERROR_NONE, EVERYBODY},
	{"Watch", NULL, IN_PARTS, ERROR_NONE, EVERYBODY},
	{"Check", NULL, BEGINS_A_JOB, ERROR_NONE, STAFF},
	{"Doctor", NULL, BEGINS_A_JOB, ERROR_NONE, EVERYBODY},
	{"DownloadNow", NULL, BEGINS_A_JOB, ERROR_NONE, STAFF},
	{"Enrol", "{\"url\":\"https://127.0.0.1:9\",\"code\":\"AAAA\"}", BEGINS_A_JOB, ERROR_NONE, STAFF},
	{"Verify", NULL, BEGINS_A_JOB, ERROR_NONE, STAFF},
	{"GetNotes", FACE_LIBRARY, FAILS, ERROR_NOT_FOUND, EVERYBODY},
	{"Install", "{\"path\":\"/mnt\"}", BEGINS_A_JOB, ERROR_NONE, STAFF},
	{"GetHistory", NULL, ANSWERS, ERROR_NONE, EVERYBODY},
	{"VerifyHistory", NULL, ANSWERS, ERROR_NONE, EVERYBODY},
	{"ExportHistory", NULL, IN_PARTS, ERROR_NONE, EVERYBODY},
	{"GetKey", NULL, ANSWERS, ERROR_NONE, EVERYBODY},
	{"Disable", NULL, ANSWERS, ERROR_NONE, STAFF},
	{"Enable", NULL, ANSWERS, ERROR_NONE, STAFF},
	{"Hold", FACE_LIBRARY, ANSWERS, ERROR_NONE, STAFF},
	{"Unhold", FACE_LIBRARY, ANSWERS, ERROR_NONE, STAFF},
	{"Restart", NULL, BEGINS_A_JOB, ERROR_NONE, STAFF},
	{"Rollback", FACE_LIBRARY, FAILS, ERROR_NOT_FOUND, STAFF},
	{"Release", FACE_LIBRARY, FAILS, ERROR_NOT_FOUND, STAFF},
	{"Explain", NULL, ANSWERS, ERROR_NONE, EVERYBODY},
	{"GetCompletion", NULL, FAILS, ERROR_NOT_FOUND, EVERYBODY},
	{"GetEnvironment", NULL, ANSWERS, ERROR_NONE, EVERYBODY},
	{"SetEnvironment", "{\"environment\":\"production\"}", ANSWERS, ERROR_NONE, STAFF},
	{"GetSettings", NULL, ANSWERS, ERROR_NONE, EVERYBODY},
	{"SetSetting", SOME_NAME, FAILS, ERROR_DENIED, STAFF},
	{"GetVersion", NULL, ANSWERS, ERROR_NONE, EVERYBODY},
};

static const struct call *call_of(const char *method)
{
	for (size_t i = 0; i < ARRAY_SIZE(method_calls); i++)
		if (strcmp(method_calls[i].method, method) == 0)
			return &method_calls[i];
	fail_msg("%s has no row in method_calls[]: say what it takes and what comes of it", method);
	return NULL;
}

static void check_parts(const char *method, const json_t *parts)
{
	const json_t *part;
	size_t i;

	assert_true(json_array_size(parts) > 0);
	json_array_foreach (parts, i, part) {
		assert_string_equal(text_at(part, "error"), "");
		assert_as_described(method, value_at(part, "parameters"));
	}
}

static void check_call(struct agent_fixture *fixture, const struct call *call)
{
	switch (call->ends) {
	case ANSWERS:
		assert_as_described(call->method, asked(fixture, call->method, call->parameters));
		break;
	case IN_PARTS:
		check_parts(call->method, asked_for_more(fixture, call->method, call->parameters));
		break;
	case BEGINS_A_JOB:
		assert_null(agent_fixture_call(fixture, call->method, call->parameters));
		assert_true(fixture->resident.job.running);
		resident_job_stop(&fixture->resident);
		break;
	case FAILS:
		(void)refused(fixture, call->method, call->parameters, call->code, "");
		break;
	}
}

/* ---- Who may ---- */

TEST_CASE(test_a_stranger_may_look)
{
	const char *at = NULL;
	char method[64];

	agent_fixture_become_stranger(*state);
	while (described_method(&at, method))
		if (call_of(method)->who == EVERYBODY)
			check_call(*state, call_of(method));
}

TEST_CASE(test_a_stranger_may_change_nothing)
{
	struct agent_fixture *fixture = *state;
	int rows = count_history(fixture, NULL, NULL), refusals = 0;
	const char *at = NULL;
	char method[64];

	agent_fixture_become_stranger(fixture);
	while (described_method(&at, method))
		if (call_of(method)->who == STAFF) {
			(void)refused(fixture, method, call_of(method)->parameters, ERROR_DENIED,
				"uid 4711 may look but not change anything");
			refusals++;
		}
	assert_true(refusals > 0);
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

TEST_CASE(test_every_method_does_what_is_described_and_answers_so)
{
	struct agent_fixture *fixture = *state;
	char file[2 * FOLDER_PATH_SIZE], method[64];
	const char *at = NULL;
	size_t count = 0;

	(void)snprintf(file, sizeof(file), "%s/etc/haishin/haishin.conf", fixture->folder.path);
	fixture->resident.config_file = file;
	fixture->resident.root = fixture->folder.path;
	for (; described_method(&at, method); count++)
		check_call(fixture, call_of(method));
	assert_int_equal(count, ARRAY_SIZE(method_calls));
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
