/* What `haishin` says where it cannot do what was asked, and to whom it speaks which language. */
#include <unistd.h>

#include "tests/tools/haishin/running.h"

TEST_CASE(test_says_clearly_that_no_agent_runs)
{
	static const char *const verbs[] = {"status", "check", "download-now", "history", "history verify", "enable",
		"disable", "hold a", "unhold a", "rollback a", "explain"};

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		AUTO(json) json_t *answer = ask_json(*state, verbs[i], 1);

		assert_string_equal(json_string_value(json_object_get(answer, "error")), "no-agent");
		assert_says(*state, verbs[i], 1, "haishin is not running on this terminal.");
	}
	assert_says(*state, "version", 0, "haishind (not running)");
}

TEST_CASE(test_refuses_what_it_does_not_understand)
{
	static const char *const rows[][2] = {
		{"frobnicate", "There is no 'frobnicate'."},
		{"", "It does not say what to do."},
		{"--frob status", "There is no option '--frob', or it lacks its value."},
		{"hold", "Write: haishin hold PACKAGE"},
		{"status --why x", "'status' does not take one of these options."},
		{"history --csv --jsonl", "one of --csv, --jsonl and --json"},
		{"history --limit many", "--limit takes a count"},
		{"history frobnicate", "history export [FILE], or history key"},
		{"history export --csv", "Write: haishin history"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(json) json_t *answer = ask_json(*state, rows[i][0], 2);

		assert_string_equal(json_string_value(json_object_get(answer, "error")), "usage");
		assert_says(*state, rows[i][0], 2, rows[i][1]);
	}
}

TEST_CASE(test_names_a_configuration_that_is_missing_or_wrong)
{
	struct agent_fixture *fixture = *state;

	assert_says(*state, "--config /no/such/file status", 3, "/no/such/file");
	folder_put(&fixture->folder, "bad.conf", "[server\n", 8);
	assert_int_equal(chdir(fixture->folder.path), 0);
	assert_says(*state, "--config bad.conf status", 1, "bad.conf:1:");
	assert_int_equal(chdir("/"), 0);
}

TEST_CASE(test_help_needs_no_agent)
{
	assert_says(*state, "help", 0, "download-now");
	assert_says(*state, "--help", 0, "Exit status: 0 done");
	assert_says(*state, "help disable", 0, "usage: haishin disable");
	assert_says(*state, "help no-such", 2, "no-such");
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
