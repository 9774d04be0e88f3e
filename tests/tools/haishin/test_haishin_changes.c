/* What `haishin` changes, and what was recorded of it. */
#include "agent/store/history.h"
#include "agent/store/pause.h"
#include "tests/tools/haishin/running.h"

TEST_CASE(test_disables_and_enables)
{
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_says(*state, "enable", 0, "Delivery was not disabled; nothing was changed.\n");
	assert_says(*state, "disable --until 2026-01-31 --why billing", 0,
		"It stays disabled until the end of 2026-01-31, and goes on by itself the day after.\n");
	assert_says(*state, "download-now", 4, "Delivery is disabled on this terminal.");
	assert_says(*state, "disable --until 2026-01-09", 2, "is over already");
	assert_json(*state, "disable", 0);
	assert_says(*state, "enable", 0, "Delivery goes on.\n");
	assert_json(*state, "enable", 0);
}

TEST_CASE(test_holds_and_lets_go)
{
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_says(*state, "hold face-library --why trial", 0, "'haishin unhold face-library' ends that.\n");
	assert_says(*state, "unhold face-library", 0, "face-library is delivered again.\n");
	assert_says(*state, "unhold face-library", 0, "was not held; nothing was changed.\n");
	assert_says(*state, "hold solitaire", 3, "'solitaire'");
	assert_json(*state, "hold reader-app/acme", 0);
	assert_json(*state, "unhold reader-app/acme", 0);
}

TEST_CASE(test_rolls_back)
{
	install_all(*state);
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_says(*state, "rollback linkage-app", 3, "There is no former version on this terminal to go back to.");
	assert_says(*state, "rollback linkage-app", 3, "linkage-app has no former release");
	assert_says(*state, "rollback face-library", 0,
		"face-library goes back from 5.1.0 to 5.0.2 with the next restart.\n");
	assert_says(*state, "status", 0, "Please restart: The former version comes back with the next restart.\n");
	assert_json(*state, "rollback face-library", 0);
}

/* ---- History and the rest. ---- */

static void add_history(struct agent_fixture *fixture)
{
	struct history_entry entry = {.operation = "fetch",
		.package = "face-library",
		.version = "5.1.0",
		.digest = DIGEST_B,
		.outcome = "failed",
		.error = ERROR_NETWORK,
		.detail = "no \"contact\", none"};
	struct error err = {0};

	assert_ok(history_add(fixture->terminal.store, &entry, &err), &err);
	entry = (struct history_entry){.operation = "stage",
		.package = "face-library",
		.version = "5.1.0",
		.digest = DIGEST_B,
		.outcome = "done"};
	assert_ok(history_add(fixture->terminal.store, &entry, &err), &err);
}

static void assert_rows(struct agent_fixture *fixture, const char *arguments, size_t count)
{
	AUTO(json) json_t *answer = ask_json(fixture, arguments, 0);

	assert_int_equal(json_array_size(json_object_get(answer, "rows")), count);
}

TEST_CASE(test_history_is_a_table)
{
	add_history(*state);
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_prints(*state, "history",
		"  No.  Time              Operation   Package       Version  Digest    Outcome\n"
		"  1    2026-01-10 12:00  download    face-library  5.1.0    bbbbbbbb  failed\n"
		"      no \"contact\", none\n"
		"  2    2026-01-10 12:00  make ready  face-library  5.1.0    bbbbbbbb  done\n");
}

TEST_CASE(test_history_is_csv_or_json_lines)
{
	add_history(*state);
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_says(*state, "history --csv", 0,
		"number,time,boot,operation,package,version,digest,outcome,error,detail,previous,row_digest\r\n1,"
		"\"2026-01-10T03:00:00Z\","
		"\"boot-1\",\"fetch\",\"face-library\",\"5.1.0\",\"" DIGEST_B
		"\",\"failed\",\"network\",\"no \"\"contact\"\", none\",");
	assert_says(*state, "history --jsonl --outcome done", 0, "{\"number\":2,\"time\":\"2026-01-10T03:00:00Z\"");
}

TEST_CASE(test_history_is_filtered_and_verified)
{
	add_history(*state);
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_rows(*state, "history", 2);
	assert_rows(*state, "history --limit 1", 1);
	assert_rows(*state, "history --package linkage-app", 0);
	assert_says(*state, "history --since yesterday", 2, "neither a day");
	assert_says(*state, "history verify", 0, "The history is sound: 2 rows");
	assert_json(*state, "history verify", 0);
}

TEST_CASE(test_explains_the_gate_that_decides)
{
	install_all(*state);
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_says(*state, "explain face-library", 0,
		"  =>  there is a newer version          not met  5.1.0 -> 5.1.0 (catalog)\n");
	assert_says(*state, "explain face-library", 0, "It is at its newest version: there is nothing to deliver.\n");
	assert_says(*state, "explain solitaire", 3, "'solitaire'");
	assert_json(*state, "explain", 0);
}

TEST_CASE(test_says_what_of_what_was_named_is_not_there)
{
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_says(*state, "install /etc", 3, "This folder holds no updates.");
	assert_says(*state, "install /nowhere", 3, "This folder cannot be opened.");
	assert_says(*state, "env nowhere", 3, "There is no environment of that name.");
	assert_says(*state, "report", 3, "There is no campaign to report on.");
}

TEST_CASE(test_version_asks_the_agent_too)
{
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_says(*state, "version", 0, "haishin " HAISHIN_VERSION "\nhaishind " HAISHIN_VERSION "\n");
	assert_json(*state, "version", 0);
}

TEST_CASE(test_what_a_server_or_a_person_wrote_does_not_act_on_the_terminal)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};

	assert_ok(pause_set(fixture->terminal.store, "", 0, "me", "\033[2Jgone", &err), &err);
	agent_fixture_start(fixture, JOB_WITHOUT_NEWS);
	assert_null(strchr(haishin(fixture, "status")->output, '\033'));
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
